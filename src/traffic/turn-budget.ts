import { nextTurn } from "../base/runtime.ts"

const DONE = Promise.resolve()

/**
 * This class keeps `await` loops from blocking the event loop. Operations that complete at once settle in a microtask.
 * After a fixed number of them, one settles only in the next turn, after timers and input.
 */
export class TurnBudget {
  readonly #size: number
  #left: number
  /** These functions settle the operations that wait for the next turn. */
  #postponed: (() => void)[] = []
  /** This promise is shared by all waiting operations that have no value. */
  #turn: Promise<void> | undefined

  constructor(size = 512) {
    this.#size = size
    this.#left = size
  }

  /** Returns a promise of the value. It settles at once, or in the next turn when this turn's budget is spent. */
  settle<T>(value: T, operations = 1): Promise<T> {
    this.#left -= operations
    return this.#left > 0 ? Promise.resolve(value) : this.#postpone(value)
  }

  /**
   * Does the same as settle() for operations without a value. All that are postponed in one turn share a promise, because
   * there may be many calls that nobody awaits.
   */
  spend(): Promise<void> {
    return --this.#left > 0 ? DONE : this.#nextTurn()
  }

  #nextTurn(): Promise<void> {
    this.#turn ??= this.#postpone(undefined)
    return this.#turn
  }

  // All operations settle after the same number of steps, because a receiver must not fall behind its sender.
  #postpone<T>(value: T): Promise<T> {
    return new Promise(resolve => {
      if (this.#postponed.push(() => resolve(value)) === 1) nextTurn(() => this.#begin())
    })
  }

  #begin(): void {
    this.#left = this.#size
    const postponed = this.#postponed
    this.#postponed = []
    this.#turn = undefined
    for (const settle of postponed) settle()
  }
}
