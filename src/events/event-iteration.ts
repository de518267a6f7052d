import type { Event } from "./events.ts"

/** What an iteration over events reads from. */
export interface EventSource {
  readonly closed: boolean
  receive(): Promise<Event>
}

const DONE: IteratorReturnResult<undefined> = { value: undefined, done: true }

/** Iterates over the events of an observer. Calls of next() take their turn; return() ends one that waits. */
export class EventIteration implements AsyncIterableIterator<Event> {
  readonly #source: EventSource
  readonly #withdraw: () => void
  #last: Promise<unknown> = Promise.resolve()
  #waiting = false
  #over = false

  /** @param withdraw makes the pending receive() of the source reject, and take no event */
  constructor(source: EventSource, withdraw: () => void) {
    this.#source = source
    this.#withdraw = withdraw
  }

  next(): Promise<IteratorResult<Event, undefined>> {
    const next = this.#last.then(() => this.#step())
    this.#last = next.catch(() => {})
    return next
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#over = true
    if (this.#waiting) this.#withdraw()
    return Promise.resolve(DONE)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async #step(): Promise<IteratorResult<Event, undefined>> {
    if (this.#over || this.#source.closed) return DONE
    try {
      const receiving = this.#source.receive()
      this.#waiting = true
      return { value: await receiving, done: false }
    } catch (error) {
      const ended = this.#over || this.#source.closed
      this.#over = true
      if (!ended) throw error
      return DONE
    } finally {
      this.#waiting = false
    }
  }
}
