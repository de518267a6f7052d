/** This file defines peers, the byte streams that lead to them, and the connections that carry messages. */
import type { PeerCertificate } from "./certificate.ts"
import type { Control, Message } from "./message.ts"
import type { PeerIdentity } from "./security.ts"

/** One end of a link has called connect(), and the other bind(). Patterns never see which. */
export type Role = "connect" | "bind"

/** This is what the peer has told about itself in the handshake. */
export interface RemotePeer {
  /** The ZMTP property Socket-Type, such as "PUSH". It is undefined when the peer did not tell, as libzmq allows. */
  readonly socketType: string | undefined
  /** The ZMTP property Identity. It is empty when the peer has not told one. */
  readonly routingId: Uint8Array
}

/** This is what our socket tells the peer about itself. */
export interface LocalPeer {
  /** The ZMTP property Socket-Type, such as "PUSH". */
  readonly socketType: string
  /** The ZMTP property Identity. It is empty when the socket has none. */
  readonly routingId: Uint8Array
  /** True when the handshake tells the peer the routing id, even an empty one. */
  readonly tellsRoutingId: boolean
}

/** A byte stream calls these methods of its sink. They are called with the sink as `this`. */
export interface ByteSink {
  /**
   * Bytes have arrived. The sink may read the chunk only until this method returns, and copies the bytes that it keeps.
   */
  data(chunk: Uint8Array): void
  /**
   * Returns memory for the next bytes, if the sink knows where they belong, such as in a large message. A stream that can
   * read straight into that memory may do so, and then calls filled() instead of data(). The stream calls vacancy() after
   * each data() or filled(), and at no other time.
   */
  vacancy?(): Uint8Array | undefined
  /**
   * Bytes have arrived in the memory that vacancy() returned last.
   *
   * @param count how many bytes, at least 1
   */
  filled?(count: number): void
  /** The stream has passed on all its bytes. It says so only after a write() that returned false. */
  drain(): void
  /**
   * The peer takes no more bytes, so that no drain() follows. The bytes that the peer has sent can still be read. The
   * stream calls closed() within about a second in any case, even if it is paused. It never calls writeFailed() while one
   * of its own methods runs.
   */
  writeFailed?(): void
  /**
   * The stream has closed. This is called exactly once, after all other calls.
   *
   * @param error the reason; undefined when the peer or we closed the stream in an orderly way, which after end() says
   *   moreover that the peer has taken all that was written
   */
  closed(error?: Error): void
}

/**
 * A byte stream carries bytes both ways, reliably and in order. After a reconnect there is a new one.
 *
 * - The stream delivers nothing before open(), which is called once.
 * - After pause() the stream delivers no data() until resume(). Meanwhile the medium holds the peer back. The stream
 *   delivers nothing while resume() runs.
 * - write() may be called before open(). If it returns false, drain() follows after open().
 * - end() sends what was written, tells the peer that nothing follows, and waits until the peer closes its side too. It
 *   drops what the peer still says. The wait has no limit of its own. destroy() closes the stream at once. Both may be
 *   called at any time, repeatedly, and from inside a call of the sink. closed() then follows in a later turn of the event
 *   loop.
 * - When the peer ends the stream, the stream first delivers all the peer's bytes and then closes.
 */
export interface ByteStream {
  /** Our end as an endpoint, such as "tcp://127.0.0.1:5555". It is used in events only. */
  readonly local: string
  /** The peer's end as an endpoint. It is used in events only. */
  readonly remote: string
  /**
   * A stream with a handshake of its own, such as that of TLS, has this property. The promise resolves when that handshake is
   * done: to the peer's certificate, or to undefined if the peer has shown none or the stream has closed. It never rejects.
   */
  readonly certificate?: Promise<PeerCertificate | undefined>
  /** Starts to read, and to call the sink. It is called once. */
  open(sink: ByteSink): void
  /**
   * Always takes the chunks, which the caller must not touch again. After end(), destroy() or closed() it drops them.
   *
   * @returns false when the caller had better wait for drain()
   */
  write(chunks: readonly Uint8Array[]): boolean
  /**
   * This many written bytes still wait for the medium. The number changes whenever the medium takes some of them, which
   * shows that the peer still reads. A stream that can't tell the number doesn't have this property.
   */
  readonly unwritten?: number
  /** Stops the calls of data() until resume(). */
  pause(): void
  /** Allows calls of data() again. They begin after resume() has returned. */
  resume(): void
  /**
   * From now on the stream notices within some minutes that the peer's machine has vanished, even if nothing is sent. end()
   * does the same. A stream whose peer can't vanish like that doesn't have this method.
   */
  probe?(): void
  /**
   * Sends what was written, and closes the stream when the peer has closed its side too.
   *
   * @param listening true to have what the peer still says delivered, if the stream {@link listensAfterEnd}
   */
  end(listening?: boolean): void
  /** True when end(true) doesn't drop what the peer still says. pause() and resume() then have effect until closed(). */
  readonly listensAfterEnd?: boolean
  /** Closes the stream at once. */
  destroy(error?: Error): void
}

