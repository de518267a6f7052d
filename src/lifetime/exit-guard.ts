/**
 * Undelivered messages and the end of the process. When the event loop has run empty but messages are still queued,
 * their linger decides: the process waits that long for them to be delivered (zmq_ctx_term(3)).
 * `process.exit()` waits for nothing.
 */

import {
  clearTimer,
  onLoopEmpty,
  processId,
  type Timer,
  unrefTimeout,
  writeWarning,
} from "../base/runtime.ts"
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

const undelivered = new Set<QueueAtExit>()
let installed = false
let waiting: Timer[] | undefined

export function trackUndelivered(queue: QueueAtExit): void {
  undelivered.add(queue)
  if (waiting !== undefined) limit(queue, waiting)
  if (installed) return
  installed = true
  onLoopEmpty(waitForDelivery)
}

export function untrackUndelivered(queue: QueueAtExit): void {
  undelivered.delete(queue)
  undeliveredChanged()
}

/** A queue's linger may be another one now. */
export function undeliveredChanged(): void {
  if (waiting !== undefined && !anyWorthWaiting()) stopWaiting(waiting)
}

/** Queues without linger don't prolong the wait; the next time the loop is empty they are given up. */
function anyWorthWaiting(): boolean {
  for (const queue of undelivered) if (queue.linger !== 0) return true
  return false
}

function waitForDelivery(): void {
  for (const queue of undelivered) if (queue.linger === 0) queue.abandon()
  if (undelivered.size === 0 || waiting !== undefined) return
  hold()
  for (const queue of undelivered) queue.dropInputToNoticeEnd()
  waiting = [unrefTimeout(warn, WARN_AFTER)]
  for (const queue of undelivered) limit(queue, waiting)
}

function limit(queue: QueueAtExit, timers: Timer[]): void {
  if (queue.linger > 0) timers.push(unrefTimeout(() => queue.abandon(), queue.linger))
}

function stopWaiting(timers: Timer[]): void {
  for (const timer of timers) clearTimer(timer)
  waiting = undefined
  release()
}

function warn(): void {
  const blocky = [...undelivered].some(queue => queue.blocky)
  const advice = blocky ? " Set 'context.blocky = false' to change this behaviour." : ""
  writeWarning(`(node:${processId}) WARNING: Waiting for queued ZeroMQ messages to be delivered.${advice}\n`)
}
