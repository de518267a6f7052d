import type { TLSSocket } from "node:tls"
import { closedInHandshake } from "./errors.ts"

/** Hears what happens to its TLS socket. */
export interface TlsSocketOwner {
  /** All that the peer has sent was read. */
  ended(): void
  /** The stream below has taken all, and that nothing follows. */
  flushed(): void
  /** The handshake has failed, or the peer has broken the protocol of TLS. */
  failed(error: Error): void
}

/** Makes a TLS socket tell its owner what happens to it. */
export function listenTo(socket: TLSSocket, owner: TlsSocketOwner): void {
  const fail = (error: Error) => owner.failed(error)
  socket.on("error", fail)
  // Node tells errors of a server's handshake by this event only.
  socket.on("_tlsError", fail)
  socket.on("end", () => owner.ended())
  socket.on("finish", () => owner.flushed())
  // The owner has closed before, unless Node has destroyed the socket without an error.
  socket.on("close", () => owner.failed(closedInHandshake()))
}

/** Writes the chunks as one, so that they share TLS records. It calls back when the stream below has taken them. */
export function writeAll(socket: TLSSocket, chunks: readonly Uint8Array[], written: () => void): void {
  const last = chunks.length - 1
  socket.cork()
  for (let i = 0; i < last; i++) socket.write(chunks[i]!)
  socket.write(chunks[last]!, written)
  socket.uncork()
}

/** Node's streams have this member beyond their types. */
interface Inside {
  readonly _readableState: { readonly ended: boolean }
}

/** True when the peer has ended TLS, even if not all that it has sent was read. */
export function hasEnded(socket: TLSSocket): boolean {
  return (socket as unknown as Inside)._readableState.ended
}

/** Returns how many bytes the chunks have together. */
export function lengthOf(chunks: readonly Uint8Array[] | undefined): number {
  return chunks === undefined ? 0 : chunks.reduce((sum, { length }) => sum + length, 0)
}
