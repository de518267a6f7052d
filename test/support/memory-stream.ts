import type { ByteSink, ByteStream } from "../../src/contracts/connection.ts"

const HIGH_WATER_MARK = 64 * 1024

/** Two byte streams, each the far end of the other. All calls of sinks happen in a later turn. */
export function memoryPair(): [MemoryStream, MemoryStream] {
  const left = new MemoryStream("memory://left", "memory://right")
  const right = new MemoryStream("memory://right", "memory://left")
  left.peer = right
  right.peer = left
  return [left, right]
}

/** One end of a pair; see ByteStream for its rules. */
export class MemoryStream implements ByteStream {
  peer!: MemoryStream
  /** How often write() was called. */
  writes = 0
  readonly #inbox: Uint8Array[] = []
  #inboxBytes = 0
  #sink: ByteSink | undefined
  #paused = false
  #peerEnded = false
  #ended = false
  #closed = false
  #owesDrain = false
  #scheduled = false

  constructor(
    readonly local: string,
    readonly remote: string,
  ) {}

  get paused(): boolean {
    return this.#paused
  }

  get isClosed(): boolean {
    return this.#closed
  }

  open(sink: ByteSink): void {
    if (this.#sink !== undefined) throw new Error("opened twice")
    this.#sink = sink
    this.#schedule()
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#ended || this.#closed) return true
    this.writes++
    const room = this.peer.#accept(chunks)
    if (!room) this.#owesDrain = true
    return room
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#schedule()
  }

  end(): void {
    if (this.#ended || this.#closed) return
    this.#ended = true
    this.peer.#endOfInput()
  }

  destroy(error?: Error): void {
    if (this.#closed) return
    this.#close(error)
    this.peer.#endOfInput()
  }

  /** A fault of the medium, such as a reset. */
  break(error: Error): void {
    this.#close(error)
  }

  /** A write has failed: the peer has left. What it sent before, and its end, can still be read. */
  failWrite(): void {
    this.#sink?.writeFailed?.()
  }

  #accept(chunks: readonly Uint8Array[]): boolean {
    for (const chunk of chunks) {
      this.#inbox.push(chunk)
      this.#inboxBytes += chunk.length
    }
    this.#schedule()
    return this.#inboxBytes < HIGH_WATER_MARK
  }

  #endOfInput(): void {
    this.#peerEnded = true
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#deliver()
    })
  }

  #deliver(): void {
    while (this.#sink !== undefined && !this.#paused && !this.#closed) {
      const chunk = this.#inbox.shift()
      if (chunk === undefined) break
      this.#inboxBytes -= chunk.length
      this.#sink.data(chunk)
    }
    if (this.#inbox.length > 0) return
    this.peer.#drained()
    if (!this.#peerEnded || this.#sink === undefined || this.#closed) return
    this.#close()
    if (!this.peer.#closed) this.peer.#close()
  }

  #drained(): void {
    if (!this.#owesDrain || this.#closed) return
    this.#owesDrain = false
    setImmediate(() => {
      if (!this.#closed) this.#sink?.drain()
    })
  }

  #close(error?: Error): void {
    this.#closed = true
    setImmediate(() => this.#sink?.closed(error))
  }
}
