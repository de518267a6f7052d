import type { Event } from "./events.ts"

/** An iteration reads events from this. */
export interface EventSource {
  readonly closed: boolean
  receive(): Promise<Event>
}

const DONE: IteratorReturnResult<undefined> = { value: undefined, done: true }

/** An iteration over the events of an observer answers calls of next() one by one. return() ends a call that waits. */
export class EventIteration implements AsyncIterableIterator<Event> {
  readonly #source: EventSource
  readonly #withdraw: () => void
  #last: Promise<unknown> = Promise.resolve()
  #waiting = false
  #over = false

  /** @param withdraw is called to make the pending receive() of the source reject without taking an event */
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
