import { LONGEST_DELAY } from "../base/runtime.ts"

/** These options are in milliseconds. */
export interface ReconnectOptions {
  readonly reconnectInterval: number
  readonly reconnectMaxInterval: number
}

/**
 * A backoff computes the wait before the next attempt to connect, as libzmq 4.3.5 does (zmq_setsockopt(3),
 * ZMQ_RECONNECT_IVL and ZMQ_RECONNECT_IVL_MAX). Without a maximum it is the interval plus a random part of up to one
 * interval. With a maximum the interval is doubled at each attempt, and there is no random part.
 */
export class Backoff {
  #current: number | undefined

  constructor(
    readonly options: ReconnectOptions,
    readonly random: () => number = Math.random,
  ) {}

  /** False when the options forbid to connect again. */
  get enabled(): boolean {
    return this.options.reconnectInterval > 0
  }

  /** Returns the milliseconds until the next attempt. */
  next(): number {
    const { reconnectInterval: base, reconnectMaxInterval: max } = this.options
    if (max <= 0) return Math.min(base + Math.floor(this.random() * base), LONGEST_DELAY)
    this.#current = Math.min(this.#current === undefined ? base : this.#current * 2, max)
    return this.#current
  }

  /** Is called after a successful connection. The next wait is short again. */
  reset(): void {
    this.#current = undefined
  }
}
