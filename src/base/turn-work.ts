import { nextTurn, surface } from "./clock.ts"

/** A turn of the event loop does this many units of work for its peers. A small frame is one unit: about a microsecond. */
export const WORK_PER_TURN = 4096

/** Each piece of work may take at least this many units, because peers that send little must not wait. */
const LEAST = 16

/** After this many spent units the end of the turn is awaited. Turns that spend less share one budget. */
const AWAITED_FROM = 256

/**
 * This class limits the work that one turn of the event loop does for all peers together.
 * The high-water marks don't limit it, because PINGs and the like are consumed as soon as they come. When the turn's
 * work is spent, the rest is done in later turns.
 */
class TurnWork {
  /** This many units are left. Code that does work subtracts them. It is below 0 when the last piece was large. */
  left = WORK_PER_TURN
  /** True between begin() and end(). */
  limited = false
  /** While a postponed task runs, this is its part of the turn's work. */
  #share = 0
  #awaiting = false
  #postponed: (() => void)[] = []

  /** Begins a piece of work. The caller stops when `left` is no more than the returned number. */
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

  /** Runs the task in a later turn. Tasks run in order, as many in one turn as its work allows. */
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

/** The work of this thread, for this copy of the library. */
export const turnWork = new TurnWork()
