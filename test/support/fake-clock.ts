/**
 * Stands in for src/base/clock.ts in tests that move time by hand: asks the globals at each call, which vitest's fake
 * timers replace. Each such test file says:
 *
 *     vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))
 */
import { vi } from "vitest"

type Clock = typeof import("../../src/base/clock.ts")

const { LONGEST_DELAY, afterMicrotasks, inMicrotask, keepingTimer, nanoseconds, surface, systemTime } =
  await vi.importActual<Clock>("../../src/base/clock.ts")

export { afterMicrotasks, inMicrotask, keepingTimer, LONGEST_DELAY, nanoseconds, surface, systemTime }

export const now: Clock["now"] = () => performance.now()
export const nextTurn: Clock["nextTurn"] = task => void setImmediate(task)
export const unrefTimeout: Clock["unrefTimeout"] = (task, milliseconds) =>
  setTimeout(task, Math.min(milliseconds, LONGEST_DELAY))
export const unrefInterval: Clock["unrefInterval"] = (task, milliseconds) =>
  setInterval(task, Math.min(milliseconds, LONGEST_DELAY))
export const clearTimer: Clock["clearTimer"] = timer => clearTimeout(timer)

/** Timers, and the time that they are measured with, are the test's; turns of the event loop are real. */
export function fakeClock(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] })
}

/** Lets so much time pass, and the event loop turn. */
export async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds)
  await new Promise<void>(resolve => setImmediate(resolve))
}
