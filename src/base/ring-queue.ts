const SMALLEST = 16

/** All queues that have never had an item share these slots. */
const NO_SLOTS: undefined[] = new Array(0)

/** A first-in-first-out queue has its items in a ring of slots, whose number is a power of two. It grows as needed. */
export class RingQueue<T> {
  #slots: (T | undefined)[] = NO_SLOTS
  #head = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  push(item: T): void {
    if (this.#length === this.#slots.length) this.#grow()
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = item
    this.#length++
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined
    const item = this.#slots[this.#head]
    this.#slots[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#slots.length - 1)
    this.#length--
    // A large ring is given back when it is empty, because the burst that filled it may never come again.
    if (this.#length === 0 && this.#slots.length > 4096) this.clear()
    return item
  }

  clear(): void {
    if (this.#length === 0 && this.#slots.length <= SMALLEST) return
    this.#slots = new Array<T | undefined>(SMALLEST)
    this.#head = 0
    this.#length = 0
  }

  #grow(): void {
    const { length } = this.#slots
    const next = new Array<T | undefined>(Math.max(SMALLEST, length * 2))
    for (let i = 0; i < length; i++) next[i] = this.#slots[(this.#head + i) & (length - 1)]
    this.#slots = next
    this.#head = 0
  }
}

/** This queue is empty. It stands in for a queue that has never had an item, because many connections are idle. Never push. */
export const NEVER_USED: RingQueue<never> = new RingQueue()
