/**
 * What holds the process. Handles and timers of idle sockets hold nothing; a pending operation holds this one timer.
 */
const LONGEST_TIMEOUT = 2 ** 31 - 1

let holders = 0
let timer: NodeJS.Timeout | undefined

/** The process stays alive until a release() for each hold(). */
export function hold(): void {
  if (holders++ > 0) return
  if (timer === undefined) timer = setInterval(() => {}, LONGEST_TIMEOUT)
  else timer.ref()
}

export function release(): void {
  if (--holders === 0) timer?.unref()
}
