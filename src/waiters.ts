import type { Holds } from "./holds.ts"

/** Somebody who waits for an operation to become possible. */
export interface Waiter<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
  /** Stops the timer and the listening to the signal. */
  stop(): void
}

export interface WaitLimits {
  /** Milliseconds; -1 waits for ever. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
}

/** Those who wait, first come, first served. Each one holds the process, and leaves exactly once. */
export class Waiters<Item, Result> {
  readonly #waiting = new Set<Waiter<Item, Result>>()

  /**
   * @param expired is asked when a waiter's time is up; it settles the waiter.
   * @param gaveUp is told when a signal took a waiter out: the next one may have more luck.
   */
  constructor(
    readonly expired: (waiter: Waiter<Item, Result>) => void,
    readonly gaveUp: () => void,
    readonly holds: Holds,
  ) {}

  get length(): number {
    return this.#waiting.size
  }

  get first(): Waiter<Item, Result> | undefined {
    for (const waiter of this.#waiting) return waiter
    return undefined
  }

  wait(item: Item, limits: WaitLimits): Promise<Result> {
    return new Promise((resolve, reject) => {
      const { timeout, signal } = limits
      const aborted = () => {
        if (!this.leave(waiter)) return
        reject(signal?.reason)
        this.gaveUp()
      }
      const timer = timeout < 0 ? undefined : setTimeout(() => this.expired(waiter), timeout)
      const stop = () => {
        clearTimeout(timer)
        signal?.removeEventListener("abort", aborted)
      }
      const waiter: Waiter<Item, Result> = { item, resolve, reject, stop }
      signal?.addEventListener("abort", aborted)
      this.#waiting.add(waiter)
      this.holds.hold()
    })
  }

  /** Takes a waiter out; whoever does so settles it. False when it had left already. */
  leave(waiter: Waiter<Item, Result>): boolean {
    if (!this.#waiting.delete(waiter)) return false
    waiter.stop()
    this.holds.release()
    return true
  }
}
