import type { TLSSocket } from "node:tls"
import { ZmqError } from "../../src/base/errors.ts"
import { atExit, type ExitTask, isExiting, notAtExit } from "../../src/base/process-exit.ts"
import { nextTurn } from "../../src/base/runtime.ts"
import { TimeLimit } from "../../src/base/time-limit.ts"
import type { PeerCertificate } from "../../src/contracts/certificate.ts"
import type { ByteSink, ByteStream } from "../../src/contracts/connection.ts"
import { EncryptedSide, type EncryptedSideOwner } from "./encrypted-side.ts"
import { closedInHandshake, tlsError, truncated } from "./errors.ts"
import { type Handshake, type HandshakeOwner, handshakeLimit } from "./handshake.ts"
import { hasEnded, lengthOf, listenTo, type TlsSocketOwner, writeAll } from "./socket.ts"
import { followingState, OPEN, type TlsState } from "./stream-state.ts"

/** The writer had better wait when this many bytes are not encrypted yet. */
const LARGE = 64 * 1024

/** The peer may take this many milliseconds to read the answer to its end. */
const LAST_WRITES = 1000

/**
 * This is a byte stream that is encrypted by TLS over another byte stream. All that concerns the medium, such as failed
 * writes and lost machines, is left to the stream below. The handshake begins at once. What is written before its end
 * waits for it, so that nothing reaches a peer that isn't trusted.
 */
export class TlsStream implements ByteStream, EncryptedSideOwner, HandshakeOwner, TlsSocketOwner, ExitTask {
  readonly local: string
  readonly remote: string
  readonly certificate: Promise<PeerCertificate | undefined>
  readonly #lower: ByteStream
  readonly #encrypted: EncryptedSide
  readonly #socket: TLSSocket
  readonly #limit: TimeLimit | undefined
  #identified: (certificate: PeerCertificate | undefined) => void = () => {}
  #sink: ByteSink | undefined
  /** This is the sink while it takes input; undefined once input is dropped. */
  #receiver: ByteSink | undefined
  #state: TlsState = OPEN
  /** Holds what is written before the peer is trusted; undefined afterwards. */
  #early: Uint8Array[] | undefined = []
  #paused = true
  #lowerClosed = false
  #error: Error | undefined
  /** True when a write() returned false and no drain() has followed. */
  #owesDrain = false

