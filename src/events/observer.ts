import type { EventEmitter } from "node:events"
import { checkCount } from "../base/arguments.ts"
import { acceptCopies, sharedSymbol } from "../base/copies.ts"
import { ZmqError } from "../base/errors.ts"
import { RingQueue } from "../base/ring-queue.ts"
import { inMicrotask } from "../base/runtime.ts"
import { Holds } from "../lifetime/holds.ts"
import { EventIteration } from "./event-iteration.ts"
import type { Event, EventOfType, EventSubscriber, EventType, ReportedEvent } from "./events.ts"
import { Listeners } from "./listeners.ts"

/**
 * At most this many events are kept for an observer that doesn't read. Older ones are dropped, because peers could fill the
 * memory otherwise.
 */
const MOST_EVENTS = 10_000

/** Objects that can be observed have this method, which returns their monitor. It throws ENOTSOCK after close(). */
export const MONITOR: unique symbol = sharedSymbol("monitor") as never

/** Sockets can be observed. */
export interface Observable {
  /** Returns the object from which observers get the events. */
  [MONITOR](): object
}

/** A monitor passes a socket's events on to observers. It keeps nothing itself, and never waits for an observer. */
export class Monitor implements Observable {
  readonly holds: Holds
  readonly #listeners = new Set<(event: Event) => void>()
  #main: Observer | undefined

  constructor(holds = new Holds()) {
    this.holds = holds
  }

  /** Returns the socket's own observer. It doesn't have the events from before the first call. */
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

type EventListener<T extends EventType> = (event: EventOfType<T>) => void

interface Reader {
  resolve(event: Event): void
  reject(error: Error): void
}

/**
 * An observer reads a socket's events. Usually it is the one in `socket.events`. There are two ways to read: receive() or
 * `for await`, and listeners that are added with on(). Once there was a listener, receive() can't be used any more.
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
  #emitter: Listeners | undefined
  /** True while the observer keeps the process alive, because it has listeners. A pending receive() does so too. */
  #holding = false
  #closed = false

  /**
   * Makes one more observer of a socket, for the events from now on. Throws ENOTSOCK when the socket is closed.
   *
   * @param socket the socket to observe
   */
  constructor(socket: Observable) {
    if (typeof socket !== "object" || socket === null) throw new TypeError("Socket must be a socket object")
    checkCount(arguments.length, 1)
    if (!(MONITOR in socket)) throw new Error("Invalid argument")
    this.#monitor = socket[MONITOR]() as Monitor
    this.#monitor.add(this.#listener)
  }

  /** True after close(), and after the event "end" was read. */
  get closed(): boolean {
    return this.#closed
  }

  /** Calls the listener at each event of the type. The process stays alive while there is any listener. */
  on<T extends EventType>(type: T, listener: EventListener<T>): EventEmitter {
    return this.#listen().on(type, listener)
  }

  /** Stops calling the listener at events of the type. */
  off<T extends EventType>(type: T, listener: EventListener<T>): EventEmitter {
    return this.#listen().off(type, listener)
  }

  /**
   * Returns the next event. Throws EBUSY while an earlier call is pending, and EBADF when the observer is closed.
   */
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
    this.#holdWhileHeard()
    this.#queue.clear()
    this.#takeReader()?.reject(new ZmqError("ENOTSOCK"))
  }

  /**
   * Iterates over the events. The iteration ends after the event "end", or when the observer is closed. An iteration that
   * is left while it waits takes no event.
   */
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
    if (this.#closed) this.#holdWhileHeard()
    reader?.resolve(event)
  }

  /** Keeps the process alive exactly while there are listeners that an event may still reach. */
  #holdWhileHeard(): void {
    const holding = !this.#closed && this.#emitter?.heard === true
    if (holding === this.#holding) return
    this.#holding = holding
    if (holding) this.#monitor.holds.hold()
    else this.#monitor.holds.release()
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
      this.#emitter = new Listeners(() => this.#holdWhileHeard())
      for (let event = this.#queue.shift(); event; event = this.#queue.shift()) this.#deliver(event)
    }
    return this.#emitter
  }

  // Listeners are called in a microtask of their own, for two reasons. Events from before the first listener then reach
  // all listeners that are added in the same turn. And a listener that throws doesn't interrupt the library's work.
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
