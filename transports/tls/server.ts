import { type SecureContext, TLSSocket } from "node:tls"
import { ZmqError } from "../../src/base/errors.ts"
import { peerCertificate } from "./certificate.ts"
import type { Handshake } from "./handshake.ts"

/** The server's side of handshakes needs these facts. */
export interface ServerSide {
  readonly context: SecureContext
  /** The contexts for some names of this host, by lower-case names, of which the first label may be `*`. */
  readonly contexts: ReadonlyMap<string, SecureContext>
  /** True when clients are asked for their certificates. */
  readonly requestCert: boolean
  /** True when a client must have a certificate that we trust. */
  readonly rejectUnauthorized: boolean
  readonly protocols: readonly string[] | undefined
}

/** Node's TLS sockets have this member beyond their types. */
interface Inside {
  readonly _handle?: { verifyError(): NodeJS.ErrnoException | null | undefined } | null
}

/** Does the server's side of a handshake. */
export function asServer(side: ServerSide): Handshake {
  const { context, contexts, requestCert, rejectUnauthorized, protocols } = side
  return (encrypted, owner) => {
    const socket = new TLSSocket(encrypted, {
      isServer: true,
      secureContext: context,
      requestCert,
      rejectUnauthorized: requestCert && rejectUnauthorized,
      ...(protocols !== undefined && { ALPNProtocols: [...protocols] }),
      ...(contexts.size > 0 && { SNICallback: (name, done) => done(null, contextFor(name, contexts)) }),
    })
    socket.once("secure", () => {
      const error = requestCert ? distrust(socket) : undefined
      if (error !== undefined && rejectUnauthorized) owner.failed(error)
      else owner.secured(peerCertificate(socket, requestCert && error === undefined))
    })
    return socket
  }
}

/** Returns the reason why the client's certificate isn't trusted. Node checks it, but leaves the consequences to us. */
function distrust(socket: TLSSocket): Error | undefined {
  const handle = (socket as unknown as Inside)._handle
  if (handle === null || handle === undefined) return new ZmqError("ECONNRESET")
  return handle.verifyError() ?? undefined
}

/** Returns the context for a name, which may stand there with `*` for its first label (RFC 6125, 6.4.3). */
function contextFor(name: string, contexts: ReadonlyMap<string, SecureContext>): SecureContext | undefined {
  const host = name.toLowerCase()
  return contexts.get(host) ?? contexts.get(host.replace(/^[^.]+/, "*"))
}
