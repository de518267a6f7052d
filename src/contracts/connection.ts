/** Peers, the byte streams that lead to them, and the connections that carry messages. */
import type { Control, Message } from "./message.ts"

/** One end opened the link, the other was bound. Patterns never see it. */
export type Role = "connect" | "bind"

/** The far end has said this about itself. */
export interface RemotePeer {
  /** ZMTP Socket-Type, such as "PUSH"; undefined when the peer did not tell (libzmq accepts that). */
  readonly socketType: string | undefined
  /** ZMTP Identity; empty when the peer is anonymous. */
  readonly routingId: Uint8Array
}

/** This end says this about itself. */
export interface LocalPeer {
  /** ZMTP Socket-Type, such as "PUSH". */
  readonly socketType: string
  /** Empty when anonymous. */
  readonly routingId: Uint8Array
  /** True when ZMTP tells the peer the routing id, even an empty one. */
  readonly tellsRoutingId: boolean
}

/** A byte stream delivers to its sink. The functions need their `this`. */
export interface ByteSink {
  /** Bytes arrived. The chunk is the sink's only until this returns: what it wants to keep, it copies. */
  data(chunk: Uint8Array): void
  /**
   * Memory for the next bytes, where the sink knows where they belong, such as the rest of a large message. A stream
   * that can read straight into it may do so, and calls filled() instead of data(). It asks after each data() or
   * filled(), and at no other time.
   */
  vacancy?(): Uint8Array | undefined
  /** This many bytes, 1 at least, are in the memory that vacancy() returned last. */
  filled?(count: number): void
  /** After a write() that returned false: the stream has passed on all that it was given. */
  drain(): void
  /**
   * The far end takes nothing any more, so that no drain() follows. What it has sent is there to be read to its end, if
   * need be in spite of an earlier pause(). closed() follows in any case, within about a second. Not told from inside a
   * call of the stream.
   */
  writeFailed?(): void
  /** Exactly once, and last. Without an error the peer closed in an orderly way, or we did. */
  closed(error?: Error): void
}

/**
 * A reliable, ordered, two-way stream of bytes: one life of one link.
 *
 * - Nothing is delivered before open(), which is called once and starts the reading.
 * - After pause() no data() follows until resume(); the peer is held back by the medium itself. Nothing is delivered
 *   from inside resume().
 * - write() may precede open(); a drain() that it owes follows open().
 * - end() sends what was written, then closes; destroy() closes at once. Both may be called at any time,
 *   repeatedly, from inside a sink call too. closed() then follows in a later turn.
 * - An end sent by the peer closes the stream after all its bytes were delivered.
 */
export interface ByteStream {
  /** This end as an endpoint, such as "tcp://127.0.0.1:5555"; used in events only. */
  readonly local: string
  /** The far end as an endpoint; used in events only. */
  readonly remote: string
  /** Starts the reading. It is called once. */
  open(sink: ByteSink): void
  /**
   * Takes the chunks, always; the caller doesn't touch them again. False advises to wait for drain().
   * After end(), destroy() or closed() the chunks are dropped.
   */
  write(chunks: readonly Uint8Array[]): boolean
  /** Delivers no data() until resume(). */
  pause(): void
  /** Delivers data() again, later. */
  resume(): void
  /** Sends what was written, then closes. */
  end(): void
  /** Closes at once. */
  destroy(error?: Error): void
}

/** Messages that had come in when a connection closed, and that its sink had not wanted yet. */
export interface UnreadMessages {
  /** Bytes of memory that they hold beyond what they held while the connection stood. */
  readonly bytes: number
  /** The next message; undefined when there is none left. */
  next(): Message | undefined
}

/** Who listens to a connection. Its functions need their `this`. From inside message() or control() it may pause, resume, end or destroy, not send. */
export interface ConnectionSink {
  /** A message arrived. */
  message(message: Message): void
  /** The peer's pattern said something beside its messages. */
  control(control: Control): void
  /** After a send() that returned false: the connection has room again. */
  drain(): void
  /** The peer takes nothing any more, so that no drain() follows. closed() follows soon. */
  writeFailed?(): void
  /**
   * Exactly once, and last. An error with a protocol code (see errors.ts) forbids dialling again.
   * @param unread what has come in while the connection was paused, if there is any
   */
  closed(error?: Error, unread?: UnreadMessages): void
}

/**
 * One life of one link that carries whole messages, after any handshake.
 * Opening, pausing and closing follow the rules of {@link ByteStream}.
 * Messages of the peer that precede its close are all delivered before closed(), or handed over by it while the
 * connection is paused: a sink that wants no messages hears of the end all the same.
 */
export interface Connection {
  /** The far end has said this about itself. */
  readonly peer: RemotePeer
  /** This end as an endpoint; used in events only. */
  readonly local: string
  /** The far end as an endpoint; used in events only. */
  readonly remote: string
  /** True when send() is done with the small parts' memory (see {@link Message}) as soon as it returns. */
  readonly encodesAtOnce?: boolean
  /** True when the peer lives in this very thread: what is queued for it does not keep the thread from ending. */
  readonly inThread?: boolean
  /** Starts the reading. It is called once. */
  open(sink: ConnectionSink): void
  /**
   * Takes the message, always. False advises to wait for drain(); what is sent anyway is still delivered. Once the
   * link is lost or ended it returns false, drops the message, and no drain() follows.
   */
  send(message: Message): boolean
  /**
   * Messages that send() took and that may still be here: not known to have left as a whole. Still true after closed().
   * A connection that keeps none leaves it out.
   */
  readonly unsent?: number
  /** Tells the peer's pattern something beside the messages. */
  control(control: Control): void
  /** Delivers no message() until resume(). */
  pause(): void
  /** Delivers message() again, later. */
  resume(): void
  /** Delivers what was sent, then closes. What the peer still sends is dropped. */
  end(): void
  /** Closes at once. */
  destroy(error?: Error): void
}
