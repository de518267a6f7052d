/** The behaviour of a socket type, and the queues that it works on. */
import type { RemotePeer } from "./connection.ts"
import type { Control, Message } from "./message.ts"

/**
 * Two bounded queues between a socket and one peer. On the connecting side it lives as long as its connect():
 * messages queue in it before the peer exists and survive a reconnect. On the bound side it lives as long as
 * its connection.
 */
export interface Pipe {
  readonly id: number
  /** The peer of the moment; undefined while there is no connection. */
  readonly peer: RemotePeer | undefined
  /**
   * The name that connect() gave to the peer, whatever that calls itself (ZMQ_CONNECT_ROUTING_ID); undefined when it
   * gave none. For patterns that address their peers.
   */
  readonly connectRoutingId: Uint8Array | undefined
  /** True when tryWrite() would take a message. When it is false, the pattern's writable() follows once it isn't. */
  readonly canWrite: boolean
  /** True when tryRead() would return a message. */
  readonly canRead: boolean
  /** Takes the message or, at the high-water mark or after detach, refuses; then nothing has happened, and writable() follows. */
  tryWrite(message: Message): boolean
  tryRead(): Message | undefined
  /** Goes to the peer of the moment, ahead of queued messages; is dropped when there is none. */
  control(control: Control): void
  /** Closes the connection with this error, and drops what is unread; one with a protocol code (see errors.ts) forbids dialling again. */
  fail(error: Error): void
  /**
   * Has done with the peer: the pipe is detached, what is unread is dropped, what was written is still delivered within
   * the linger time, or half a minute where that is for ever. Then the connection ends, and is not made again.
   */
  close(): void
}

/**
 * The behaviour of one socket type: which pipe a message goes to, and which it comes from. Synchronous, and
 * try-only: the core parks callers and asks again when readable(), writable() or attach() may have changed the answer.
 * It needs no clock, socket or transport.
 */
export interface Pattern {
  /** A pipe joins. It may have no peer yet. */
  attach(pipe: Pipe): void
  /** The pipe takes no more messages. What it still holds is read on until tryRead() returns undefined. */
  detach(pipe: Pipe): void
  /** A new connection begins on an attached pipe; no message or control of it comes before. */
  connected?(pipe: Pipe): void
  /** The connection of the pipe ended; the pipe may live on. */
  disconnected?(pipe: Pipe): void
  control?(pipe: Pipe, control: Control): void
  /** The pipe had nothing to read and now has. */
  readable(pipe: Pipe): void
  /** The pipe refused a message, or said that it can't write, and now has room. */
  writable(pipe: Pipe): void
  /** Does some of the work that a lost connection has left behind; true while there is more. Called turn by turn. */
  tidy?(): boolean
  /** True when trySend() would take an ordinary message now. */
  canSend(): boolean
  /** True when tryReceive() would return a message now. */
  canReceive(): boolean
  trySend(message: Message): boolean
  tryReceive(): Message | undefined
  /** True when a peer is addressed by this routing id; connect() then can't give it to another. */
  hasPeer?(routingId: Uint8Array): boolean
  /**
   * Names whom alone the message is for. Who waits to send it then waits for that peer's sake only, and keeps nobody
   * waiting who has something for others.
   */
  addressee?(message: Message): string | undefined
  /** Why the operation is refused now, as an error code: "EAGAIN" when waiting may help. */
  refusal(
    operation: "send" | "receive",
    message?: Message,
  ): "EAGAIN" | "EFSM" | "ENOTSUP" | "EHOSTUNREACH" | "EINVAL" | "EMSGSIZE"
}
