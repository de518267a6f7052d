import { clearTimer, unrefTimeout } from "../base/runtime.ts"
import type { ByteStream, Connection, LocalPeer } from "../contracts/connection.ts"
import type { MechanismFactory } from "../zmtp/mechanism.ts"
import { NullMechanism } from "../zmtp/mechanisms/null.ts"
import { tooSlow } from "./handshake-errors.ts"
import { type LinkOptions, ZmtpLink } from "./zmtp-connection.ts"

/** The socket options that ZMTP looks at (zmq_setsockopt(3)). */
export interface ZmtpOptions extends LinkOptions {
  /** Milliseconds for greeting and handshake together; 0 for ever. */
  readonly handshakeInterval: number
}

/**
 * Speaks ZMTP 3.1 over a fresh byte stream: greeting, handshake, then messages (RFC 37). Rejects, with the stream
 * destroyed, when the peer breaks the protocol (a protocol error), leaves (EPIPE, or the stream's own error), is
 * too slow (EAGAIN), or the signal is aborted (its reason).
 */
export function upgradeToZmtp(
  stream: ByteStream,
  local: LocalPeer,
  options: ZmtpOptions,
  signal?: AbortSignal,
  mechanism: MechanismFactory = peer => new NullMechanism(peer),
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const link = new ZmtpLink(stream, local, options, mechanism, failure => {
      clearTimer(timer)
      signal?.removeEventListener("abort", abort)
      if (failure === undefined) resolve(link)
      else reject(failure)
    })
    const abort = () => link.refuse(signal?.reason)
    const interval = options.handshakeInterval
    const timer = interval > 0 ? unrefTimeout(() => link.refuse(tooSlow(interval)), interval) : undefined
    signal?.addEventListener("abort", abort)
    if (signal?.aborted) abort()
    else link.start()
  })
}
