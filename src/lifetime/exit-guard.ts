/**
 * Undelivered messages and the end of the process. When the event loop has run empty but messages are still queued,
 * their linger decides: the process waits that long for them to be delivered (zmq_ctx_term(3)).
 * `process.exit()` waits for nothing.
 */

import { onLoopEmpty, processId, sharedInProcess, writeWarning } from "../base/runtime.ts"
import { TimeLimit } from "../base/time-limit.ts"
import { hold, release } from "./keep-alive.ts"

/** A queue that may keep the process from ending. */
export interface QueueAtExit {
  /** Milliseconds; -1 for ever. */
  readonly linger: number
  /** Whether the linger may come from the context's own default, so that the context can change it. */
  readonly blocky: boolean
  /** The process waits for the delivery: whatever else could keep that from ending is to make way. */
  dropInputToNoticeEnd(): void
  /** Gives up what is queued. */
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

  /** Queues without linger don't prolong the wait; the next time the loop is empty they are given up. */
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

/** All copies of the library in a process have one: else each would add its own listeners, and hold the process by itself. */
const guard = sharedInProcess("zeromq-ts.exit-guard/1", () => new ExitGuard())

export function trackUndelivered(queue: QueueAtExit): void {
  guard.track(queue)
}

export function untrackUndelivered(queue: QueueAtExit): void {
  guard.untrack(queue)
}

/** A queue's linger may be another one now. */
export function undeliveredChanged(): void {
  guard.changed()
}
