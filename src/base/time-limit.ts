import { clearTimer, nextTurn, now, type Timer, unrefTimeout } from "./clock.ts"

/** Milliseconds that the event loop may be late without losing anything worth giving back. */
const SLACK = 20

/**
 * - waiting: the time is not over
 * - reading: the time is over, and the event loop looks at what has come in
 * - over: it was stopped, or has told that the time is over
 */
type Phase = "waiting" | "reading" | "over"

/**
 * Limits how long a peer may take, and is fair to it when the program computes for long, or when the process or the
 * machine was stopped. The event loop runs timers that are due before it reads, so a plain timer would judge while the
 * answer lies in the kernel.
 *
 * - When the time is over the loop first looks at all that has come in. Whoever is served by that calls stop().
 * - Time that was lost because the loop stood still is given back, up to the limit itself. A program that never lets
 *   its loop turn must not wait for ever, so this happens once for each time that the peer's answer is needed.
 *
 * It keeps no process alive.
 */
export class TimeLimit {
  readonly #milliseconds: number
  readonly #expired: () => void
  #rounds: number
  #due: number
  #timer: Timer
  #phase: Phase = "waiting"

  /**
   * @param milliseconds may be longer than the platform's timers can wait
   * @param expired is called once, unless stop() comes first
   * @param rounds how often the peer has to answer within this time
   */
  constructor(milliseconds: number, expired: () => void, rounds = 1) {
    this.#milliseconds = milliseconds
    this.#expired = expired
    this.#rounds = rounds
    this.#due = now() + milliseconds
    this.#timer = this.#wait(milliseconds)
  }

  stop(): void {
    this.#phase = "over"
    clearTimer(this.#timer)
  }

  #wait(milliseconds: number): Timer {
    return unrefTimeout(() => this.#fired(), milliseconds)
  }

  #fired(): void {
    const late = now() - this.#due
    if (late <= -1) this.#timer = this.#wait(-late)
    else if (late > SLACK && this.#rounds > 0) this.#giveBack(Math.min(late, this.#milliseconds))
    else this.#read()
  }

  #giveBack(milliseconds: number): void {
    this.#rounds--
    this.#due = now() + milliseconds
    this.#timer = this.#wait(milliseconds)
  }

  #read(): void {
    this.#phase = "reading"
    nextTurn(() => {
      if (this.#phase !== "reading") return
      this.#phase = "over"
      this.#expired()
    })
  }
}
