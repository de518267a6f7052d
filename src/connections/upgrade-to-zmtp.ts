import { TimeLimit } from "../base/time-limit.ts"
import type { ByteStream, Connection, LocalPeer } from "../contracts/connection.ts"
import type { Gate } from "../zmtp/mechanism.ts"
import { NullMechanism } from "../zmtp/mechanisms/null.ts"
import { tooSlow } from "./handshake-errors.ts"
import { ZmtpConnection, type ZmtpConnectionOptions } from "./zmtp-connection.ts"

/** ZMTP uses these socket options (zmq_setsockopt(3)). */
export interface ZmtpOptions extends ZmtpConnectionOptions {
  /** Greeting and handshake together may take this many milliseconds. With 0 there is no limit. */
  readonly handshakeInterval: number
}

/** A handshake gate may keep a peer waiting. */
export interface HandshakeGate extends Gate {
  /** This is the reason why the peer waits. It is undefined when the peer doesn't wait. */
  readonly obstacle: Error | undefined
  /** The handshake is over, with or without success. */
  close(): void
}

/** A gate controls its handshake by these methods. */
export interface GateControl {
  /** Continues the handshake, because the gate has opened. */
  wake(): void
  /** Ends the handshake. */
  refuse(failure: Error): void
}

/** The peer answers this many times: with three pieces of its greeting, and at most twice for the mechanism. */
const ROUNDS = 5

/**
 * Makes a ZMTP connection of a new byte stream, by greeting and handshake (RFC 37). The version is 3.1 or an older one.
 * When that fails it destroys the stream and rejects. The error is
 *
 * - a protocol error when the peer breaks the protocol
 * - EPIPE, or the stream's own error, when the peer closes the stream
 * - EAGAIN when the peer is too slow
 * - the gate's obstacle when the peer has waited too long, or the gate's failure when it refuses the peer
 * - the signal's reason when the signal is aborted
 */
export function upgradeToZmtp(
  stream: ByteStream,
  local: LocalPeer,
  options: ZmtpOptions,
  signal?: AbortSignal,
  openGate?: (control: GateControl) => HandshakeGate,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    let gate: HandshakeGate | undefined
    const refuse = (failure: unknown) => link.refuse(failure)
    const mechanism = (peer: LocalPeer, wake: () => void) => {
      gate = openGate?.({ wake, refuse })
      return new NullMechanism(peer, gate)
    }
    const link = new ZmtpConnection(stream, local, options, mechanism, failure => {
      limit?.stop()
      signal?.removeEventListener("abort", abort)
      gate?.close()
      if (failure === undefined) resolve(link)
      else reject(failure)
    })
    const abort = () => refuse(signal?.reason)
    const interval = options.handshakeInterval
    const expire = () => refuse(gate?.obstacle ?? tooSlow(interval))
    const limit = interval > 0 ? new TimeLimit(interval, expire, ROUNDS) : undefined
    signal?.addEventListener("abort", abort)
    if (signal?.aborted) abort()
    else link.start()
  })
}
