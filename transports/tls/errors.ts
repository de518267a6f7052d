import { ZmqError } from "../../src/base/errors.ts"

const CODE = /^[A-Z][A-Z0-9_]*$/

/**
 * Makes a ZmqError of an error of Node's TLS, and keeps its code: that of OpenSSL for a certificate, such as
 * CERT_HAS_EXPIRED, or Node's for all else, such as ERR_TLS_CERT_ALTNAME_INVALID. Its text is kept as well.
 */
export function tlsError(error: Error): ZmqError {
  if (error instanceof ZmqError) return error
  const { code, message } = error as NodeJS.ErrnoException
  if (code === "ECONNRESET" || code === undefined || !CODE.test(code))
    return new ZmqError(code === "ECONNRESET" ? code : "EPROTO", { reason: message, cause: error })
  return new ZmqError(code, { message: textOf(error), reason: "TLS failed", cause: error })
}

/** OpenSSL's own texts have numbers, addresses and file names around the words. */
function textOf(error: Error): string {
  const { reason } = error as { reason?: unknown }
  return typeof reason === "string" ? reason : error.message
}

/** Makes the error of a handshake that has taken longer than this many milliseconds. */
export function tlsTooSlow(interval: number): ZmqError {
  return new ZmqError("EAGAIN", { reason: `the TLS handshake took longer than ${interval} ms` })
}

/** Makes the error of a connection whose end nobody has signed: somebody else may have cut it (RFC 8446, 6.1). */
export function truncated(): ZmqError {
  return new ZmqError("ECONNRESET", { reason: "the connection was cut, because TLS did not end it" })
}

/** Makes the error of a peer that has closed the connection during the TLS handshake. */
export function closedInHandshake(): ZmqError {
  return new ZmqError("EPIPE", { reason: "the peer closed during the TLS handshake" })
}
