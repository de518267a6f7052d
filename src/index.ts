/** ZeroMQ message sockets in pure TypeScript. */

export { type InprocOptions, inproc } from "../transports/inproc.ts"
export { ipc } from "../transports/ipc.ts"
export { tcp } from "../transports/tcp.ts"
export type { ContextOptions } from "./context.ts"
export type {
  ByteSink,
  ByteStream,
  Connection,
  ConnectionSink,
  Control,
  Listener,
  LocalPeer,
  Message as MessageParts,
  RemotePeer,
  Transport,
  TransportEvent,
  TransportHost,
  TransportOptions,
} from "./contracts.ts"
export { Context, context } from "./default-context.ts"
export { type ErrnoCode, type ProtocolCode, ZmqError, type ZmqErrorCode } from "./errors.ts"
export type { Event, EventOfType, EventType } from "./events.ts"
export type { Undelivered } from "./farewell.ts"
export type { MessageLike } from "./message.ts"
export { Observer } from "./monitor.ts"
export { Proxy, type ProxyOptions } from "./proxy.ts"
export type { ConnectOptions, DrainOptions } from "./socket.ts"
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
export type { OperationOptions, Readable, Writable } from "./transfer.ts"

/** What one part of a received message is. */
export type Message = Buffer

/** The version of libzmq whose behaviour this library has; what the native package's users compare against. */
export const version = "4.3.5"

/** What this library can do, in the native package's terms. */
export const capability = {
  ipc: true,
  pgm: false,
  tipc: false,
  norm: false,
  curve: false,
  gssapi: false,
  draft: false,
} as const
