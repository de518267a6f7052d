/** The options that count here, live. */
interface LeftoverOptions {
  readonly receiveHighWaterMark: number
}

/** So many connections may leave all that they could bring in. */
const MOST_CONNECTIONS = 64
/** And so many bytes beside it, which nobody has looked at. */
const MOST_BYTES = 64 * 1024 * 1024

/**
 * What connections that are gone have left to be received. Each had its high-water mark, but peers may come, send and
 * go without end while the program doesn't receive. So beyond some limit new connections aren't read from before the
 * program has received enough; nothing is lost, and those that were there before are not held back. Only the bytes that
 * lay in the system's buffers when a peer was found to be gone are dropped beyond their limit, because nothing but
 * dropping them bounds them.
 */
export class Leftovers {
  readonly #options: LeftoverOptions
  readonly #onBelowLimit: () => void
  #count = 0
  #bytes = 0

  /** @param onBelowLimit is told when there were too many and aren't any more */
  constructor(options: LeftoverOptions, onBelowLimit: () => void) {
    this.#options = options
    this.#onBelowLimit = onBelowLimit
  }

  get tooMany(): boolean {
    const { receiveHighWaterMark } = this.#options
    return receiveHighWaterMark > 0 && this.#count >= receiveHighWaterMark * MOST_CONNECTIONS
  }

  /** False when so many bytes more are too many. */
  keep(bytes: number): boolean {
    if (this.#bytes + bytes > MOST_BYTES) return false
    this.#bytes += bytes
    return true
  }

  /** Bytes that were kept are received, or dropped. */
  drop(bytes: number): void {
    this.#bytes -= bytes
  }

  /** A connection is gone for good and has left so many messages. */
  add(messages: number): void {
    this.#count += messages
  }

  /** One of them was received. */
  take(): void {
    const before = this.tooMany
    this.#count--
    if (before && !this.tooMany) this.#onBelowLimit()
  }
}
