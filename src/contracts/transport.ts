/** How endpoints of one scheme are reached. */
import type { ByteStream, Connection, LocalPeer } from "./connection.ts"

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
  readonly peersMayStillCome?: boolean
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
