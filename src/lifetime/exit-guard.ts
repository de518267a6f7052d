/**
 * The exit guard lets the process wait for queued messages before it ends. When the event loop has nothing left to do, but
 * messages are still queued, the process waits for their delivery as long as their linger says (zmq_ctx_term(3)).
 * `process.exit()` does not wait.
 */

import { onLoopEmpty, processId, sharedInProcess, writeWarning } from "../base/runtime.ts"
import { TimeLimit } from "../base/time-limit.ts"
import { hold, release } from "./keep-alive.ts"

/** A queue with messages may keep the process from ending. */
export interface QueueAtExit {
  /** The process may wait this many milliseconds for the queue. With -1 there is no limit. */
  readonly linger: number
  /** True when the linger may be the context's default, which the option `blocky` can change. */
  readonly blocky: boolean
  /** The process waits for the delivery now. Input is dropped if it could hide the end of the connection. */
  dropInputToNoticeEnd(): void
  /** Drops the queued messages. */
  abandon(): void
}

const WARN_AFTER = 500

class ExitGuard {
  readonly #undelivered = new Set<QueueAtExit>()
  #waiting: TimeLimit[] | undefined

  constructor() {
    onLoopEmpty(() => this.#waitForDelivery())
  }

  track(queue: QueueAtExit): void {
    this.#undelivered.add(queue)
    if (this.#waiting !== undefined) limit(queue, this.#waiting)
  }

  untrack(queue: QueueAtExit): void {
    this.#undelivered.delete(queue)
    this.changed()
  }

  changed(): void {
    if (this.#waiting !== undefined && !this.#anyWorthWaiting()) this.#stopWaiting(this.#waiting)
  }

  /** Queues without linger don't prolong the wait. They are dropped when the loop is empty the next time. */
  #anyWorthWaiting(): boolean {
    for (const queue of this.#undelivered) if (queue.linger !== 0) return true
    return false
  }

  #waitForDelivery(): void {
    const undelivered = this.#undelivered
    for (const queue of undelivered) if (queue.linger === 0) queue.abandon()
    if (undelivered.size === 0 || this.#waiting !== undefined) return
    hold()
    for (const queue of undelivered) queue.dropInputToNoticeEnd()
    const limits = [new TimeLimit(WARN_AFTER, () => this.#warn())]
    this.#waiting = limits
    for (const queue of undelivered) limit(queue, limits)
  }

  #stopWaiting(limits: TimeLimit[]): void {
    for (const each of limits) each.stop()
    this.#waiting = undefined
    release()
  }

  #warn(): void {
    const blocky = [...this.#undelivered].some(queue => queue.blocky)
    const advice = blocky ? " Set 'context.blocky = false' to change this behaviour." : ""
    writeWarning(
      `(node:${processId}) WARNING: Waiting for queued ZeroMQ messages to be delivered.${advice}\n`,
    )
  }
}

function limit(queue: QueueAtExit, limits: TimeLimit[]): void {
  if (queue.linger > 0) limits.push(new TimeLimit(queue.linger, () => queue.abandon()))
}

/** All copies of the library in a process share one guard, because each would else add listeners of its own. */
const guard = sharedInProcess("zeromq-ts.exit-guard/1", () => new ExitGuard())

/** The queue has messages now, and may keep the process from ending. */
export function trackUndelivered(queue: QueueAtExit): void {
  guard.track(queue)
}

/** The queue is empty now. */
export function untrackUndelivered(queue: QueueAtExit): void {
  guard.untrack(queue)
}

/** The linger of a queue may have changed. */
export function undeliveredChanged(): void {
  guard.changed()
}
