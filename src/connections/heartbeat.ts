import { clearTimer, type Timer, unrefInterval } from "../base/runtime.ts"
import { TimeLimit } from "../base/time-limit.ts"
import { transitions } from "../base/transitions.ts"

/** Milliseconds, as the socket options of the same names (zmq_setsockopt(3)). */
export interface HeartbeatOptions {
  /** Between two PINGs; 0 sends none. */
  readonly heartbeatInterval: number
  /** Longest time without a sign of life after a PING; -1 is as long as the interval, 0 for ever. */
  readonly heartbeatTimeout: number
  /** How long the peer is asked to bear our silence; 0 says nothing about it. */
  readonly heartbeatTimeToLive: number
}

export interface HeartbeatHost {
  /** Bytes of ours that wait for the peer to take others; 0 while the stream takes what it is given. */
  readonly backlog: number
  /** Not sent while there is a backlog, because a peer that takes nothing can't answer. */
  ping(timeToLive: number): void
  /** An answer to a PING that we can't read now. */
  pong(): void
  /** The peer is silent for too long. */
  expired(reason: string): void
}

/**
 * How often (ms) we answer while we don't read. We know only that the peer sends PINGs, not for how long it waits, and
 * shorter times than twice this one are rare.
 */
const UNASKED_INTERVAL = 100

/**
 * Watches whether the peer still lives (RFC 37, "Heartbeating").
 *
 * - A sign of life is any byte received, and that the peer takes bytes of a backlog of ours. It is dead when there is
 *   neither for the time-out. (libzmq counts whole messages received, so that a large part may not take its time.)
 * - While we don't read, silence proves nothing; that a backlog stands still does.
 * - While we don't read, PINGs of the peer lie unread, so it gets answers without them: else it would take us for dead
 *   because the program is slow.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  readonly #host: HeartbeatHost
  readonly #answer: Deadline
  readonly #lifetime: Deadline
  #pings: Timer | undefined
  #pongs: Timer | undefined
  /** True once the peer has sent a PING. */
  #watched = false
  #paused = false
  /** The backlog when the time for an answer began. */
  #backlog = 0

  constructor(options: HeartbeatOptions, host: HeartbeatHost) {
    this.#options = options
    this.#host = host
    this.#answer = new Deadline(ms => this.#unanswered(ms))
    this.#lifetime = new Deadline(ms => host.expired(`the peer's PING promised more within ${ms} ms`))
  }

  start(): void {
    const { heartbeatInterval } = this.#options
    if (heartbeatInterval > 0) this.#pings = unrefInterval(() => this.#ping(), heartbeatInterval)
  }

  /** Bytes arrived, or the peer has taken a backlog. */
  alive(): void {
    this.#answer.clear()
    this.#lifetime.clear()
  }

  /** A PING arrived, with the time within which the peer promises to be heard of; 0 for no promise. */
  pinged(timeToLive: number): void {
    this.#watched = true
    if (timeToLive > 0) this.#lifetime.set(timeToLive, this.#paused)
    if (this.#paused) this.#answerUnasked()
  }

  /** We don't read. PINGs are still sent: the peer may watch us. */
  suspend(): void {
    this.#paused = true
    this.#lifetime.hold()
    if (this.#isBlind) this.#answer.hold()
    this.#answerUnasked()
  }

  /** We read again; what time there was begins anew. */
  resume(): void {
    this.#paused = false
    this.#backlog = this.#host.backlog
    this.#lifetime.go()
    this.#answer.go()
  }

  stop(): void {
    clearTimer(this.#pings)
    this.#stopPongs()
    this.#watched = false
    this.alive()
  }

  /** No sign of life could be seen. */
  get #isBlind(): boolean {
    return this.#paused && this.#host.backlog === 0
  }

  #ping(): void {
    const { heartbeatInterval, heartbeatTimeout, heartbeatTimeToLive } = this.#options
    this.#host.ping(heartbeatTimeToLive)
    const timeout = heartbeatTimeout < 0 ? heartbeatInterval : heartbeatTimeout
    if (timeout > 0) this.#expectAnswer(timeout)
  }

  #expectAnswer(timeout: number): void {
    if (this.#answer.set(timeout, this.#isBlind)) this.#backlog = this.#host.backlog
  }

  #unanswered(timeout: number): void {
    const { backlog } = this.#host
    if (backlog === this.#backlog) this.#host.expired(reasonOf(backlog, timeout))
    else this.#expectAnswer(timeout)
  }

  #answerUnasked(): void {
    if (!this.#watched || this.#pongs !== undefined) return
    this.#pongs = unrefInterval(() => {
      if (this.#paused) this.#host.pong()
      else this.#stopPongs()
    }, UNASKED_INTERVAL)
  }

  #stopPongs(): void {
    clearTimer(this.#pongs)
    this.#pongs = undefined
  }
}

function reasonOf(backlog: number, timeout: number): string {
  if (backlog > 0) return `no sign of life for ${timeout} ms, and nothing taken of what waits`
  return `no sign of life for ${timeout} ms after a PING`
}

type DeadlineState =
  | { readonly name: "off" }
  /** It will run, from its beginning, once go() is called. */
  | { readonly name: "held"; readonly milliseconds: number }
  | { readonly name: "running"; readonly milliseconds: number; readonly limit: TimeLimit }

const OFF: DeadlineState = { name: "off" }

const following = transitions<DeadlineState["name"]>("a deadline", {
  off: ["held", "running"],
  held: ["off", "held", "running"],
  running: ["off", "held", "running"],
})

/** A time limit that can be set, held, and set again. */
class Deadline {
  readonly #expired: (milliseconds: number) => void
  #state: DeadlineState = OFF

  constructor(expired: (milliseconds: number) => void) {
    this.#expired = expired
  }

  /**
   * A limit that runs already stays: the silence is counted from its beginning.
   *
   * @param hold true when it shall wait for go()
   * @returns true when it begins
   */
  set(milliseconds: number, hold: boolean): boolean {
    if (this.#state.name === "running") return false
    if (hold) this.#become({ name: "held", milliseconds })
    else this.#run(milliseconds)
    return true
  }

  clear(): void {
    if (this.#state.name !== "off") this.#become(OFF)
  }

  hold(): void {
    const { name } = this.#state
    if (name === "running") this.#become({ name: "held", milliseconds: this.#state.milliseconds })
  }

  go(): void {
    if (this.#state.name !== "off") this.#run(this.#state.milliseconds)
  }

  #run(milliseconds: number): void {
    const expire = () => {
      this.#become(OFF)
      this.#expired(milliseconds)
    }
    this.#become({ name: "running", milliseconds, limit: new TimeLimit(milliseconds, expire) })
  }

  #become(next: DeadlineState): void {
    if (this.#state.name === "running") this.#state.limit.stop()
    this.#state = following(this.#state, next)
  }
}
