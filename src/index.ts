/** ZeroMQ message sockets in pure TypeScript. */

import { ZmqError } from "./base/errors.ts"

export { type InprocOptions, inproc } from "../transports/inproc.ts"
export { ipc } from "../transports/ipc.ts"
export { tcp } from "../transports/tcp.ts"
export { type ErrnoCode, type ProtocolCode, ZmqError, type ZmqErrorCode } from "./base/errors.ts"
export { transfer } from "./base/ownership.ts"
export type { MessageLike } from "./base/parts.ts"
export type { ContextOptions } from "./context/context.ts"
export type {
  ByteSink,
  ByteStream,
  Connection,
  ConnectionSink,
  LocalPeer,
  RemotePeer,
} from "./contracts/connection.ts"
export type { Control, Message as MessageParts } from "./contracts/message.ts"
export type {
  Listener,
  Transport,
  TransportEvent,
  TransportHost,
  TransportOptions,
} from "./contracts/transport.ts"
export { Context, context } from "./default-context.ts"
export type { Undelivered } from "./endpoints/closing-endpoints.ts"
export type {
  AuthError,
  ErrnoError,
  Event,
  EventOfType,
  EventSubscriber,
  EventType,
  ProtoError,
} from "./events/events.ts"
export { Observer } from "./events/observer.ts"
export { Proxy, type ProxyOptions } from "./socket/proxy.ts"
export type {
  ConnectOptions,
  ConnectOptions as RouterConnectOptions,
  ConnectOptions as StreamConnectOptions,
  DrainOptions,
} from "./socket/socket.ts"
export type { MessageIterator, OperationOptions, Readable, Writable } from "./socket/transfer.ts"
export {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Socket,
  type SocketOptions,
  Stream,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "./sockets.ts"

/** What one part of a received message is. */
export type Message = Buffer

/** The version of libzmq whose behaviour this library has; what the native package's users compare against. */
export const version: string = "4.3.5"

/** What this library can do, in the native package's terms. */
export const capability: Partial<
  Record<"ipc" | "pgm" | "tipc" | "norm" | "curve" | "gssapi" | "draft", boolean>
> = {
  ipc: true,
  pgm: false,
  tipc: false,
  norm: false,
  curve: false,
  gssapi: false,
  draft: false,
}

/**
 * A new pair of keys for CURVE, in Z85, 40 characters each.
 * Throws ENOTSUP: CURVE is not here yet, see {@link capability}.
 */
export function curveKeyPair(): { publicKey: string; secretKey: string } {
  throw new ZmqError("ENOTSUP", { reason: "there is no CURVE yet" })
}
