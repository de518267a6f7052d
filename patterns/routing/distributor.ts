import { shared } from "../../src/base/ownership.ts"
import type { Message } from "../../src/contracts/message.ts"
import type { Pipe } from "../../src/contracts/pattern.ts"

let lastId = 0

/** One peer of a fan-out, for one life of its connection. */
export class Outlet {
  readonly id = ++lastId
  readonly pipe: Pipe
  /** Chosen for the message at hand; the distributor's own. */
  marked = false
  /** Removed: it is never chosen again. */
  gone = false
  /** What the peer's subscriptions cost; kept by the publisher. */
  cost = 0

  constructor(pipe: Pipe) {
    this.pipe = pipe
  }
}

/**
 * Fan-out: mark() those who shall have the message, then send() it to each of them once. A full pipe misses it
 * (zmq_socket(3), PUB, "action in mute state: drop").
 */
export class Distributor {
  readonly #outlets = new Map<Pipe, Outlet>()
  /** The first #count entries are marked; the rest are empty slots, kept so that sending allocates nothing. */
  readonly #marked: (Outlet | undefined)[] = []
  #count = 0

  get(pipe: Pipe): Outlet | undefined {
    return this.#outlets.get(pipe)
  }

  add(pipe: Pipe): void {
    if (!this.#outlets.has(pipe)) this.#outlets.set(pipe, new Outlet(pipe))
  }

  remove(pipe: Pipe): Outlet | undefined {
    const outlet = this.#outlets.get(pipe)
    if (outlet !== undefined) outlet.gone = true
    this.#outlets.delete(pipe)
    return outlet
  }

  /** Chooses one; a field, so that it can be handed to a visit as it is. Choosing twice counts once. */
  readonly mark = (outlet: Outlet): void => {
    if (outlet.marked || outlet.gone) return
    outlet.marked = true
    this.#marked[this.#count++] = outlet
  }

  /** Chooses exactly those who were not chosen. */
  invert(): void {
    const unmarked: Outlet[] = []
    for (const outlet of this.#outlets.values()) if (!outlet.marked) unmarked.push(outlet)
    this.unmark()
    for (const outlet of unmarked) this.mark(outlet)
  }

  unmark(): void {
    for (let i = 0; i < this.#count; i++) this.#take(i)
    this.#count = 0
  }

  /** True when nobody would miss a message, whoever it is for. */
  get vacant(): boolean {
    for (const { pipe } of this.#outlets.values()) if (!pipe.canWrite) return false
    return true
  }

  /** True when somebody chosen would miss the message. */
  isAnyFull(): boolean {
    for (let i = 0; i < this.#count; i++) if (this.#marked[i]?.pipe.canWrite === false) return true
    return false
  }

  send(message: Message): void {
    const each = this.#count > 1 ? shared(message) : message
    for (let i = 0; i < this.#count; i++) this.#take(i)?.pipe.tryWrite(each)
    this.#count = 0
  }

  sendToAll(message: Message): void {
    const each = shared(message)
    for (const { pipe } of this.#outlets.values()) pipe.tryWrite(each)
  }

  #take(index: number): Outlet | undefined {
    const outlet = this.#marked[index]
    this.#marked[index] = undefined
    if (outlet !== undefined) outlet.marked = false
    return outlet
  }
}
