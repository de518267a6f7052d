import { ZmqError } from "../base/errors.ts"
import { clearTimer, type Timer, unrefInterval } from "../base/runtime.ts"
import { TimeLimit } from "../base/time-limit.ts"
import { transitions } from "../base/transitions.ts"
import type { Connection } from "../contracts/connection.ts"
import { pingCommand, UNASKED_PONG } from "../zmtp/command.ts"
import type { Output } from "./output.ts"

/** These are the socket options of the same names, in milliseconds (zmq_setsockopt(3)). */
export interface HeartbeatOptions {
  /** This time passes between two PINGs. With 0 none is sent. */
  readonly heartbeatInterval: number
  /** The peer may be silent for this time after a PING. With -1 it is the interval, and with 0 there is no limit. */
  readonly heartbeatTimeout: number
  /** The peer is asked to close the connection when we are silent for this time. With 0 it is asked nothing. */
  readonly heartbeatTimeToLive: number
}

/**
 * While the connection is paused, a PONG is sent every 100 ms. We know that the peer sends PINGs, but not how long it
 * waits for an answer. It rarely waits for less than twice this time.
 */
const UNASKED_INTERVAL = 100

/**
 * A heartbeat checks that the peer is still there (RFC 37, "Heartbeating").
 *
 * - There are two signs of life: a byte was received, or the peer has taken bytes of our backlog. The connection is closed
 *   when there is neither within the time-out. libzmq counts only whole messages received; here a large part may take
 *   longer than the time-out.
 * - While the connection is paused, nothing is read, so that silence means nothing. Only a backlog that doesn't become
 *   smaller shows then that the peer is gone.
 * - While the connection is paused, PINGs of the peer are not read either. PONGs are sent all the same, because the peer
 *   would close the connection otherwise.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  readonly #output: Pick<Output, "backlog" | "command">
  readonly #connection: Pick<Connection, "destroy">
  readonly #answer: Deadline
  readonly #lifetime: Deadline
  #pings: Timer | undefined
  #pongs: Timer | undefined
  /** True once the peer has sent a PING. */
  #watched = false
  #paused: boolean
  /** This was the backlog when the time for an answer began. */
  #backlog = 0

  /** @param paused true when the connection is paused already */
  constructor(
    options: HeartbeatOptions,
    output: Pick<Output, "backlog" | "command">,
    connection: Pick<Connection, "destroy">,
    paused: boolean,
  ) {
    this.#options = options
    this.#output = output
    this.#connection = connection
    this.#paused = paused
    this.#answer = new Deadline(ms => this.#unanswered(ms))
    this.#lifetime = new Deadline(ms => this.#expired(`the peer's PING promised more within ${ms} ms`))
  }

  start(): void {
    const { heartbeatInterval } = this.#options
    if (heartbeatInterval > 0) this.#pings = unrefInterval(() => this.#ping(), heartbeatInterval)
  }

  /** Bytes have arrived, or the peer has taken the backlog. */
  alive(): void {
    this.#answer.clear()
    this.#lifetime.clear()
  }

  /**
   * A PING has arrived.
   *
   * @param timeToLive the peer promises to send again within this many milliseconds; with 0 it promises nothing
   */
  pinged(timeToLive: number): void {
    this.#watched = true
    if (timeToLive > 0) this.#lifetime.set(timeToLive, this.#paused)
    if (this.#paused) this.#answerUnasked()
  }

  /** The connection is paused. PINGs are still sent, because the peer may check that we are there. */
  suspend(): void {
    this.#paused = true
    this.#lifetime.hold()
    if (this.#isBlind) this.#answer.hold()
    this.#answerUnasked()
  }

  /** The connection is read again. Time limits that are set begin anew. */
  resume(): void {
    this.#paused = false
    this.#backlog = this.#output.backlog
    this.#lifetime.go()
    this.#answer.go()
  }

  stop(): void {
    clearTimer(this.#pings)
    this.#stopPongs()
    this.#watched = false
    this.alive()
  }

  /** True when no sign of life could be noticed. */
  get #isBlind(): boolean {
    return this.#paused && this.#output.backlog === 0
  }

  #ping(): void {
    const { heartbeatInterval, heartbeatTimeout, heartbeatTimeToLive } = this.#options
    this.#output.command(pingCommand(heartbeatTimeToLive))
    const timeout = heartbeatTimeout < 0 ? heartbeatInterval : heartbeatTimeout
    if (timeout > 0) this.#expectAnswer(timeout)
  }

  #expectAnswer(timeout: number): void {
    if (this.#answer.set(timeout, this.#isBlind)) this.#backlog = this.#output.backlog
  }

  #unanswered(timeout: number): void {
    const { backlog } = this.#output
    if (backlog === this.#backlog) this.#expired(reasonOf(backlog, timeout))
    else this.#expectAnswer(timeout)
  }

  #expired(reason: string): void {
    this.#connection.destroy(new ZmqError("ETIMEDOUT", { reason }))
  }

  #answerUnasked(): void {
    if (!this.#watched || this.#pongs !== undefined) return
    this.#pongs = unrefInterval(() => {
      if (this.#paused) this.#output.command(UNASKED_PONG)
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
  /** The limit begins when go() is called. */
  | { readonly name: "held"; readonly milliseconds: number }
  | { readonly name: "running"; readonly milliseconds: number; readonly limit: TimeLimit }

const OFF: DeadlineState = { name: "off" }

const following = transitions<DeadlineState["name"]>("a deadline", {
  off: ["held", "running"],
  held: ["off", "held", "running"],
  running: ["off", "held", "running"],
})

/** A deadline is a time limit that can be set, stopped for a while, and begun anew. */
class Deadline {
  readonly #expired: (milliseconds: number) => void
  #state: DeadlineState = OFF

  constructor(expired: (milliseconds: number) => void) {
    this.#expired = expired
  }

  /**
   * Sets the limit. A limit that runs already stays, because silence counts from its beginning.
   *
   * @param hold true when the limit is to begin with go()
   * @returns true unless the limit ran already
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
