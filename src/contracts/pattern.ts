/** A pattern is the behaviour of a socket type; pipes are the queues that it works on. */
import type { RemotePeer } from "./connection.ts"
import type { Control, Message } from "./message.ts"

/**
 * A pipe is two bounded queues between a socket and one peer. On the connecting side it lives as long as its connect():
 * messages queue in it before the peer exists and survive a reconnect. On the bound side it lives as long as
 * its connection.
 */
export interface Pipe {
  /** No other pipe of this thread has this number. */
  readonly id: number
  /** This is the peer of the moment; undefined while there is no connection. */
  readonly peer: RemotePeer | undefined
  /**
   * By this name connect() called the peer, whatever that calls itself (ZMQ_CONNECT_ROUTING_ID); undefined when it
   * gave no name. It is for patterns that address their peers.
   */
  readonly connectRoutingId: Uint8Array | undefined
  /** True when tryWrite() would take a message. When it is false, the pattern's writable() follows once it isn't. */
  readonly canWrite: boolean
  /** True when tryRead() would return a message. */
  readonly canRead: boolean
  /**
   * Queues the message for the peer. At the high-water mark, or after detach, it returns false instead: then nothing has
   * happened, and the pattern's writable() follows.
   */
  tryWrite(message: Message): boolean
  /** Takes the next message of the peer out of the queue; undefined when there is none. */
  tryRead(): Message | undefined
  /** Sends a control to the peer of the moment, ahead of queued messages. It is dropped when there is no peer. */
  control(control: Control): void
  /**
   * Closes the connection with this error. An error with a protocol code (see ZmqError) forbids to connect again.
   *
   * @param unread what becomes of the messages that can be read. They are dropped by default.
   */
  fail(error: Error, unread?: "dropped" | "kept"): void
  /**
   * Ends the dealings with the peer. The pipe is detached, and what is unread is dropped; what was written is still
   * delivered within the linger time, or half a minute where that is for ever. Then the connection ends, and is not made
   * again.
   */
  close(): void
}

/**
 * A pattern is the behaviour of one socket type: it decides which pipe a message goes to, and which it comes from. All
 * its methods answer at once: the socket lets callers wait, and asks again when readable(), writable() or attach() may
 * have changed the answer. A pattern needs no clock, socket or transport.
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
  /** The peer sent a control: it subscribes, or cancels a subscription. */
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
  /** Sends the message, or returns false; then nothing has happened. It must not keep the message. */
  trySend(message: Message): boolean
  /** Returns the next message for the program, which owns it from then on; undefined when there is none. */
  tryReceive(): Message | undefined
  /**
   * True when a peer is addressed by this routing id; connect() then can't give it to another. Without an id, whether any
   * is.
   */
  hasPeer?(routingId?: Uint8Array): boolean
  /**
   * True when a new peer that calls itself so has to wait, because another peer has this routing id and keeps it. For
   * patterns that address their peers by what these call themselves.
   */
  isTaken?(routingId: Uint8Array): boolean
  /**
   * Names the one peer that the message is for. A caller that waits to send it then keeps nobody waiting who has a
   * message for others.
   */
  addressee?(message: Message): string | undefined
  /** Returns the name by which {@link addressee} knows the pipe, also after it has left; undefined when it has none. */
  addressOf?(pipe: Pipe): string | undefined
  /** Says by an error code why the operation is refused now: "EAGAIN" when waiting may help. */
  refusal(
    operation: "send" | "receive",
    message?: Message,
  ): "EAGAIN" | "EFSM" | "ENOTSUP" | "EHOSTUNREACH" | "EINVAL" | "EMSGSIZE"
}
