/**
 * Every interface that crosses a folder. This file imports nothing.
 *
 * A message crosses each line once, downwards when sent and upwards when received:
 * socket → pattern → pipe → connection → (ZMTP session →) byte stream.
 * Nothing below asks which socket type is above it, nothing above asks which transport is below.
 */

/**
 * One message: its parts in order, at least one. Nobody alters it but he whom it ends up with; so who hands the same one
 * to several marks it first (see shared() in ownership.ts).
 * Whoever is handed a Message may keep it, with one exception: on the way from send() to a pipe its small parts, of up
 * to 128 bytes, may lie in the caller's memory, who may write to it as soon as send() has returned. Patterns don't keep
 * what they send.
 */
export type Message = readonly Uint8Array[]

/** What patterns say to each other beside messages. Never counted against a high-water mark. */
export type Control =
  | { readonly type: "subscribe"; readonly topic: Uint8Array }
  | { readonly type: "cancel"; readonly topic: Uint8Array }

/** Which end opened the link. Patterns never see it. */
export type Role = "connect" | "bind"

/** What the far end has said about itself. */
export interface RemotePeer {
  /** ZMTP Socket-Type, such as "PUSH"; undefined when the peer did not tell (libzmq accepts that). */
  readonly socketType: string | undefined
  /** ZMTP Identity; empty when the peer is anonymous. */
  readonly routingId: Uint8Array
}

/** What this end says about itself. */
export interface LocalPeer {
  readonly socketType: string
  /** Empty when anonymous. */
  readonly routingId: Uint8Array
}

// ---------------------------------------------------------------------------------------------
// Bytes

/** Who listens to a byte stream. Its functions need their `this`. */
export interface ByteSink {
  /** Bytes arrived. The chunk is the sink's only until this returns: what it wants to keep, it copies. */
  data(chunk: Uint8Array): void
  /**
   * Memory for the next bytes, where the sink knows where they belong, such as the rest of a large message. A stream
   * that can read straight into it may do so, and calls filled() instead of data(). It asks after each data() or
   * filled(), and at no other time.
   */
  vacancy?(): Uint8Array | undefined
  /** So many bytes, 1 at least, are in the memory that vacancy() returned last. */
  filled?(count: number): void
  /** After a write() that returned false: the stream has passed on all that it was given. */
  drain(): void
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
  /** This end and the far end as endpoints, such as "tcp://127.0.0.1:5555"; used in events only. */
  readonly local: string
  readonly remote: string
  open(sink: ByteSink): void
  /**
   * Takes the chunks, always; the caller doesn't touch them again. False advises to wait for drain().
   * After end(), destroy() or closed() the chunks are dropped.
   */
  write(chunks: readonly Uint8Array[]): boolean
  pause(): void
  resume(): void
  end(): void
  destroy(error?: Error): void
}

// ---------------------------------------------------------------------------------------------
// Messages

/** Who listens to a connection. Its functions need their `this`. From inside message() or control() it may pause, resume, end or destroy, not send. */
export interface ConnectionSink {
  message(message: Message): void
  control(control: Control): void
  /** After a send() that returned false: the connection has room again. */
  drain(): void
  /** Exactly once, and last. An error with a protocol code (see errors.ts) forbids dialling again. */
  closed(error?: Error): void
}

/**
 * One life of one link that carries whole messages, after any handshake.
 * Opening, pausing and closing follow the rules of {@link ByteStream}.
 * Messages of the peer that precede its close are all delivered before closed().
 */
export interface Connection {
  readonly peer: RemotePeer
  /** This end and the far end as endpoints; used in events only. */
  readonly local: string
  readonly remote: string
  /** True when send() is done with the small parts' memory (see {@link Message}) as soon as it returns. */
  readonly encodesAtOnce?: boolean
  /** True when the peer lives in this very thread: what is queued for it does not keep the thread from ending. */
  readonly inThread?: boolean
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
  control(control: Control): void
  pause(): void
  resume(): void
  /** Delivers what was sent, then closes. What the peer still sends is dropped. */
  end(): void
  destroy(error?: Error): void
}

// ---------------------------------------------------------------------------------------------
// Transports

/** The addresses whose first `prefix` bits are those of `address`, which is an IPv4 or IPv6 address. */
export interface AddressRange {
  readonly address: string
  readonly prefix: number
}

