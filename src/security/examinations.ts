import { TimeLimit } from "../base/time-limit.ts"

/** At most this many peers of a socket are examined at once. Others wait for their turn, within their `handshakeInterval`. */
const AT_ONCE = 64

/** A peer that has gone keeps its place for this many milliseconds, if its examination goes on for so long. */
const GRACE = 10_000

/** This class bounds how many peers of one socket are examined at once, because each may cost the authenticator much. */
export class Examinations {
  #running = 0
  readonly #waiting = new Set<() => void>()

  /**
   * Runs the task when there is room for it. Rejects when the signal is aborted. The place is free again when the task is
   * settled, because peers could otherwise start any number of tasks by leaving; or some time after the abort, because a task
   * may never end.
   */
  async run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#room(signal)
    if (signal.aborted) {
      this.#leave()
      throw signal.reason
    }
    const running = task()
    this.#leaveAfter(running, signal)
    return await Promise.race([running, aborted(signal)])
  }

  #leaveAfter(running: Promise<unknown>, signal: AbortSignal): void {
    let limit: TimeLimit | undefined
    let isOver = false
    const leave = () => {
      limit?.stop()
      signal.removeEventListener("abort", wait)
      if (!isOver) this.#leave()
      isOver = true
    }
    const wait = () => {
      limit = new TimeLimit(GRACE, leave)
    }
    signal.addEventListener("abort", wait, { once: true })
    running.then(leave, leave)
  }

  #room(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    this.#running++
    if (this.#running <= AT_ONCE) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const enter = () => {
        this.#waiting.delete(enter)
        signal.removeEventListener("abort", giveUp)
        resolve()
      }
      const giveUp = () => {
        this.#waiting.delete(enter)
        this.#running--
        reject(signal.reason)
      }
      this.#waiting.add(enter)
      signal.addEventListener("abort", giveUp, { once: true })
    })
  }

  #leave(): void {
    this.#running--
    const [next] = this.#waiting
    next?.()
  }
}

/** Rejects when the signal is aborted. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  })
}
