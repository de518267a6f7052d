import { clearTimer, type Timer, unrefInterval } from "../base/runtime.ts"
import { TimeLimit } from "../base/time-limit.ts"

/** Milliseconds, as the socket options of the same names (zmq_setsockopt(3)). */
export interface HeartbeatOptions {
  /** Between two PINGs; 0 sends none. */
  readonly heartbeatInterval: number
  /** Longest silence after a PING; -1 is as long as the interval, 0 for ever. */
  readonly heartbeatTimeout: number
  /** How long the peer is asked to bear our silence; 0 says nothing about it. */
  readonly heartbeatTimeToLive: number
}

export interface HeartbeatHost {
  /** False when no PING could be sent just now. */
  ping(timeToLive: number): boolean
  /** The peer is silent for too long. */
  expired(reason: string): void
}

/**
 * Watches whether the peer still lives (RFC 37, "Heartbeating"). Unlike libzmq, any byte received is a sign of
 * life, so that a large frame may take its time; and while we don't read, silence proves nothing.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  readonly #host: HeartbeatHost
  readonly #answer: Deadline
  readonly #lifetime: Deadline
  #pings: Timer | undefined

  constructor(options: HeartbeatOptions, host: HeartbeatHost) {
    this.#options = options
    this.#host = host
    this.#answer = new Deadline(ms => host.expired(`no sign of life for ${ms} ms after a PING`))
    this.#lifetime = new Deadline(ms => host.expired(`the peer's PING promised more within ${ms} ms`))
  }

  start(): void {
    const { heartbeatInterval } = this.#options
    if (heartbeatInterval > 0) this.#pings = unrefInterval(() => this.#ping(), heartbeatInterval)
  }

  /** Bytes arrived. */
  alive(): void {
    this.#answer.clear()
    this.#lifetime.clear()
  }

  /** A PING arrived, with the time within which the peer promises to be heard of. */
  pinged(timeToLive: number): void {
    this.#lifetime.set(timeToLive)
  }

  /** We don't read. PINGs are still sent: the peer may watch us. */
  suspend(): void {
    this.#answer.suspend()
    this.#lifetime.suspend()
  }

  /** We read again; what time there was begins anew. */
  resume(): void {
    this.#answer.resume()
    this.#lifetime.resume()
  }

  stop(): void {
    clearTimer(this.#pings)
    this.alive()
  }

  #ping(): void {
    const { heartbeatInterval, heartbeatTimeout, heartbeatTimeToLive } = this.#options
    if (!this.#host.ping(heartbeatTimeToLive)) return
    const timeout = heartbeatTimeout < 0 ? heartbeatInterval : heartbeatTimeout
    if (timeout > 0) this.#answer.set(timeout)
  }
}

/** A time limit that doesn't run while it is suspended. */
class Deadline {
  readonly #expired: (milliseconds: number) => void
  /** 0 when no limit is set. */
  #milliseconds = 0
  #limit: TimeLimit | undefined
  #suspended = false

  constructor(expired: (milliseconds: number) => void) {
    this.#expired = expired
  }

  /** A limit that is already set stays: the silence is counted from its beginning. */
  set(milliseconds: number): void {
    if (this.#milliseconds > 0) return
    this.#milliseconds = milliseconds
    if (!this.#suspended) this.#run()
  }

  clear(): void {
    if (this.#milliseconds === 0) return
    this.#milliseconds = 0
    this.#limit?.stop()
  }

  suspend(): void {
    this.#suspended = true
    this.#limit?.stop()
  }

  resume(): void {
    this.#suspended = false
    this.#limit?.stop()
    if (this.#milliseconds > 0) this.#run()
  }

  #run(): void {
    const milliseconds = this.#milliseconds
    this.#limit = new TimeLimit(milliseconds, () => this.#expired(milliseconds))
  }
}
