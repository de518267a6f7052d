import { onAbort } from "../base/abort-listeners.ts"
import { TimeLimit } from "../base/time-limit.ts"
import { hold, release } from "../lifetime/keep-alive.ts"
import type { WaitLimits } from "../traffic/waiters.ts"
import type { SocketEndpoint } from "./socket-endpoint.ts"

/**
 * This tells how many messages of an endpoint were given up, or are not known to have arrived. A message for several peers
 * counts once for each.
 */
export interface Undelivered {
  /** This is the resolved endpoint of a bind(), or the given one of a connect(). */
  readonly address: string
  /** At most this many messages are missing. */
  readonly messages: number
}

/** This class holds the endpoints of a socket that are closed and still deliver messages. */
export class ClosingEndpoints {
  readonly #leaving = new Set<SocketEndpoint>()
  #over: () => void = () => {}

  add(endpoint: SocketEndpoint): void {
    this.#leaving.add(endpoint)
  }

  ended(endpoint: SocketEndpoint): void {
    if (this.#leaving.delete(endpoint) && this.#leaving.size === 0) this.#over()
  }

  /**
   * Resolves when all messages are delivered or given up. They are given up when the time is over or the signal aborted.
   * The wait keeps the process running.
   */
  async wait({ timeout, signal }: WaitLimits): Promise<Undelivered[]> {
    const endpoints = [...this.#leaving]
    const giveUp = () => {
      for (const endpoint of this.#leaving) endpoint.giveUp()
    }
    const over = new Promise<void>(resolve => {
      this.#over = resolve
    })
    const limit = timeout < 0 ? undefined : new TimeLimit(timeout, giveUp)
    const forget = signal && onAbort(signal, giveUp)
    hold()
    if (signal?.aborted) giveUp()
    if (this.#leaving.size > 0) await over
    release()
    limit?.stop()
    forget?.()
    return endpoints.filter(({ left }) => left > 0).map(({ address, left }) => ({ address, messages: left }))
  }
}
