import type { Pipe } from "../../src/contracts/pattern.ts"

/** Each pipe has a slot in the ring. */
class Slot {
  next: Slot = this
  previous: Slot = this
  readonly pipe: Pipe

  constructor(pipe: Pipe) {
    this.pipe = pipe
  }
}

/**
 * The pipes of a ring take turns. The pipe that has the turn is the first one, and a new pipe is the last. Every step is
 * O(1), however many pipes there are.
 */
export class PipeRing {
  readonly #slots = new Map<Pipe, Slot>()
  #turn: Slot | undefined

  get size(): number {
    return this.#slots.size
  }

  /** This pipe has the turn. It is undefined when the ring is empty. */
  get current(): Pipe | undefined {
    return this.#turn?.pipe
  }

  /** Ends the current turn. */
  advance(): void {
    this.#turn = this.#turn?.next
  }

  /** Adds the pipe as the last one, unless it is in the ring. */
  add(pipe: Pipe): void {
    if (this.#turn?.pipe === pipe || this.#slots.has(pipe)) return
    const slot = new Slot(pipe)
    this.#slots.set(pipe, slot)
    const first = this.#turn
    if (first === undefined) {
      this.#turn = slot
      return
    }
    // In a ring, the last slot is just before the first one.
    slot.next = first
    slot.previous = first.previous
    first.previous.next = slot
    first.previous = slot
  }

  /** Removes the pipe, if it is in the ring. If it is its turn, the next pipe has the turn. */
  remove(pipe: Pipe): void {
    const slot = this.#slots.get(pipe)
    if (slot === undefined) return
    this.#slots.delete(pipe)
    if (this.#turn === slot) this.#turn = slot.next === slot ? undefined : slot.next
    slot.previous.next = slot.next
    slot.next.previous = slot.previous
  }
}
