/** How a handshake fails without the peer breaking the protocol: after these, dialling again may help. */
import { fromSystemError, ZmqError } from "../base/errors.ts"

export function tooSlow(interval: number): ZmqError {
  return new ZmqError("EAGAIN", { reason: `the handshake took longer than ${interval} ms` })
}

/** libzmq tells no reason when it refuses somebody, it just leaves: all we know is how far we had come. */
export function closedEarly(phase: string, error: Error | undefined): ZmqError {
  const reason = `the peer closed during the ${phase}`
  if (error === undefined) return new ZmqError("EPIPE", { reason })
  const { code, message } = fromSystemError(error)
  return new ZmqError(code, { message, reason, cause: error })
}
