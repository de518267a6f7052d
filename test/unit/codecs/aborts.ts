/** Random aborts, for either end of a link. */
import type { Random } from "../../suites/random.ts"

/** With the filler, so that neither the kernel nor a batch holds many of them, and senders have to wait. */
export interface Counted {
  readonly n: number
  readonly filler: Uint8Array
}

/** When to abort after an operation has begun. */
const MOMENTS: readonly ((abort: () => void) => void)[] = [
  abort => abort(),
  abort => queueMicrotask(abort),
  abort => process.nextTick(abort),
  abort => void setImmediate(abort),
  abort => void setImmediate(() => setImmediate(abort)),
  abort => void setTimeout(abort, 2),
  abort => void setTimeout(abort, 5),
]

export class Aborts {
  /** How many operations were aborted, and how many had happened nevertheless. */
  aborted = 0
  late = 0
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  /** Tries again and again, each time with a signal that aborts it at a random moment, until it has happened before. */
  async persist<T>(operation: (signal: AbortSignal) => Promise<T>): Promise<T> {
    for (;;) {
      const controller = new AbortController()
      const pending = operation(controller.signal)
      this.#random.pick(MOMENTS)?.(() => controller.abort(controller))
      try {
        const result = await pending
        if (controller.signal.aborted) this.late++
        return result
      } catch (error) {
        if (error !== controller) throw error
        this.aborted++
      }
      await this.pause()
    }
  }

  /** Now and then, so that the other end has to wait. */
  async pause(): Promise<void> {
    if (this.#random.chance(0.01)) await new Promise(resolve => setImmediate(resolve))
  }
}
