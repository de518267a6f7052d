/**
 * One timer keeps the process alive while operations are pending. Handles and other timers of sockets don't keep it alive.
 */
import { keepingTimer, type Timer } from "../base/runtime.ts"

let holders = 0
let timer: Timer | undefined

/** Keeps the process alive until each hold() has had its release(). */
export function hold(): void {
  if (holders++ > 0) return
  if (timer === undefined) timer = keepingTimer()
  else timer.ref()
}

/** Takes back one hold(). */
export function release(): void {
  if (--holders === 0) timer?.unref()
}
