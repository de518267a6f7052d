/**
 * What holds the process. Handles and timers of idle sockets hold nothing; a pending operation holds this one timer.
 */
import { keepingTimer, type Timer } from "../base/runtime.ts"

let holders = 0
let timer: Timer | undefined

/** The process stays alive until a release() for each hold(). */
export function hold(): void {
  if (holders++ > 0) return
  if (timer === undefined) timer = keepingTimer()
  else timer.ref()
}

export function release(): void {
  if (--holders === 0) timer?.unref()
}
