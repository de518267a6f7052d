/**
 * This file gives timers, turns of the event loop, and time, as they were when the library was loaded. The library uses
 * these instead of the globals of the same names, because those can be replaced. Browser windows in Node (Electron, jsdom)
 * have timers that return numbers, and tests have timers that stand still, which would stop all input and output.
 */
import { performance } from "node:perf_hooks"
import * as process from "node:process"
import * as timers from "node:timers"
import { MessageChannel } from "node:worker_threads"

// The functions are looked up once, because the bundle that require() loads would look them up at each call.
const { clearImmediate, clearTimeout, setImmediate, setInterval, setTimeout } = timers
const { hrtime, nextTick } = process

/** The platform's timers can wait at most this many milliseconds. With a longer time they fire at once. */
export const LONGEST_DELAY = 2 ** 31 - 1

export type Timer = NodeJS.Timeout

/** Returns the milliseconds of a clock that is never set back. They count from an arbitrary moment. */
export const now: () => number = performance.now.bind(performance)

/** Returns the nanoseconds of a clock that is never set back. All threads of the process have the same one. */
export const nanoseconds: () => bigint = hrtime.bigint

/** Returns the milliseconds since 1970 by the system's clock. It may be set back; the times of files are told by it. */
export const systemTime: () => number = Date.now

/** Runs the task when this turn has no microtask left. So it runs after all that `await` loops do. */
export const afterMicrotasks: (task: () => void) => void = task => nextTick(task)

const RESOLVED = Promise.resolve()

/** Runs the task after the microtasks that are due already. An error that it throws becomes an uncaught exception. */
export function inMicrotask(task: () => void): void {
  void RESOLVED.then(task).then(undefined, surface)
}

/** Throws the error later, as an uncaught exception, so that the caller is not interrupted. */
export function surface(error: unknown): void {
  nextTick(() => {
    throw error
  })
}

/** Runs the task after the event loop has looked at timers and input. */
export function nextTurn(task: () => void): void {
  awaitTurn(task)
}

let awaitTurn: (task: () => void) => void = firstTurn

/** Finds out, once, if setImmediate() is the platform's. A library that was loaded late may have got a test's fake. */
function firstTurn(task: () => void): void {
  const immediate: object | undefined = setImmediate(() => {})
  clearImmediate(immediate as NodeJS.Immediate | undefined)
  awaitTurn = immediate?.constructor.name === "Immediate" ? setsImmediate : closesPort
  awaitTurn(task)
}

function setsImmediate(task: () => void): void {
  setImmediate(task)
}

/**
 * Does the same without setImmediate(). A handle is closed at the end of a turn, after timers and input, and nobody fakes
 * that. setImmediate() is tried too, because it may be a platform's own that we don't know.
 */
function closesPort(task: () => void): void {
  let over = false
  const once = () => {
    if (over) return
    over = true
    clearImmediate(immediate)
    task()
  }
  const immediate = setImmediate(once)
  const { port1 } = new MessageChannel()
  port1.addEventListener("close", once)
  port1.close()
}

/** Starts a timer that doesn't keep the process alive. A time that is too long for the platform is shortened. */
export function unrefTimeout(task: () => void, milliseconds: number): Timer {
  return setTimeout(task, Math.min(milliseconds, LONGEST_DELAY)).unref()
}

/** Starts a repeating timer that doesn't keep the process alive. */
export function unrefInterval(task: () => void, milliseconds: number): Timer {
  return setInterval(task, Math.min(milliseconds, LONGEST_DELAY)).unref()
}

/** Starts a timer that only keeps the process alive, until it is cleared or its unref() is called. */
export function keepingTimer(): Timer {
  return setInterval(() => {}, LONGEST_DELAY)
}

/** Stops a timer of either kind, if there is one. */
export function clearTimer(timer: Timer | undefined): void {
  clearTimeout(timer)
}
