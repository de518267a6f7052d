import { nextTurn, surface } from "./clock.ts"

/** Units of work that a turn of the event loop has for what peers send. A small frame is one, of about a microsecond. */
export const WORK_PER_TURN = 4096

/** A piece of work has so many units in any case, so that a peer that sends little isn't kept waiting by the others. */
const LEAST = 16

/** From so many spent units on the end of the turn is awaited. Those of many turns of little work count together. */
const AWAITED_FROM = 256

/**
 * The work that a turn of the event loop does for what peers send, counted for all connections of the thread. What is
 * consumed as soon as it comes, such as PINGs, holds no peer back; without a limit one turn would take seconds while
 * timers and all else wait. Who finds the turn's work spent goes on in a later one.
 */
class TurnWork {
  /** Whoever works takes off what it has done; below 0 when the last piece was large. */
  left = WORK_PER_TURN
  /** True between begin() and end(). */
  limited = false
  /** Of a postponed task, while it runs: its part of the turn. */
  #share = 0
  #awaiting = false
  #postponed: (() => void)[] = []

  /** A piece of work begins. It ends once `left` has come down to the number that is returned. */
  begin(): number {
    this.limited = true
    return this.left - Math.max(LEAST, this.#share > 0 ? this.#share : this.left)
  }

  end(): void {
    this.limited = false
    this.spend(0)
  }

  spend(units: number): void {
    this.left -= units
    if (this.left <= WORK_PER_TURN - AWAITED_FROM) this.#awaitTurn()
  }

  /** Runs the task in a later turn, in the order of the calls, and as many in one turn as its work allows. */
  later(task: () => void): void {
    this.#postponed.push(task)
    this.#awaitTurn()
  }

  #awaitTurn(): void {
    if (this.#awaiting) return
    this.#awaiting = true
    nextTurn(() => this.#beginTurn())
  }

  #beginTurn(): void {
    this.#awaiting = false
    this.left = WORK_PER_TURN
    const tasks = this.#postponed
    this.#postponed = []
    let next = 0
    for (; next < tasks.length && this.left > 0; next++) this.#run(tasks[next]!, tasks.length - next)
    if (next < tasks.length) this.#postponed = [...tasks.slice(next), ...this.#postponed]
    if (this.#postponed.length > 0) this.#awaitTurn()
  }

  #run(task: () => void, waiting: number): void {
    this.#share = Math.max(LEAST, Math.ceil(this.left / waiting))
    try {
      task()
    } catch (error) {
      surface(error)
    } finally {
      this.#share = 0
    }
  }
}

/** That of this thread. */
export const turnWork = new TurnWork()
