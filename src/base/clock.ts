/**
 * Timers, turns of the event loop, and time, as they were when the library was loaded. The globals of the same names are
 * not used anywhere: browser windows in Node (Electron, jsdom) replace them by ones that return numbers, and tests by
 * ones that stand still, which would stop all input and output. (A module's own bindings can't be replaced.)
 */
import { performance } from "node:perf_hooks"
import * as process from "node:process"
import * as timers from "node:timers"

// Looked up once, because the bundle that require() loads would look them up at each call.
const { setImmediate, setInterval, setTimeout, clearTimeout } = timers
const { hrtime, nextTick } = process

/** The longest time (ms) that the platform's timers can wait. Beyond it they fire at once. */
export const LONGEST_DELAY = 2 ** 31 - 1

export type Timer = NodeJS.Timeout

/** Milliseconds of a clock that is never set back; what they count from is of no meaning. */
export const now: () => number = performance.now.bind(performance)

/** Nanoseconds of such a clock, which is the same for all threads of the process. */
export const nanoseconds: () => bigint = hrtime.bigint

/** Runs when the current turn has no microtask left: what `await` loops produce in a turn is seen at once. */
export const afterMicrotasks: (task: () => void) => void = task => nextTick(task)

const RESOLVED = Promise.resolve()

/** Runs as the next microtask but those that are due already. What the task throws becomes an uncaught exception. */
export function inMicrotask(task: () => void): void {
  void RESOLVED.then(task).then(undefined, surface)
}

/** Throws where everybody can see it, and nobody is interrupted: as an uncaught exception. */
export function surface(error: unknown): void {
  nextTick(() => {
    throw error
  })
}

/** Runs after the event loop has looked at timers and input. */
export const nextTurn: (task: () => void) => void = task => void setImmediate(task)

/** A timer that keeps no process alive. A time that is longer than the platform can wait is shortened. */
export function unrefTimeout(task: () => void, milliseconds: number): Timer {
  return setTimeout(task, Math.min(milliseconds, LONGEST_DELAY)).unref()
}

/** A repeating timer that keeps no process alive. */
export function unrefInterval(task: () => void, milliseconds: number): Timer {
  return setInterval(task, Math.min(milliseconds, LONGEST_DELAY)).unref()
}

/** A timer that does nothing but keep the process alive, until it is cleared or unref() is called. */
export function keepingTimer(): Timer {
  return setInterval(() => {}, LONGEST_DELAY)
}

/** Stops a timer of either kind, if there is one. */
export function clearTimer(timer: Timer | undefined): void {
  clearTimeout(timer)
}