/** The part of the socket's options that transports may look at; as it was when bind() or connect() was called. */
export interface TransportOptions {
  /** Longest queue of connections not yet accepted. */
  readonly backlog: number
  /** Milliseconds; 0 leaves it to the operating system. */
  readonly connectTimeout: number
  readonly ipv6: boolean
  /** -1 leaves the operating system's default, 0 off, 1 on. */
  readonly tcpKeepalive: number
  /** Seconds of silence before the first probe; -1 leaves the operating system's default. */
  readonly tcpKeepaliveIdle: number
  /** Seconds between probes, and how many of them go unanswered before the connection is lost; -1 for the default. */
  readonly tcpKeepaliveInterval: number
  readonly tcpKeepaliveCount: number
  /** Who may connect; everybody when it is empty. */
  readonly tcpAcceptFilter: readonly AddressRange[]
  /** 0 to 255; 0 is the default. */
  readonly typeOfService: number
  /** `host:port` of the SOCKS5 proxy to connect through; null for none. */
  readonly socksProxy: string | null
  /** Milliseconds that any shaking of hands may take; 0 for no limit. */
  readonly handshakeInterval: number
  /** Messages that the socket wants to have waiting, for transports that grant credit; 0 for any number. */
  readonly receiveHighWaterMark: number
}

/** What only a transport can tell of its work; becomes an event of the socket (zmq_socket_monitor(3)). */
export type TransportEvent =
  /** Listening; the address is the resolved endpoint. */
  | { readonly type: "bind"; readonly address: string }
  /** Could not listen, though the address was well-formed. */
  | { readonly type: "bind:error"; readonly address: string; readonly error: Error }
  /** A connection is being made in the background. */
  | { readonly type: "connect:delay" }
  /** A listener, or a connection that was never made, was closed. Without an address: the dialled endpoint. */
  | { readonly type: "close"; readonly address?: string }
  | { readonly type: "close:error"; readonly address: string; readonly error: Error }
  /** A connection came in but could not be taken. */
  | { readonly type: "accept:error"; readonly address: string; readonly error: Error }

/** What the core lends to a transport for one bind() or one connect(). */
export interface TransportHost {
  readonly local: LocalPeer
  readonly options: TransportOptions
  /** Aborted when the endpoint is given up: a dial, or a listen under way, rejects then and leaves nothing behind. */
  readonly signal: AbortSignal
  report(event: TransportEvent): void
  /**
   * Turns a fresh byte stream into a connection: checks that a peer is welcome, shakes hands, reports.
   * Rejects, with the stream destroyed, when that fails. Message transports have no use for it.
   */
  upgrade(stream: ByteStream): Promise<Connection>
}

/** A bound endpoint. */
export interface Listener {
  /** The resolved endpoint, scheme included, such as "tcp://0.0.0.0:41234". */
  readonly endpoint: string
  /** Stops listening, frees the name; accepted connections stay. Idempotent. Never rejects. */
  close(): Promise<void>
}

/**
 * How endpoints of one scheme are reached. A value handed to a Context; may hold state (inproc's names).
 * Addresses come without the scheme; their grammar is the transport's own.
 */
export interface Transport {
  readonly scheme: string
  /**
   * True when dial() itself waits, for as long as it takes, until somebody is there to connect to.
   * A lost connection is then dialled again at once, without delay or event, unless it was lost with an error. So the
   * far end of a connection that is destroyed with an error must be given one too (ECONNRESET, say).
   */
  readonly patient?: boolean
  /**
   * "messages" when its connections carry whole messages by themselves, without upgrade(): sockets that speak raw bytes
   * can't use it. "bytes" when it is left out.
   */
  readonly carries?: "bytes" | "messages"
  /**
   * False when nobody can come any more once this thread has nothing else to do: what is queued for a peer that isn't
   * there then keeps the thread from ending no longer. Default true.
   */
  readonly awaited?: boolean
  /** Throws EINVAL or ENAMETOOLONG (see errors.ts) for an address that can never be connected to, with these options. */
  checkConnect(address: string, options: TransportOptions): void
  /** Throws EINVAL or ENAMETOOLONG for an address that can never be bound. */
  checkBind(address: string): void
  /** One attempt. A rejection is followed by a further attempt, unless its code forbids that. */
  dial(address: string, host: TransportHost): Promise<Connection>
  /**
   * Listens. Each incoming link is handed over at once as a promise, so that a peer that is slow to shake
   * hands keeps nobody waiting; the core handles a rejection. Rejects with the errno codes of zmq_bind(3).
   */
  listen(
    address: string,
    host: TransportHost,
    accept: (connection: Promise<Connection>) => void,
  ): Promise<Listener>
  /**
   * As listen(), but is done when it returns, and throws. For transports that can; may refuse addresses that take
   * time with ENOTSUP.
   */
  listenSync?(
    address: string,
    host: TransportHost,
    accept: (connection: Promise<Connection>) => void,
  ): Listener
}

// ---------------------------------------------------------------------------------------------
// Pipes and patterns

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
  ): "EAGAIN" | "EFSM" | "ENOTSUP" | "EHOSTUNREACH" | "EINVAL"
}
