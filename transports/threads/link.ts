import type { MessagePort } from "node:worker_threads"
import { ZmqError } from "../../src/base/errors.ts"
import { atExit, type ExitTask, notAtExit } from "../../src/base/process-exit.ts"
import { afterMicrotasks, inMicrotask } from "../../src/base/runtime.ts"
import { turnWork } from "../../src/base/turn-work.ts"
import type {
  Connection,
  ConnectionSink,
  RemotePeer,
  UnreadMessages,
} from "../../src/contracts/connection.ts"
import type { Control, Message } from "../../src/contracts/message.ts"
import { Credit, TakenItems } from "./credit.ts"
import { END, Inbox } from "./inbox.ts"
import { Outbox } from "./outbox.ts"
import { type Item, isMessage, isParcel, type Parcel } from "./parcel.ts"

/** This many items may be held before further controls wait. */
const CONGESTED = 4096

/** This value is posted to say that messages were taken (see credit.ts). */
const CREDIT = 0

/**
 * - open: messages go both ways
 * - ended: this end was asked to end; sent messages are still on their way, and arriving ones are dropped
 * - severed: the other end is gone; the owner can still receive what had arrived
 * - closed: nothing follows
 */
type Phase = "open" | "ended" | "severed" | "closed"

/** These are the parts of which one end of a link between threads is made. */
export interface ThreadLinkParts {
  /** The other thread has the far end of this port. Nobody else listens to it. */
  readonly port: MessagePort
  /** Both ends share this memory; `number` says which end this is. */
  readonly credit: SharedArrayBuffer
  readonly number: 0 | 1
  readonly endpoint: string
  readonly peer: RemotePeer
  /** The peer lets this many messages be on their way; 0 means any number. */
  readonly window: number
}

/**
 * This class is one end of a link between threads. Credit bounds the messages that the peer has not taken. Parcels that
 * arrive before open(), or during a pause, stay packed.
 */
export class ThreadEnd implements Connection, ExitTask {
  readonly encodesAtOnce = true
  readonly survivesExit = true
  readonly peer: RemotePeer
  readonly local: string
  readonly remote: string
  readonly #port: MessagePort
  readonly #outbox: Outbox
  readonly #inbox = new Inbox()
  readonly #taken: TakenItems
  /** True when a send() returned false and no drain() has followed. */
  #waits = false
  #sink: ConnectionSink | undefined
  #phase: Phase = "open"
  #paused = false
  #delivering = false
  #error: Error | undefined
  /** Holds the messages that had arrived but were not delivered when the link closed. */
  #unread: UnreadMessages | undefined

