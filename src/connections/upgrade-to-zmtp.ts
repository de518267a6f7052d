import { TimeLimit } from "../base/time-limit.ts"
import type { ByteStream, Connection, LocalPeer } from "../contracts/connection.ts"
import type { Gate } from "../zmtp/mechanism.ts"
import { NullMechanism } from "../zmtp/mechanisms/null.ts"
import { tooSlow } from "./handshake-errors.ts"
import { type LinkOptions, ZmtpLink } from "./zmtp-connection.ts"

/** The socket options that ZMTP looks at (zmq_setsockopt(3)). */
export interface ZmtpOptions extends LinkOptions {
  /** Milliseconds for greeting and handshake together; 0 for ever. */
  readonly handshakeInterval: number
}

/** A gate that may keep a peer waiting. */
export interface HandshakeGate extends Gate {
  /** Why the peer waits; undefined when it doesn't. */
  readonly obstacle: Error | undefined
  /** The handshake is over, whatever its outcome. */
  close(): void
}

/** What a gate can do with its handshake: go on after the gate has opened, or end it. */
export interface GateControl {
  wake(): void
  refuse(failure: Error): void
}

/** A peer answers so often: with its greeting, and at most twice as the mechanism wants. */
const ROUNDS = 3

/**
 * Speaks ZMTP 3.1 over a fresh byte stream: greeting, handshake, then messages (RFC 37). Rejects, with the stream
 * destroyed, when the peer breaks the protocol (a protocol error), leaves (EPIPE, or the stream's own error), is
 * too slow (EAGAIN), is refused or kept waiting too long by the gate (the obstacle), or the signal is aborted (its reason).
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
    const link = new ZmtpLink(stream, local, options, mechanism, failure => {
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
