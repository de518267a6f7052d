import type { Pipe } from "../../src/contracts/pattern.ts"

/** One pipe's place in the ring. */
class Seat {
  next: Seat = this
  previous: Seat = this
  readonly pipe: Pipe

  constructor(pipe: Pipe) {
    this.pipe = pipe
  }
}

/**
 * Pipes taking turns. The one whose turn it is stands first, newcomers stand last; every step is O(1), however
 * many pipes there are.
 */
export class PipeRing {
  readonly #seats = new Map<Pipe, Seat>()
  #turn: Seat | undefined

  get size(): number {
    return this.#seats.size
  }

  /** Whose turn it is. */
  get current(): Pipe | undefined {
    return this.#turn?.pipe
  }

  /** Ends the current turn. */
  advance(): void {
    this.#turn = this.#turn?.next
  }

  /** Adds the pipe as the last one, unless it has a place. */
  add(pipe: Pipe): void {
    if (this.#turn?.pipe === pipe || this.#seats.has(pipe)) return
    const seat = new Seat(pipe)
    this.#seats.set(pipe, seat)
    const first = this.#turn
    if (first === undefined) {
      this.#turn = seat
      return
    }
    // Just before the first is last.
    seat.next = first
    seat.previous = first.previous
    first.previous.next = seat
    first.previous = seat
  }

  /** Takes the pipe out, if it is in; when it was its turn, the turn passes on. */
  remove(pipe: Pipe): void {
    const seat = this.#seats.get(pipe)
    if (seat === undefined) return
    this.#seats.delete(pipe)
    if (this.#turn === seat) this.#turn = seat.next === seat ? undefined : seat.next
    seat.previous.next = seat.next
    seat.next.previous = seat.previous
  }
}
