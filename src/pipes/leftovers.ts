/** The options that count here, live. */
interface LeftoverOptions {
  readonly receiveHighWaterMark: number
}

/** So many connections may leave all that they could bring in. */
const MOST_CONNECTIONS = 64

/**
 * What connections that are gone have left to be received. Each had its high-water mark, but peers may come, send and
 * go without end while the program doesn't receive. So beyond some limit new connections aren't read from before the
 * program has received enough; nothing is lost, and those that were there before are not held back.
 */
export class Leftovers {
  readonly #options: LeftoverOptions
  readonly #onBelowLimit: () => void
  #count = 0

  /** @param onBelowLimit is told when there were too many and aren't any more */
  constructor(options: LeftoverOptions, onBelowLimit: () => void) {
    this.#options = options
    this.#onBelowLimit = onBelowLimit
  }

  get tooMany(): boolean {
    const { receiveHighWaterMark } = this.#options
    return receiveHighWaterMark > 0 && this.#count >= receiveHighWaterMark * MOST_CONNECTIONS
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
