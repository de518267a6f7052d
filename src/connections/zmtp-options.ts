import type { HeartbeatOptions } from "./heartbeat.ts"

/** A connection uses these options. */
export interface ZmtpConnectionOptions extends HeartbeatOptions {
  /** A received frame may have this many bytes. With -1 there is no limit of the socket's own. */
  readonly maxMessageSize: number
}

/** ZMTP uses these socket options (zmq_setsockopt(3)). */
export interface ZmtpOptions extends ZmtpConnectionOptions {
  /** Greeting and handshake together may take this many milliseconds. With 0 there is no limit. */
  readonly handshakeInterval: number
}
