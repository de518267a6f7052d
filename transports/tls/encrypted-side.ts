import { Duplex } from "node:stream"
import type { TLSSocket } from "node:tls"
import type { ByteSink, ByteStream } from "../../src/contracts/connection.ts"

/** Hears what happens to the encrypted bytes. */
export interface EncryptedSideOwner {
  /** The peer takes no more bytes, but what it has sent can still be read. */
  writeFailed(): void
  /** TLS has been given all that the peer has sent, and nothing follows. */
  lowerEnded(): void
  /** The stream below has closed. What it has delivered may still wait to be decrypted. */
  lowerClosed(error?: Error): void
}

type Done = (error?: Error | null) => void

/** Node wraps a stream that is not its own in such an object, so that TLS can write to it. */
interface StreamWrap {
  readonly _handle: object | null
  finishWrite(handle: object, status: number): void
}

/** Node's TLS sockets have these members beyond their types. */
interface Inside {
  readonly _handle?: { readonly _parentWrap?: Partial<StreamWrap> } | null
}

/**
 * This is the stream below TLS in the form that Node's TLS takes: it reads and writes encrypted bytes. When TLS destroys it,
 * the stream below stays, because it may still have the last bytes to send.
 */
export class EncryptedSide implements ByteSink {
  readonly duplex: Duplex
  readonly #lower: ByteStream
  readonly #owner: EncryptedSideOwner
  /** Is called when the stream below takes bytes again. */
  #waiting: Done | undefined
  #writes = 0

  constructor(lower: ByteStream, owner: EncryptedSideOwner) {
    this.#lower = lower
    this.#owner = owner
    this.duplex = new Duplex({
      read: () => lower.resume(),
      write: (chunk, _, done) => this.#write([chunk], done),
      writev: (entries, done) =>
        this.#write(
          entries.map(({ chunk }) => chunk),
          done,
        ),
    })
    // This listener comes before Node's, so that the owner sees whether TLS has ended before the stream below.
    this.duplex.once("end", () => owner.lowerEnded())
  }

  /** True while the stream below takes nothing. */
  get blocked(): boolean {
    return this.#waiting !== undefined
  }

  /** Begins to read. */
  start(): void {
    this.#lower.open(this)
  }

  #write(chunks: readonly Uint8Array[], done: Done): void {
    this.#writes++
    if (this.#lower.write(chunks)) done()
    else this.#waiting = done
  }

  data(chunk: Uint8Array): void {
    // It is copied, because the chunk's memory is used again, and the bytes may have to wait.
    if (!this.duplex.push(Buffer.from(chunk))) this.#lower.pause()
  }

  drain(): void {
    const done = this.#waiting
    this.#waiting = undefined
    done?.()
  }

  writeFailed(): void {
    this.#owner.writeFailed()
  }

  closed(error?: Error): void {
    if (!this.duplex.destroyed) this.duplex.push(null)
    this.#owner.lowerClosed(error)
  }

  /**
   * Writes what the socket has encrypted, as far as the stream below takes it. Node writes a part of it, and the rest in the
   * next turn, because it must not be called back at once. At the exit of the process there is no next turn.
   *
   * @returns true when nothing is left
   */
  writeOut(socket: TLSSocket): boolean {
    const wrap = (socket as unknown as Inside)._handle?._parentWrap
    const handle = wrap?._handle
    if (wrap?.finishWrite === undefined || handle === undefined || handle === null) return false
    let before: readonly number[]
    do {
      before = [this.#writes, socket.writableLength]
      if (!this.blocked) wrap.finishWrite(handle, 0)
    } while (this.#writes !== before[0] || socket.writableLength !== before[1])
    return socket.writableLength === 0
  }
}