/** These messages had arrived when a paused connection closed. */
export interface UnreadMessages {
  /** They hold this many bytes of memory from now on, because the connection is gone. */
  readonly bytes: number
  /** Returns the next message, or undefined when none is left. */
  next(): Message | undefined
  /** True when next() has returned undefined only because it has no time left in this turn of the event loop. */
  readonly postponed?: boolean
}

/**
 * A connection calls these methods of its sink. They are called with the sink as `this`. From inside message() or
 * control() the sink may pause, resume, end or destroy the connection, but it must not send.
 */
export interface ConnectionSink {
  /** A message has arrived. */
  message(message: Message): void
  /** A control of the peer's pattern has arrived. */
  control(control: Control): void
  /** The connection has room again. It says so only after a send() that returned false. */
  drain(): void
  /** The peer takes no more messages, so that no drain() follows. closed() follows soon. */
  writeFailed?(): void
  /**
   * The connection has closed. This is called exactly once, after all other calls.
   *
   * @param error the reason; undefined after an orderly close. A protocol code (see errors.ts) forbids to dial again.
   * @param unread messages that have arrived while the connection was paused, if there are any
   */
  closed(error?: Error, unread?: UnreadMessages): void
}

/**
 * A connection carries whole messages. It exists once the handshake, if there is one, is done. After a reconnect there
 * is a new one. For opening, pausing and closing, the rules of {@link ByteStream} hold.
 *
 * All messages that the peer has sent before it closed are delivered before closed(). A paused connection calls closed()
 * too, and hands over the messages with it, so that its sink learns of the end.
 */
export interface Connection {
  /** This is what the peer has told about itself. */
  readonly peer: RemotePeer
  /** This is what the security mechanism and the authenticators have found out about the peer, if there are any. */
  readonly identity?: PeerIdentity | undefined
  /** Our end as an endpoint. It is used in events only. */
  readonly local: string
  /** The peer's end as an endpoint. It is used in events only. */
  readonly remote: string
  /** True when send() needs the memory of small parts (see {@link Message}) no longer than until it returns. */
  readonly encodesAtOnce?: boolean
  /**
   * True when messages that send() has taken arrive even if this process or thread ends at once. Other connections are
   * ended in order first, because the system may throw away what it has taken.
   */
  readonly survivesExit?: boolean
  /** True when the peer is in the same thread. Messages queued for such a peer don't keep the thread from ending. */
  readonly inThread?: boolean
  /** Starts to read, and to call the sink. It is called once. */
  open(sink: ConnectionSink): void
  /**
   * Always takes the message. When the connection is lost or was ended, it drops the message, returns false, and no
   * drain() follows.
   *
   * @returns false when the caller had better wait for drain(); messages sent before that are still delivered
   */
  send(message: Message): boolean
  /**
   * How many messages send() has taken that the peer is not known to have: at most so many are lost if the connection ends
   * now. It can still be read after closed(). A connection that can lose none doesn't have this property.
   */
  readonly unconfirmed?: number
  /** Sends a control to the peer's pattern. Always takes it, even when {@link congested} is true. */
  control(control: Control): void
  /**
   * True while so many controls wait for the peer that others had better wait for drain(). A connection whose controls
   * never wait doesn't have this property.
   */
  readonly congested?: boolean
  /** Stops the calls of message() until resume(). */
  pause(): void
  /** Allows calls of message() again. They begin after resume() has returned. */
  resume(): void
  /**
   * Delivers what was sent, then closes the connection, if need be once the peer has closed its side. Messages that the
   * peer still sends are dropped.
   */
  end(): void
  /** Closes the connection at once. */
  destroy(error?: Error): void
}
