import { clearTimer, nextTurn, now, type Timer, unrefTimeout } from "./clock.ts"

/** A timer may be this many milliseconds late before the lost time is given back. */
const SLACK = 20

/**
 * - waiting: the time is not over
 * - reading: the time is over, and the event loop looks at what has come in
 * - over: stop() was called, or `expired` was
 */
type Phase = "waiting" | "reading" | "over"

/**
 * A time limit bounds how long a peer may take to answer. It is fair to the peer when the program computes for long, or
 * when the process or the machine was stopped. A plain timer isn't, because the event loop runs due timers before it
 * reads: the time would be over although the answer has come and is in the kernel.
 *
 * - When the time is over, the loop first reads all that has come in. If the answer is there, its reader calls stop().
 * - Time in which the loop stood still is given back, up to the limit itself. This happens once for each answer that is
 *   needed, because a program whose loop never turns must not wait without end.
 *
 * The limit doesn't keep the process alive.
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
