import type { Duplex } from "node:stream"
import type { TLSSocket } from "node:tls"
import type { PeerCertificate } from "../../src/contracts/certificate.ts"

/** Hears how a handshake ends. */
export interface HandshakeOwner {
  /** The handshake is done, and the peer is trusted. */
  secured(certificate: PeerCertificate | undefined): void
  failed(error: Error): void
}

/** Begins a TLS handshake over encrypted bytes. */
export type Handshake = (encrypted: Duplex, owner: HandshakeOwner) => TLSSocket
