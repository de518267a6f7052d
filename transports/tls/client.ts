import { isIP } from "node:net"
import { checkServerIdentity, connect, type PeerCertificate, type SecureContext } from "node:tls"
import { peerCertificate } from "./certificate.ts"
import type { Handshake } from "./handshake.ts"
import type { Sessions } from "./sessions.ts"

/** The client's side of handshakes needs these facts. */
export interface ClientSide {
  readonly context: SecureContext
  /** The server is told this name, and its certificate must have it; undefined for the host of the endpoint. */
  readonly servername: string | undefined
  /** True when the server must have a certificate that we trust. */
  readonly rejectUnauthorized: boolean
  readonly protocols: readonly string[] | undefined
  readonly sessions: Sessions
}

/** Does the client's side of a handshake with the host at this port. */
export function asClient(side: ClientSide, host: string, port: number): Handshake {
  const { context, rejectUnauthorized, protocols, sessions } = side
  const name = side.servername ?? host
  const key = `${name} ${host} ${port}`
  return (encrypted, owner) => {
    const session = sessions.get(key)
    const socket = connect({
      socket: encrypted,
      secureContext: context,
      // An address is no name for SNI (RFC 6066, 3), but the certificate must have it all the same.
      ...(isIP(name) === 0 && { servername: name }),
      checkServerIdentity: (_: string, certificate: PeerCertificate) =>
        checkServerIdentity(name, certificate),
      rejectUnauthorized,
      ...(protocols !== undefined && { ALPNProtocols: [...protocols] }),
      ...(session !== undefined && { session }),
    })
    socket.on("session", (next: Buffer) => sessions.set(key, next))
    socket.once("secureConnect", () => owner.secured(peerCertificate(socket, socket.authorized)))
    // A session that the server doesn't like any more must not fail the next attempt as well.
    socket.once("error", () => sessions.delete(key))
    return socket
  }
}
