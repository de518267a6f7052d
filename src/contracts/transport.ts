/** How endpoints of one scheme are reached. */
import type { ByteStream, Connection, LocalPeer, RemotePeer } from "./connection.ts"

/** The addresses whose first `prefix` bits are those of `address`, which is an IPv4 or IPv6 address. */
export interface AddressRange {
  /** This is an IPv4 or IPv6 address. */
  readonly address: string
  /** This many of its leading bits count. */
  readonly prefix: number
}

/** The part of the socket's options that transports may look at; as it was when bind() or connect() was called. */
export interface TransportOptions {
  /** Longest queue of connections not yet accepted. */
  readonly backlog: number
  /** Milliseconds; 0 leaves it to the operating system. */
  readonly connectTimeout: number
  /** True when IPv6 addresses are allowed, and names that resolve to them. */
  readonly ipv6: boolean
  /** -1 leaves the operating system's default, 0 off, 1 on. */
  readonly tcpKeepalive: number
  /** Seconds of silence before the first probe; -1 leaves the operating system's default. */
  readonly tcpKeepaliveIdle: number
  /** Seconds between probes; -1 for the default. */
  readonly tcpKeepaliveInterval: number
  /** Unanswered probes after which the connection is lost; -1 for the default. */
  readonly tcpKeepaliveCount: number
  /** Only these may connect; everybody when it is empty. */
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

/** Only a transport can tell these of its work. They become events of the socket (zmq_socket_monitor(3)). */
export type TransportEvent = Listening | Dialling | Closed | TransportFailure

interface Listening {
  /** It listens now. */
  readonly type: "bind"
  /** This is the resolved endpoint. */
  readonly address: string
}

interface Dialling {
  /** A connection is being made in the background. */
  readonly type: "connect:delay"
}

interface Closed {
  /** A listener, or a connection that was never made, was closed. */
  readonly type: "close"
  /** This is the endpoint of a listener. Without an address the dialled endpoint is meant. */
  readonly address?: string
}

interface TransportFailure {
  /** It could not listen, though the address was well-formed; or not close; or not take a connection that came in. */
  readonly type: "bind:error" | "close:error" | "accept:error"
  /** This is the endpoint. */
  readonly address: string
  /** This is the reason. */
  readonly error: Error
}

/** The core lends this to a transport for one bind() or one connect(). */
export interface TransportHost {
  /** This end says this about itself. */
  readonly local: LocalPeer
  /** The options of the socket, as they were when bind() or connect() was called. */
  readonly options: TransportOptions
  /** Aborted when the endpoint is given up: a dial, or a listen under way, rejects then and leaves nothing behind. */
  readonly signal: AbortSignal
  /** Tells the socket of an event. */
  report(event: TransportEvent): void
  /**
   * Turns a fresh byte stream into a connection: checks that a peer is welcome, shakes hands, reports.
   * Rejects, with the stream destroyed, when that fails. Message transports have no use for it.
   */
  upgrade(stream: ByteStream): Promise<Connection>
  /**
   * For transports that carry messages: throws when this peer can't be taken now, and reports that. To be asked on both
   * sides before the peer may send; the connection is then to be handed over at once.
   */
  welcome(peer: RemotePeer): void
}

/** Takes an incoming connection, or the promise of one whose peer has still to shake hands. */
export type Accept = (incoming: Connection | Promise<Connection>) => void

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
  /** Endpoints of this transport begin with it, such as "tcp" in tcp://127.0.0.1:5555. */
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
   * Listens. Each incoming link is handed over at once, as a promise where it has to shake hands, so that a peer that is
   * slow to do so keeps nobody waiting; the core handles a rejection. Rejects with the errno codes of zmq_bind(3).
   */
  listen(address: string, host: TransportHost, accept: Accept): Promise<Listener>
  /**
   * As listen(), but is done when it returns, and throws. For transports that can; may refuse addresses that take
   * time with ENOTSUP.
   */
  listenSync?(address: string, host: TransportHost, accept: Accept): Listener
}
