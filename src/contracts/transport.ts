/** This file defines transports, which reach the endpoints of one scheme. */
import type { ByteStream, Connection, LocalPeer, RemotePeer } from "./connection.ts"

/** A range contains all addresses that begin with the same `prefix` bits as `address`. */
export interface AddressRange {
  /** This is an IPv4 or IPv6 address. */
  readonly address: string
  /** This many of its leading bits count. */
  readonly prefix: number
}

/** These options of a socket may be used by transports. They are as they were when bind() or connect() was called. */
export interface TransportOptions {
  /** At most this many connections wait to be accepted. */
  readonly backlog: number
  /** An attempt to connect may take this many milliseconds. With 0 the operating system decides. */
  readonly connectTimeout: number
  /** True when IPv6 addresses are allowed, and names that resolve to them. */
  readonly ipv6: boolean
  /** TCP keepalive is off with 0 and on with 1. With -1 the operating system decides. */
  readonly tcpKeepalive: number
  /** The first probe follows after this many seconds of silence. With -1 the operating system decides. */
  readonly tcpKeepaliveIdle: number
  /** This many seconds pass between two probes. With -1 the operating system decides. */
  readonly tcpKeepaliveInterval: number
  /** The connection is lost after this many unanswered probes. With -1 the operating system decides. */
  readonly tcpKeepaliveCount: number
  /** Only peers with these addresses may connect. When the list is empty, everybody may. */
  readonly tcpAcceptFilter: readonly AddressRange[]
  /** The type of service of the packets, from 0 to 255. It is 0 by default. */
  readonly typeOfService: number
  /** A socket file that is bound gets these permissions. With -1 the operating system decides. */
  readonly ipcMode: number
  /** A socket file that is bound is given to the group of this number. With -1 the operating system decides. */
  readonly ipcGroup: number
  /** Connections are made through the SOCKS5 proxy at this `host:port`. With null there is no proxy. */
  readonly socksProxy: string | null
  /** A handshake may take this many milliseconds. With 0 there is no limit. */
  readonly handshakeInterval: number
  /** The socket queues this many received messages, or with 0 any number. Transports that grant credit use it. */
  readonly receiveHighWaterMark: number
}

/** A transport reports these events of its work. They become events of the socket (zmq_socket_monitor(3)). */
export type TransportEvent = Listening | Dialling | Closed | TransportFailure

interface Listening {
  /** The transport listens now. */
  readonly type: "bind"
  /** This is the resolved endpoint. */
  readonly address: string
}

interface Dialling {
  /** The transport makes a connection in the background. */
  readonly type: "connect:delay"
}

interface Closed {
  /** A listener was closed, or an attempt to connect was given up. */
  readonly type: "close"
  /** This is the endpoint of a listener. Without an address the dialled endpoint is meant. */
  readonly address?: string
}

interface TransportFailure {
  /** The transport could not listen at a well-formed address, close a listener, or accept a connection. */
  readonly type: "bind:error" | "close:error" | "accept:error"
  /** This is the endpoint. */
  readonly address: string
  /** This is the reason. */
  readonly error: Error
}

/** A transport is given a host for each bind() and each connect(). */
export interface TransportHost {
  /** This is what our socket tells the peer about itself. */
  readonly local: LocalPeer
  /** These are the options of the socket, as they were when bind() or connect() was called. */
  readonly options: TransportOptions
  /** It is aborted when the endpoint is given up. dial() or listen() then rejects, and leaves nothing behind. */
  readonly signal: AbortSignal
  /** Tells the socket of an event. */
  report(event: TransportEvent): void
  /**
   * Makes a connection of a new byte stream. It checks that the peer can be taken, does the handshake, and reports events.
   * When that fails, it destroys the stream and rejects. Transports that carry whole messages don't use it.
   */
  upgrade(stream: ByteStream): Promise<Connection>
  /**
   * Throws when this peer can't be taken now, and reports that. Transports that carry whole messages call it at both
   * ends, before either end may send. When it returns, the transport hands over the connection at once.
   */
  welcome(peer: RemotePeer): void
}

/** A transport calls this with an incoming connection, or with a promise of one whose handshake isn't done. */
export type Accept = (incoming: Connection | Promise<Connection>) => void

/** A listener listens at a bound endpoint. */
export interface Listener {
  /** This is the resolved endpoint with its scheme, such as "tcp://0.0.0.0:41234". */
  readonly endpoint: string
  /**
   * Stops listening, and frees the address. Accepted connections stay. It may be called more than once, and never rejects.
   */
  close(): Promise<void>
}

/**
 * A transport reaches the endpoints of one scheme. A Context is given its transports when it is made. A transport may have
 * state, as inproc has its names. Its methods are given addresses without the scheme, and it defines their grammar.
 */
export interface Transport {
  /** Endpoints of this transport begin with its scheme, such as "tcp" in tcp://127.0.0.1:5555. */
  readonly scheme: string
  /**
   * True when dial() waits, without a limit, until somebody is bound to the address. A lost connection is then dialled
   * again at once, without delay and event, unless it was lost with an error. So when one end of a connection is
   * destroyed with an error, the transport must close the other end with an error too, such as ECONNRESET.
   */
  readonly patient?: boolean
  /**
   * "messages" when the transport's connections carry whole messages by themselves, without upgrade(). Sockets that speak
   * raw bytes can't use such a transport. The default is "bytes".
   */
  readonly carries?: "bytes" | "messages"
  /**
   * False when no peer can come any more once this thread has nothing else to do. Messages queued for a peer that isn't
   * there then don't keep the thread from ending. The default is true.
   */
  readonly peersMayStillCome?: boolean
  /**
   * Returns true when somebody is bound to the address now. Only a transport of messages has it. Authentication handlers
   * (RFC 27) are asked over the transport `inproc`, and only if it has this method.
   */
  isBound?(address: string): boolean
  /** Throws EINVAL or ENAMETOOLONG (see errors.ts) for an address that these options can never connect to. */
  checkConnect(address: string, options: TransportOptions): void
  /** Throws EINVAL or ENAMETOOLONG for an address that can never be bound. */
  checkBind(address: string): void
  /** Makes one attempt to connect. When it rejects, the core dials again later, unless the error's code forbids that. */
  dial(address: string, host: TransportHost): Promise<Connection>
  /**
   * Listens at the address. Rejects with the errno codes of zmq_bind(3). The transport hands over each incoming link at
   * once, and as a promise if a handshake follows, because a slow peer must not make others wait. The core handles
   * the rejection of such a promise.
   */
  listen(address: string, host: TransportHost, accept: Accept): Promise<Listener>
  /**
   * Does the same as listen(), but is done when it returns, and throws its errors. A transport leaves it out if it can't do
   * that. It may throw ENOTSUP for addresses that take time.
   */
  listenSync?(address: string, host: TransportHost, accept: Accept): Listener
}
