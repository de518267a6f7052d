/** This module exports ZeroMQ message sockets in pure TypeScript. */

export { type InprocOptions, inproc } from "../transports/inproc.ts"
export { ipc } from "../transports/ipc.ts"
export { type TcpOptions, tcp } from "../transports/tcp.ts"
export { type AnyErrorCode, type ErrnoCode, ZmqError, type ZmqErrorCode } from "./base/errors.ts"
export { peerOf } from "./base/message-peers.ts"
export { shared, transfer } from "./base/ownership.ts"
export type { MessageLike } from "./base/parts.ts"
export type { ProtocolCode } from "./base/protocol-codes.ts"
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
export type { Pattern, Pipe } from "./contracts/pattern.ts"
export type {
  Acceptance,
  Authenticator,
  AuthenticatorAnswer,
  HashOptions,
  PeerIdentity,
  PeerToAuthenticate,
  Refusal,
  RefusalStatus,
} from "./contracts/security.ts"
export type {
  Listener,
  Transport,
  TransportEvent,
  TransportHost,
  TransportOptions,
} from "./contracts/transport.ts"
export { Context, context } from "./default-context.ts"
export {
  type DefinedSocket,
  defineSocket,
  type NamedConnect,
  PatternSocket,
  type SocketClass,
  type SocketTypeRow,
} from "./define-socket.ts"
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
export type { OptionValues as SocketOptionValues } from "./options/table.ts"
export { allowKeys, allowUsers, hashPassword } from "./security/allow.ts"
export { type CurveKeyPair, curveKeyPair, curvePublicKey } from "./security/keys/key-pair.ts"
export { decodeZ85, encodeZ85 } from "./security/keys/z85.ts"
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

/** This is one part of a received message. */
export type Message = Buffer

/** This library behaves like this version of libzmq. The native package exports its libzmq's version under this name. */
export const version: string = "4.3.5"

/** The library can do some of what libzmq can be built with. */
interface Capability {
  /** The transport `ipc` is there. */
  ipc?: boolean
  /** The transports `pgm` and `epgm`, reliable multicast, are there. */
  pgm?: boolean
  /** The transport `tipc` is there. */
  tipc?: boolean
  /** The transport `norm` is there. */
  norm?: boolean
  /** The security mechanism CURVE is there. */
  curve?: boolean
  /** The security mechanism GSSAPI is there. */
  gssapi?: boolean
  /** The draft socket types are there. */
  draft?: boolean
}

/** This library can do these of the things that libzmq may be built with, in the native package's terms. */
export const capability: Capability = {
  ipc: true,
  pgm: false,
  tipc: false,
  norm: false,
  curve: true,
  gssapi: false,
  draft: false,
}
