/** A handshake can fail with these errors although the peer keeps to the protocol. Dialling again may help then. */
import { fromSystemError, protocolError, ZmqError } from "../base/errors.ts"

/** Makes the error of a handshake that has taken longer than this many milliseconds. */
export function tooSlow(interval: number): ZmqError {
  return new ZmqError("EAGAIN", { reason: `the handshake took longer than ${interval} ms` })
}

/**
 * Makes the error of a connection that the peer has closed during the handshake. A libzmq peer that refuses us tells no
 * reason, so that the error can only tell the phase.
 */
export function closedEarly(phase: string, error: Error | undefined): ZmqError {
  const reason = `the peer closed during the ${phase}`
  if (error === undefined) return new ZmqError("EPIPE", { reason })
  const { code, message, reason: own } = fromSystemError(error)
  return new ZmqError(code, { message, reason: own ?? reason, cause: error })
}

/** Makes the error of a peer that sends more than a whole handshake, although nobody has answered it yet. */
export function tooEager(): ZmqError {
  return protocolError("ERR_ZMTP_UNSPECIFIED", "the peer sends messages before it was let in")
}
