import { EventEmitter } from "node:events"
import { checkCount } from "../base/arguments.ts"
import { acceptCopies, sharedSymbol } from "../base/copies.ts"
import { ZmqError } from "../base/errors.ts"
import { RingQueue } from "../base/ring-queue.ts"
import { inMicrotask } from "../base/runtime.ts"
import { Holds } from "../lifetime/holds.ts"
import { EventIteration } from "./event-iteration.ts"
import type { Event, EventOfType, EventSubscriber, EventType, ReportedEvent } from "./events.ts"

/** Events kept for an observer that doesn't read. Older ones are dropped: peers can't fill the memory. */
const MOST_EVENTS = 10_000

/** The method that gives the monitor of whatever can be observed. Throws ENOTSOCK when it is closed. */
export const MONITOR: unique symbol = sharedSymbol("monitor") as never

/** Sockets can be observed. */
export interface Observable {
  /** Observers get the events from this object. */
  [MONITOR](): object
}

/** The socket's end of its events: costs nothing while nobody observes, and never waits for those who do. */
export class Monitor implements Observable {
  readonly holds: Holds
  readonly #listeners = new Set<(event: Event) => void>()
  #main: Observer | undefined

  constructor(holds = new Holds()) {
    this.holds = holds
  }

  /** The socket's own observer; events before the first call are lost. */
  observe(): Observer {
    this.#main ??= new Observer(this)
    return this.#main
  }

  [MONITOR](): this {
    return this
  }

  add(listener: (event: Event) => void): void {
    this.#listeners.add(listener)
  }

  remove(listener: (event: Event) => void): void {
    this.#listeners.delete(listener)
  }

  emit(event: ReportedEvent): void {
    for (const listener of this.#listeners) listener(event as Event)
  }

  end(): void {
    this.emit({ type: "end" })
    this.#listeners.clear()
    this.#main = undefined
  }
}

type Listener<T extends EventType> = (event: EventOfType<T>) => void

interface Reader {
  resolve(event: Event): void
  reject(error: Error): void
}

/**
 * Reads a socket's events, in one of two ways: receive() or `for await`, or listeners added with on().
 * The first listener decides for the second way for good. Usually got from `socket.events`.
 *
 * @example
 * ```ts
 * socket.events.on("connect:retry", ({ address, interval }) => console.log(`${address} again in ${interval} ms`))
 * ```
 */
export class Observer implements EventSubscriber {
  readonly #queue = new RingQueue<Event>()
  readonly #monitor: Monitor
  readonly #listener = (event: Event): void => this.#deliver(event)
  #reader: Reader | undefined
  #emitter: EventEmitter | undefined
  /** Listeners hold the process, as a pending receive() does. */
  #holding = false
  #closed = false

  /** One more observer of a socket: it hears what happens from now on. Throws ENOTSOCK when the socket is closed. */
  constructor(socket: Observable) {
    if (typeof socket !== "object" || socket === null) throw new TypeError("Socket must be a socket object")
    checkCount(arguments.length, 1)
    if (!(MONITOR in socket)) throw new Error("Invalid argument")
    this.#monitor = socket[MONITOR]() as Monitor
    this.#monitor.add(this.#listener)
  }

  /** True after close(), and once "end" was read. */
  get closed(): boolean {
    return this.#closed
  }

  /** Calls the listener at each event of the type. */
  on<T extends EventType>(type: T, listener: Listener<T>): EventEmitter {
    return this.#listen().on(type, listener)
  }

  /** Calls the listener no more. */
  off<T extends EventType>(type: T, listener: Listener<T>): EventEmitter {
    return this.#listen().off(type, listener)
  }

  /** The next event. One call at a time; throws EBUSY for a second one, EBADF when the observer is closed. */
  receive(): Promise<Event> {
    checkCount(arguments.length, 0)
    this.#mustBeReading()
    if (this.#closed) throw new ZmqError("EBADF")
    if (this.#reader !== undefined) {
      throw new ZmqError("EBUSY", {
        message: "Observer is busy reading; only one receive operation may be in progress at any time",
      })
    }
    const event = this.#queue.shift()
    if (event !== undefined) {
      this.#closed = event.type === "end"
      return Promise.resolve(event)
    }
    this.#monitor.holds.hold()
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject }
    })
  }

  /** Stops observing. A pending receive() rejects with ENOTSOCK. */
  close(): void {
    checkCount(arguments.length, 0)
    this.#closed = true
    this.#monitor.remove(this.#listener)
    this.#letGo()
    this.#queue.clear()
    this.#takeReader()?.reject(new ZmqError("ENOTSOCK"))
  }

  /** Ends after "end", or when the observer is closed. An iteration that is left while it waits takes no event. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Event> {
    return new EventIteration(this, () => this.#takeReader()?.reject(new ZmqError("EAGAIN")))
  }

  #deliver(event: Event): void {
    if (this.#closed) return
    const reader = this.#takeReader()
    if (this.#emitter !== undefined) this.#emitLater(event)
    else if (reader === undefined) {
      if (this.#queue.length === MOST_EVENTS) this.#queue.shift()
      this.#queue.push(event)
      return
    }
    this.#closed = event.type === "end"
    if (this.#closed) this.#letGo()
    reader?.resolve(event)
  }

  #letGo(): void {
    if (this.#holding) this.#monitor.holds.release()
    this.#holding = false
  }

  #takeReader(): Reader | undefined {
    const reader = this.#reader
    if (reader !== undefined) {
      this.#reader = undefined
      this.#monitor.holds.release()
    }
    return reader
  }

  #listen(): EventEmitter {
    if (this.#emitter === undefined) {
      this.#emitter = new EventEmitter()
      this.#holding = !this.#closed
      if (this.#holding) this.#monitor.holds.hold()
      for (let event = this.#queue.shift(); event; event = this.#queue.shift()) this.#deliver(event)
    }
    return this.#emitter
  }

  // Not at once: what came before the first listener is told when the listeners of this turn are there, and
  // whatever a listener does or throws, it doesn't happen in the middle of the core's work.
  #emitLater(event: Event): void {
    inMicrotask(() => this.#emitter?.emit(event.type, event))
  }

  #mustBeReading(): void {
    if (this.#emitter === undefined) return
    throw new Error(
      "Observer is in event emitter mode. After a call to events.on() it is not possible to read events with events.receive().",
    )
  }
}

acceptCopies(Observer, "Observer")
