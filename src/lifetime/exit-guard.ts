/**
 * Undelivered messages and the end of the process. When the event loop has run empty, but there are messages that the
 * peers don't have, their linger decides: the process waits that long for them to be delivered (zmq_ctx_term(3)).
 * `process.exit()` waits for nothing.
 */

import { nextTurn, onLoopEmpty, processId, sharedInProcess, writeWarning } from "../base/runtime.ts"
import { TimeLimit } from "../base/time-limit.ts"
import { hold, release } from "./keep-alive.ts"

/** A pipe, as the end of the process sees it. */
export interface PipeAtExit {
  /** Milliseconds; -1 for ever. */
  readonly linger: number
  /** True when the linger may be the context's default, which the option `blocky` can change. */
  readonly blocky: boolean
  /** True while messages are queued, or the end of the process could lose what was sent. */
  readonly undelivered: boolean
  /** Nobody reads any more: a full queue would keep the ends of connections from being noticed. */
  dropInputToNoticeEnd(): void
  /** The process waits until `undelivered` isn't true any more; what else has to be done for that is to be done now. */
  deliver(): void
  /** Gives up what is queued. */
  abandon(): void
  /** The time of the wait is over: gives up what is queued, and nothing is undelivered any more. */
  expire(): void
}

const WARN_AFTER = 500

/** The wait of a process for its messages to be delivered. */
interface Wait {
  readonly pipes: Set<PipeAtExit>
  readonly limits: TimeLimit[]
}

class ExitGuard {
  readonly #pipes = new Set<PipeAtExit>()
  #wait: Wait | undefined
  /** The loop was empty, and others had a turn to hear of that too: they may send something because of it. */
  #announced = false
  #warned = false

  constructor() {
    onLoopEmpty(() => this.#loopEmpty())
  }

  add(pipe: PipeAtExit): void {
    this.#pipes.add(pipe)
  }

  remove(pipe: PipeAtExit): void {
    this.#pipes.delete(pipe)
    this.changed(pipe)
  }

  changed(pipe: PipeAtExit): void {
    const wait = this.#wait
    if (wait === undefined || !wait.pipes.has(pipe)) return
    if (pipe.undelivered && pipe.linger !== 0 && this.#pipes.has(pipe)) pipe.deliver()
    else this.#settle(pipe, wait)
  }

  #loopEmpty(): void {
    const undelivered = [...this.#pipes].filter(pipe => pipe.undelivered)
    for (const pipe of undelivered) if (pipe.linger === 0) pipe.abandon()
    const worthwhile = undelivered.filter(pipe => pipe.linger !== 0)
    if (worthwhile.length === 0 || this.#wait !== undefined) return
    this.#announced = !this.#announced
    if (this.#announced) nextTurn(() => {})
    else this.#begin(worthwhile)
  }

  #begin(pipes: readonly PipeAtExit[]): void {
    const wait: Wait = { pipes: new Set(pipes), limits: [new TimeLimit(WARN_AFTER, () => this.#warn())] }
    this.#wait = wait
    hold()
    for (const pipe of this.#pipes) pipe.dropInputToNoticeEnd()
    for (const pipe of pipes) {
      this.#limit(pipe, wait)
      pipe.deliver()
    }
  }

  #limit(pipe: PipeAtExit, wait: Wait): void {
    const expire = () => {
      pipe.expire()
      this.#settle(pipe, wait)
    }
    if (pipe.linger > 0) wait.limits.push(new TimeLimit(pipe.linger, expire))
  }

  /** Waits no longer for it. What has become undelivered meanwhile is seen when the loop is empty again. */
  #settle(pipe: PipeAtExit, wait: Wait): void {
    if (!wait.pipes.delete(pipe) || wait.pipes.size > 0) return
    for (const limit of wait.limits) limit.stop()
    this.#wait = undefined
    release()
  }

  /** Warns once in the life of a process, however often it waits. */
  #warn(): void {
    if (this.#warned) return
    this.#warned = true
    const blocky = [...this.#pipes].some(pipe => pipe.undelivered && pipe.blocky)
    const advice = blocky ? " Set 'context.blocky = false' to change this behaviour." : ""
    writeWarning(
      `(node:${processId}) WARNING: Waiting for queued ZeroMQ messages to be delivered.${advice}\n`,
    )
  }
}

/** All copies of the library in a process have one: else each would add its own listeners, and hold the process by itself. */
const guard = sharedInProcess("zeromq-ts.exit-guard/1", () => new ExitGuard())

/** The pipe may have messages, from now on until forgetAtExit(). */
export function watchAtExit(pipe: PipeAtExit): void {
  guard.add(pipe)
}

export function forgetAtExit(pipe: PipeAtExit): void {
  guard.remove(pipe)
}

/** Its queue is empty, or its connection has ended. */
export function deliveryChanged(pipe: PipeAtExit): void {
  guard.changed(pipe)
}
