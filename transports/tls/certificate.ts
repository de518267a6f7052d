import type { TLSSocket } from "node:tls"
import type { PeerCertificate } from "../../src/contracts/certificate.ts"

/** Returns the certificate that the peer has shown; undefined when it has shown none. */
export function peerCertificate(socket: TLSSocket, verified: boolean): PeerCertificate | undefined {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return undefined
  const { subject, subjectAltName, fingerprint256 } = certificate
  return { verified, subject: subject ?? "", subjectAltNames: namesIn(subjectAltName), fingerprint256 }
}

/** One name of Node's list; Node quotes a name that would look like several, or like another. */
const NAME = /(?:[^,"]|"(?:[^"\\]|\\.)*")+/g

/** Splits Node's list of names, which are separated by commas. */
export function namesIn(list: string | undefined): readonly string[] {
  return [...(list ?? "").matchAll(NAME)].map(([name]) => name.trim())
}
