/** This file defines patterns, which are the behaviour of socket types, and the pipes that they read and write. */
import type { RemotePeer } from "./connection.ts"
import type { Control, Message } from "./message.ts"

/**
 * A pipe has two bounded queues between a socket and one peer. On the connecting side it exists from connect() to
 * disconnect(), so that messages can be queued before the peer is there, and are kept when the connection is made again.
 * On the bound side, and on both sides with the option `immediate`, it exists as long as its connection.
 */
export interface Pipe {
  /** No other pipe of this thread has this number. */
  readonly id: number
  /** This is the present peer. It is undefined while there is no connection. */
  readonly peer: RemotePeer | undefined
  /**
   * This is the routing id that our connect() has given the peer (ZMQ_CONNECT_ROUTING_ID). It goes before the id that the
   * peer tells, and is undefined when connect() gave none. Patterns that address their peers use it.
   */
  readonly connectRoutingId: Uint8Array | undefined
  /** True when tryWrite() would take a message. After false, the pattern's writable() is called when there is room. */
  readonly canWrite: boolean
  /** True when tryRead() would return a message. */
  readonly canRead: boolean
  /** True while a lost connection has left unread messages, which come before those of the next one. */
  readonly readsLeftovers?: boolean
  /**
   * Queues the message for the peer. At the high-water mark it does nothing and returns false, and the pattern's
   * writable() is called when there is room. After detach() it does nothing and returns false, and no writable() follows.
   */
  tryWrite(message: Message): boolean
  /** Takes the peer's next message out of the queue. Returns undefined when there is none. */
  tryRead(): Message | undefined
  /**
   * Holds back what the present peer sends, or lets it come again. A pattern calls this while controls of the peer wait in
   * it, because controls fill no queue whose limit would hold the peer back. A new connection is not held back.
   */
  holdBack(held: boolean): void
  /**
   * Sends a control to the present peer, ahead of queued messages. It is dropped when there is no peer.
   *
   * @returns false, having done nothing, while too many controls wait for the peer; writable() is called afterwards
   */
  control(control: Control): boolean
  /**
   * Closes the connection with this error. An error with a protocol code (see ZmqError) forbids to connect again.
   *
   * @param unread tells whether received messages that nobody has read yet are "dropped", which is the default, or "kept"
   */
  fail(error: Error, unread?: "dropped" | "kept"): void
  /**
   * Ends the pipe for good. It is detached, and unread messages are dropped. Messages that were written are still delivered
   * within the linger time, or within half a minute where that is infinite. Then the connection ends, and is not made
   * again.
   */
  close(): void
}

/**
 * A pattern is the behaviour of one socket type. It decides which pipe a message is written to, and which it is read
 * from. All its methods return at once, because the socket does the waiting: it asks the pattern again after
 * each event, such as readable(), writable() or attach(), that may have changed the answer. A pattern needs no clock,
 * socket or transport.
 */
export interface Pattern {
  /** A pipe is added. It may have no peer yet. */
  attach(pipe: Pipe): void
  /**
   * The pipe takes no more messages. The pattern still reads those that it holds, until tryRead() returns undefined.
   * readable() may follow all the same, because the peer may have left more than one turn of the event loop can look at.
   */
  detach(pipe: Pipe): void
  /** An attached pipe has a new connection. Its messages and controls come after this call. */
  connected?(pipe: Pipe): void
  /** The connection of the pipe has ended. The pipe may get another one. */
  disconnected?(pipe: Pipe): void
  /** The peer has sent a control, which begins or ends a subscription. */
  control?(pipe: Pipe, control: Control): void
  /** The pipe has a message to read, after it had none. */
  readable(pipe: Pipe): void
  /** The pipe has room again, after tryWrite() or canWrite has returned false. */
  writable(pipe: Pipe): void
  /**
   * Does a part of the work that was left for later turns. The socket calls it again in the next turn of
   * the event loop while it returns true, because one large piece of work would make others wait.
   *
   * @returns true while there is more to do
   */
  tidy?(): boolean
  /** The socket of a pattern that has tidy() sets this. The pattern calls it, at any time, when it leaves work for that. */
  onWorkLeft?: (() => void) | undefined
  /** True when trySend() would take an ordinary message now. */
  canSend(): boolean
  /** True when tryReceive() would return a message now. */
  canReceive(): boolean
  /** Sends the message, or does nothing and returns false. It must not keep the message (see {@link Message}). */
  trySend(message: Message): boolean
  /** Returns the next message for the program, which owns it from then on. Returns undefined when there is none. */
  tryReceive(): Message | undefined
  /**
   * True when a peer has this routing id, so that connect() can't give it to another one.
   *
   * @param routingId without it, the method tells whether there is any peer with a routing id
   */
  hasPeer?(routingId?: Uint8Array): boolean
  /**
   * True when another peer has this routing id and keeps it. A new peer that tells the same id then has to wait. Patterns
   * have this method if they address their peers by the ids that these tell.
   */
  isTaken?(routingId: Uint8Array): boolean
  /**
   * Returns the name of the one peer that the message is for. Messages for other peers then needn't wait for this one.
   */
  addressee?(message: Message): string | undefined
  /** Returns the pipe's name in {@link addressee}, also after detach(). Returns undefined when it has none. */
  addressOf?(pipe: Pipe): string | undefined
  /**
   * Returns the error code that tells why the operation is refused now. "EAGAIN" means that waiting may help.
   *
   * @param message the message that was to be sent, if there is one
   */
  refusal(
    operation: "send" | "receive",
    message?: Message,
  ): "EAGAIN" | "EFSM" | "ENOTSUP" | "EHOSTUNREACH" | "EINVAL" | "EMSGSIZE"
}
