/** At most this many peers of a socket are examined at once. Others wait for their turn, within their `handshakeInterval`. */
const AT_ONCE = 64

/** This class bounds how many peers of one socket are examined at once, because each may cost the authenticator much. */
export class Examinations {
  #running = 0
  readonly #waiting = new Set<() => void>()

  /**
   * Runs the task when there is room for it. A place is free again when the task is settled or the signal is aborted, even if
   * the task never ends.
   */
  async run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#room(signal)
    try {
      return await Promise.race([task(), aborted(signal)])
    } finally {
      this.#leave()
    }
  }

  #room(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    this.#running++
    if (this.#running <= AT_ONCE) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const enter = () => {
        this.#waiting.delete(enter)
        signal.removeEventListener("abort", giveUp)
        resolve()
      }
      const giveUp = () => {
        this.#waiting.delete(enter)
        this.#running--
        reject(signal.reason)
      }
      this.#waiting.add(enter)
      signal.addEventListener("abort", giveUp, { once: true })
    })
  }

  #leave(): void {
    this.#running--
    const [next] = this.#waiting
    next?.()
  }
}

/** Rejects when the signal is aborted. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  })
}
