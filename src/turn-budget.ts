import { nextTurn } from "./runtime.ts"

/**
 * Keeps `await` loops from starving the event loop: operations that complete at once settle in a microtask, but
 * each so many of them one settles only in the next turn, after timers and input had their chance.
 */
export class TurnBudget {
  readonly #size: number
  #left: number
  #next: Promise<void> | undefined

  constructor(size = 512) {
    this.#size = size
    this.#left = size
  }

  /** A promise of the value: settled already, or in the next turn when this turn's budget is spent. */
  settle<T>(value: T, operations = 1): Promise<T> {
    this.#left -= operations
    return this.#left > 0 ? Promise.resolve(value) : this.turn().then(() => value)
  }

  /** True when there is budget left; else wait for turn(). */
  spend(): boolean {
    return --this.#left > 0
  }

  turn(): Promise<void> {
    this.#next ??= new Promise(resolve =>
      nextTurn(() => {
        this.#left = this.#size
        this.#next = undefined
        resolve()
      }),
    )
    return this.#next
  }
}
