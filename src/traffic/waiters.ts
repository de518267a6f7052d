import { onAbort } from "../base/abort-listeners.ts"
import { TimeLimit } from "../base/time-limit.ts"
import type { Holds } from "../lifetime/holds.ts"

/** A waiter is a call that waits until its operation is possible. */
export interface Waiter<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/** This is a waiter with its place in the list. */
interface QueuedWaiter<Item, Result> extends Waiter<Item, Result> {
  before: QueuedWaiter<Item, Result> | undefined
  behind: QueuedWaiter<Item, Result> | undefined
  left: boolean
  /** Stops the timer and the listening to the signal, where there are any. */
  stop: (() => void) | undefined
}

export interface WaitLimits {
  /** The wait ends after this many milliseconds; -1 means no limit. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
}

/** This list holds waiters in order of arrival. Each one keeps the process running, and leaves exactly once. */
export class Waiters<Item, Result> {
  #first: QueuedWaiter<Item, Result> | undefined
  #last: QueuedWaiter<Item, Result> | undefined
  #length = 0

  /**
   * @param expired is called when a waiter's time is up, and settles that waiter
   * @param onAbandoned is called when a signal took a waiter out, because the next one may be served now
   */
  constructor(
    readonly expired: (waiter: Waiter<Item, Result>) => void,
    readonly onAbandoned: (waiter: Waiter<Item, Result>) => void,
    readonly holds: Holds,
  ) {}

  get length(): number {
    return this.#length
  }

  get first(): Waiter<Item, Result> | undefined {
    return this.#first
  }

  wait(item: Item, limits: WaitLimits): Promise<Result> {
    return new Promise((resolve, reject) => {
      const before = this.#last
      const place: QueuedWaiter<Item, Result> = {
        item,
        resolve,
        reject,
        before,
        behind: undefined,
        left: false,
        stop: undefined,
      }
      if (before === undefined) this.#first = place
      else before.behind = place
      this.#last = place
      this.#length++
      if (limits.timeout >= 0 || limits.signal !== undefined) this.#limit(place, limits)
      this.holds.hold()
    })
  }

  /** Takes a waiter out; the caller must settle it. Returns false when it had left already. */
  leave(waiter: Waiter<Item, Result>): boolean {
    const place = waiter as QueuedWaiter<Item, Result>
    if (place.left) return false
    place.left = true
    const { before, behind } = place
    if (before === undefined) this.#first = behind
    else before.behind = behind
    if (behind === undefined) this.#last = before
    else behind.before = before
    // The links are cut, because an old waiter must not keep newer ones in memory.
    place.before = place.behind = undefined
    this.#length--
    place.stop?.()
    this.holds.release()
    return true
  }

  /** Takes out all waiters with this item, and rejects them. */
  withdraw(item: Item, reason: unknown): void {
    for (let place = this.#first; place !== undefined; ) {
      const { behind } = place
      if (place.item === item && this.leave(place)) place.reject(reason)
      place = behind
    }
  }

  #limit(place: QueuedWaiter<Item, Result>, { timeout, signal }: WaitLimits): void {
    const limit = timeout < 0 ? undefined : new TimeLimit(timeout, () => this.expired(place))
    const aborted = () => {
      if (!this.leave(place)) return
      place.reject(signal?.reason)
      this.onAbandoned(place)
    }
    const forget = signal && onAbort(signal, aborted)
    place.stop = () => {
      limit?.stop()
      forget?.()
    }
  }
}
