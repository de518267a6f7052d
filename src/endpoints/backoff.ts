import { LONGEST_DELAY } from "../base/runtime.ts"

/** Milliseconds. */
export interface ReconnectOptions {
  readonly reconnectInterval: number
  readonly reconnectMaxInterval: number
}

/**
 * How long to wait before the next attempt to connect, as libzmq 4.3.5 does it (zmq_setsockopt(3),
 * ZMQ_RECONNECT_IVL and ZMQ_RECONNECT_IVL_MAX): without a maximum, the interval plus a random part of up to one
 * interval; with a maximum, the interval doubled at each attempt, and no random part.
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

  /** Milliseconds until the next attempt. */
  next(): number {
    const { reconnectInterval: base, reconnectMaxInterval: max } = this.options
    if (max <= 0) return Math.min(base + Math.floor(this.random() * base), LONGEST_DELAY)
    this.#current = Math.min(this.#current === undefined ? base : this.#current * 2, max)
    return this.#current
  }

  /** A peer was there and took us: the next wait is short again. */
  reset(): void {
    this.#current = undefined
  }
}