  /** @param interval the handshake may take this many milliseconds; with 0 there is no limit */
  constructor(lower: ByteStream, interval: number, handshake: Handshake) {
    this.#lower = lower
    this.local = lower.local
    this.remote = lower.remote
    this.certificate = new Promise(resolve => {
      this.#identified = resolve
    })
    this.#limit = handshakeLimit(interval, this)
    this.#encrypted = new EncryptedSide(lower, this)
    this.#socket = handshake(this.#encrypted.duplex, this)
    listenTo(this.#socket, this)
    this.#encrypted.start()
  }

  open(sink: ByteSink): void {
    this.#sink = sink
    if (this.#phase === "closed") nextTurn(() => sink.closed(this.#error))
    if (this.#phase !== "open") return
    this.#receiver = sink
    this.#socket.on("data", (chunk: Buffer) => this.#receiver?.data(chunk))
    this.resume()
    if (this.#owesDrain) nextTurn(() => this.#drainIfEmpty())
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#phase !== "open" || chunks.length === 0) return true
    // The peer has left, so the chunks are dropped and no drain() follows. closed() comes after the end of the input.
    if (this.#error !== undefined) return false
    if (this.#early !== undefined) {
      this.#early.push(...chunks)
      this.#owesDrain = true
      return false
    }
    this.#write(chunks)
    if (isExiting()) this.#encrypted.writeOut(this.#socket)
    // TLS passes its bytes on in the next turn. Only when that is held up there is something to wait for.
    if (!this.#encrypted.blocked && this.#socket.writableLength < LARGE) return true
    this.#owesDrain = true
    return false
  }

  get unwritten(): number {
    return lengthOf(this.#early) + this.#socket.writableLength + (this.#lower.unwritten ?? 0)
  }

  pause(): void {
    if (this.#phase !== "open") return
    this.#paused = true
    this.#socket.pause()
  }

  resume(): void {
    if (this.#phase !== "open" || this.#sink === undefined) return
    this.#paused = false
    this.#socket.resume()
  }

  end(): void {
    if (this.#phase !== "open") return
    this.#become({ name: "ending" })
    this.#receiver = undefined
    this.#paused = false
    this.#socket.resume()
    this.#endIfFlushed()
  }

  destroy(error?: Error): void {
    if (this.#phase === "destroyed" || this.#phase === "closed") return
    this.#become({ name: "destroyed" })
    this.#error ??= error
    this.#receiver = undefined
    this.#limit?.stop()
    notAtExit(this)
    if (this.#lowerClosed) nextTurn(() => this.#finish())
    else this.#lower.destroy()
  }

  /** A getter, so that the compiler doesn't take for constant what a call may have changed. */
  get #phase(): TlsState["name"] {
    return this.#state.name
  }

  #become(next: TlsState): void {
    const left = this.#state
    this.#state = followingState(left, next)
    if (left.name === "answering") left.limit.stop()
  }

  secured(certificate: PeerCertificate | undefined): void {
    if (this.#phase !== "open" && this.#phase !== "ending") return
    this.#limit?.stop()
    this.#identified(certificate)
    const early = this.#early ?? []
    this.#early = undefined
    if (early.length > 0) this.#write(early)
    else if (this.#phase === "ending") this.#endIfFlushed()
  }

  /** The handshake has failed, or the peer has broken the protocol of TLS. */
  failed(error: Error): void {
    if (this.#phase === "answering") this.destroy()
    else if (this.#phase !== "leaving") this.destroy(tlsError(error))
  }

  // --- Output

  #write(chunks: readonly Uint8Array[]): void {
    writeAll(this.#socket, chunks, () => this.#written())
    if (!isExiting()) atExit(this)
  }

  #written(): void {
    if (this.#socket.writableLength > 0) return
    notAtExit(this)
    if (this.#phase === "ending") this.#endIfFlushed()
    else this.#drainIfEmpty()
  }

  #drainIfEmpty(): void {
    if (!this.#owesDrain || this.#sink === undefined || this.#phase !== "open") return
    if (this.#socket.writableLength > 0 || this.#error !== undefined || isExiting()) return
    this.#owesDrain = false
    this.#sink.drain()
  }

  /** Gives the stream below all that it takes, because the process exits. Queued messages follow by drain(). */
  exit(): void {
    if (this.#phase !== "open" && this.#phase !== "ending") return
    while (this.#encrypted.writeOut(this.#socket) && this.#phase === "open" && this.#owesDrain) {
      this.#owesDrain = false
      this.#sink?.drain()
    }
  }

  // --- The end

  /** Ends TLS once all is written. Before, what the peer has sent by now is read: see NetStream. */
  #endIfFlushed(): void {
    if (this.#socket.writableLength > 0 || this.#early !== undefined) return
    nextTurn(() =>
      nextTurn(() => {
        if (this.#phase === "ending") this.#socket.end()
      }),
    )
  }

  /** The stream below has taken all, and that nothing follows. */
  flushed(): void {
    if (this.#phase === "answering" || this.#socket.readableEnded) this.destroy()
    if (this.#phase !== "ending") return
    this.#become({ name: "leaving" })
    this.#lower.probe?.()
  }

  /** All that the peer has sent was read. */
  ended(): void {
    if (this.#phase === "ending")
      this.#error ??= new ZmqError("EPIPE", { reason: "the peer closed before it can have had everything" })
    if (this.#lowerClosed) this.#finish()
    else if (this.#phase === "leaving") this.destroy()
    else if (this.#phase === "open") this.#answerEnd()
  }

  #answerEnd(): void {
    this.#become({ name: "answering", limit: new TimeLimit(LAST_WRITES, () => this.destroy()) })
    this.#receiver = undefined
    this.#socket.end()
  }

  /** If TLS has not ended before the stream below, somebody else may have cut the connection. */
  lowerEnded(): void {
    if (this.#reads && !hasEnded(this.#socket)) this.#error ??= truncated()
  }

  writeFailed(): void {
    if (this.#phase === "open") this.#sink?.writeFailed?.()
  }

  lowerClosed(error?: Error): void {
    this.#lowerClosed = true
    if (this.#reads) this.#error ??= error ?? (this.#early && closedInHandshake())
    // A paused stream is not read to its end after an error, because nobody may ever resume it.
    const isStuck = error !== undefined && this.#paused && this.#sink !== undefined
    const isRead = this.#early !== undefined || this.#socket.readableEnded
    if (!this.#reads || isRead || isStuck) this.#finish()
  }

  /** True while it matters what the peer has sent. */
  get #reads(): boolean {
    return this.#phase === "open" || this.#phase === "ending" || this.#phase === "leaving"
  }

  #finish(): void {
    if (this.#phase === "closed") return
    this.#become({ name: "closed" })
    this.#limit?.stop()
    notAtExit(this)
    this.#receiver = undefined
    this.#identified(undefined)
    this.#socket.destroy()
    this.#sink?.closed(this.#error)
  }
}
