import type { Duplex } from "node:stream"
import type { TLSSocket } from "node:tls"
import { TimeLimit } from "../../src/base/time-limit.ts"
import type { PeerCertificate } from "../../src/contracts/certificate.ts"
import { tlsTooSlow } from "./errors.ts"

/** Hears how a handshake ends. */
export interface HandshakeOwner {
  /** The handshake is done, and the peer is trusted. */
  secured(certificate: PeerCertificate | undefined): void
  failed(error: Error): void
}

/** Begins a TLS handshake over encrypted bytes. */
export type Handshake = (encrypted: Duplex, owner: HandshakeOwner) => TLSSocket

/** The peer answers this many times before its side of a TLS handshake is done. */
const ROUNDS = 2

/** Limits the time of a handshake. With 0 milliseconds there is no limit. */
export function handshakeLimit(interval: number, owner: HandshakeOwner): TimeLimit | undefined {
  if (interval === 0) return undefined
  return new TimeLimit(interval, () => owner.failed(tlsTooSlow(interval)), ROUNDS)
}