  constructor({ port, credit, number, endpoint, peer, window }: ThreadLinkParts) {
    this.peer = peer
    this.local = endpoint
    this.remote = endpoint
    this.#port = port
    this.#outbox = new Outbox(port, new Credit(credit, number, window), error => this.destroy(error))
    this.#taken = new TakenItems(credit, number === 0 ? 1 : 0)
    // It is addEventListener(), because on Deno a port from another thread has no on().
    port.addEventListener("message", event => this.#receive((event as Event & { data: unknown }).data))
    port.addEventListener("messageerror", () => this.#misunderstood())
    port.addEventListener("close", () => this.#severed())
    port.start()
    port.unref()
  }

  get unconfirmed(): number {
    return this.#outbox.unconfirmed
  }

  open(sink: ConnectionSink): void {
    this.#sink = sink
    if (this.#phase === "closed") this.#announce()
    else this.#deliverSoon()
  }

  send(message: Message): boolean {
    if (this.#phase !== "open") return false
    if (this.#outbox.send(message)) return true
    this.#waits = true
    atExit(this)
    return false
  }

  control(control: Control): void {
    if (this.#phase !== "open") return
    this.#outbox.control(control)
    if (this.congested) this.#waits = true
  }

  get congested(): boolean {
    return this.#outbox.held >= CONGESTED
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    if (this.#sink !== undefined) this.#deliverSoon()
  }

  end(): void {
    if (this.#phase === "severed") this.destroy()
    if (this.#phase !== "open") return
    this.#phase = "ended"
    this.#taken.stop()
    this.#inbox.drop()
    this.#endIfSent()
  }

  destroy(error?: Error): void {
    if (this.#phase === "closed") return
    this.#error = error
    if (error === undefined) this.#post(END)
    this.#close()
  }

  /** Posts the held messages without credit, because the thread exits. */
  exit(): void {
    this.#creditGranted()
  }

  // --- Sending

  /** Is called when the peer has taken messages. */
  #creditGranted(): void {
    const wasHeld = !this.#outbox.empty
    const hasRoom = this.#outbox.creditGranted()
    if (this.#phase === "open") this.#drainIf(hasRoom)
    else if (this.#phase === "ended" && wasHeld) this.#endIfSent()
  }

  #drainIf(hasRoom: boolean): void {
    if (!hasRoom || !this.#waits || this.#sink === undefined) return
    this.#waits = false
    notAtExit(this)
    this.#sink.drain()
  }

  #endIfSent(): void {
    if (!this.#outbox.empty) return
    this.#outbox.flush()
    this.#post(END)
  }

  #post(posted: typeof CREDIT | typeof END): void {
    if (this.#phase === "severed" || this.#phase === "closed") return
    this.#port.postMessage(posted)
  }

  // --- Receiving

  /** @param posted may be anything, because other code in that thread could have got hold of the port */
  #receive(posted: unknown): void {
    if (this.#phase === "closed") return
    if (posted === CREDIT) {
      this.#creditGranted()
    } else if (this.#phase === "ended") {
      if (posted === END) this.#close()
      else if (isParcel(posted)) this.#drop(posted)
    } else if (posted === END || isParcel(posted)) {
      this.#inbox.add(posted)
      if (!this.#delivering && this.#sink !== undefined) this.#deliver()
    } else {
      this.#misunderstood()
    }
  }

  #misunderstood(cause?: unknown): void {
    const reason = "the other thread has posted what is no parcel"
    this.destroy(new ZmqError("EPROTO", { address: this.remote, reason, cause }))
  }

  /** Is called when the other end is closed, or its thread has ended. */
  #severed(): void {
    if (this.#phase === "ended") this.#close()
    if (this.#phase !== "open") return
    this.#phase = "severed"
    this.#outbox.drop()
    if (!this.#delivering && this.#sink !== undefined) this.#deliver()
  }

  #deliverSoon(): void {
    if (this.#delivering) return
    this.#delivering = true
    inMicrotask(() => {
      this.#delivering = false
      this.#deliver()
      // Credit may have come before open(), when there was no sink to tell.
      if (this.#waits) this.#creditGranted()
    })
  }

  /** Delivers the arrived items while this end is open and not paused. */
  #deliver(): void {
    const end = turnWork.begin()
    try {
      while (!this.#paused && this.#receiving && turnWork.left > end && this.#deliverNext());
    } catch (error) {
      this.#misunderstood(error)
      return
    } finally {
      turnWork.end()
    }
    if (turnWork.left <= end && !this.#paused && this.#receiving) this.#deliverInLaterTurn()
    else if (this.#receiving && (this.#inbox.ended || this.#phase === "severed")) this.#leaveUnread()
    this.#showTaken()
  }

  /** Takes and drops a parcel, because the peer needs the credit to send everything up to its end. */
  #drop(parcel: Parcel): void {
    this.#inbox.add(parcel)
    for (let item = this.#takeSafely(); item !== undefined; item = this.#takeSafely()) {
      if (item !== END && isMessage(item)) this.#taken.add()
    }
    this.#showTaken()
  }

  /** Delivers the rest in a later turn, because this turn's work is done. Items that aren't taken hold the other thread back. */
  #deliverInLaterTurn(): void {
    this.#delivering = true
    turnWork.later(() => {
      this.#delivering = false
      this.#deliver()
    })
  }

  get #receiving(): boolean {
    return this.#phase === "open" || this.#phase === "severed"
  }

  /** Delivers one item. Returns false when there is none; a severed link is then closed. */
  #deliverNext(): boolean {
    const item = this.#inbox.take()
    turnWork.left--
    if (item === undefined) {
      if (this.#phase === "severed") this.#broken()
      return false
    }
    if (item === END) {
      this.#close()
    } else if (isMessage(item)) {
      if (this.#taken.add()) this.#showTaken()
      this.#sink!.message(item)
    } else {
      this.#sink!.control(item)
    }
    return true
  }

  #showTaken(): void {
    if (this.#taken.show()) this.#post(CREDIT)
  }

  // --- The end

  /** Is called when the other end has gone without END: its thread has ended, or it was closed for an error. */
  #broken(): void {
    this.#error = new ZmqError("ECONNRESET", { address: this.remote })
    this.#close()
  }

  /** Takes the next item. It drops everything and returns undefined when a parcel is malformed. */
  #takeSafely(): Item | typeof END | undefined {
    try {
      return this.#inbox.take()
    } catch {
      this.#inbox.drop()
      return undefined
    }
  }

  /** Closes a paused link whose end has come. The owner gets the undelivered messages with the close. */
  #leaveUnread(): void {
    const next = () => {
      for (;;) {
        const item = this.#takeSafely()
        if (item === undefined || item === END) return undefined
        if (isMessage(item)) return item
      }
    }
    // It counts no bytes, because the parcels have been in this thread's memory for long.
    this.#unread = { bytes: 0, next }
    if (this.#inbox.ended) {
      this.#taken.hasAll()
      this.#close()
    } else this.#broken()
  }

  /** Every end of this link passes through here. */
  #close(): void {
    this.#phase = "closed"
    notAtExit(this)
    this.#outbox.drop()
    if (this.#unread === undefined) this.#inbox.drop()
    // The other end looks at the count when it hears of the close.
    this.#taken.show()
    this.#port.close()
    this.#announce()
  }

  #announce(): void {
    const sink = this.#sink
    if (sink !== undefined) afterMicrotasks(() => sink.closed(this.#error, this.#unread))
  }
}
