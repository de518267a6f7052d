import type { MessagePort } from "node:worker_threads"
import { ZmqError } from "../../src/base/errors.ts"
import { atExit, type ExitTask, notAtExit } from "../../src/base/process-exit.ts"
import { afterMicrotasks, inMicrotask } from "../../src/base/runtime.ts"
import type {
  Connection,
  ConnectionSink,
  RemotePeer,
  UnreadMessages,
} from "../../src/contracts/connection.ts"
import type { Control, Message } from "../../src/contracts/message.ts"
import { Credit, Taken } from "./credit.ts"
import { END, Inbox } from "./inbox.ts"
import { Outbox } from "./outbox.ts"
import { type Item, isMessage, isParcel, type Parcel } from "./parcel.ts"

/** Beside parcels and END it is posted, and tells that messages were taken (see credit.ts). */
const CREDIT = 0

/**
 * `ended`: what was sent is still on its way, what comes is dropped. `severed`: the other end is gone; what had arrived
 * is still the owner's.
 */
type Phase = "open" | "ended" | "severed" | "closed"

/** What both ends of a link between threads are made of. */
export interface ThreadLinkParts {
  /** Its far end is at the other thread. Nobody else listens to it. */
  readonly port: MessagePort
  /** Both ends have it, and are numbered. */
  readonly credit: SharedArrayBuffer
  readonly number: 0 | 1
  readonly endpoint: string
  readonly peer: RemotePeer
  /** How many messages the peer lets be on their way; 0 for any number. */
  readonly window: number
}

/**
 * One end of a link between threads. Credit keeps what the peer hasn't taken within bounds. What comes while this end
 * isn't open, or is paused, stays packed.
 */
export class ThreadEnd implements Connection, ExitTask {
  readonly encodesAtOnce = true
  readonly peer: RemotePeer
  readonly local: string
  readonly remote: string
  readonly #port: MessagePort
  readonly #outbox: Outbox
  readonly #inbox = new Inbox()
  readonly #taken: Taken
  /** A send() returned false, and no drain() followed yet. */
  #waits = false
  #sink: ConnectionSink | undefined
  #phase: Phase = "open"
  #paused = false
  #delivering = false
  #error: Error | undefined
  /** Once closed, what nobody has wanted yet. */
  #unread: UnreadMessages | undefined

  constructor({ port, credit, number, endpoint, peer, window }: ThreadLinkParts) {
    this.peer = peer
    this.local = endpoint
    this.remote = endpoint
    this.#port = port
    this.#outbox = new Outbox(port, new Credit(credit, number, window), error => this.destroy(error))
    this.#taken = new Taken(credit, number === 0 ? 1 : 0)
    // (Not on(): where a port has come from another thread, Deno gives it the web's face only.)
    port.addEventListener("message", event => this.#receive((event as Event & { data: unknown }).data))
    port.addEventListener("messageerror", () => this.#misunderstood())
    port.addEventListener("close", () => this.#severed())
    port.start()
    port.unref()
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
    if (this.#phase === "open") this.#outbox.control(control)
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
    this.#inbox.drop()
    this.#endIfSent()
  }

  destroy(error?: Error): void {
    if (this.#phase === "closed") return
    this.#error = error
    if (error === undefined) this.#post(END)
    this.#close()
  }

  /** The thread exits: the peer gets the rest, though it hasn't taken what it has. */
  exit(): void {
    this.#creditGranted()
  }

  // --- Sending

  /** The peer has taken messages. */
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

  /** @param posted not what was agreed, perhaps: the port has passed through the hands of the whole thread */
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

  /** The other end is closed, or its thread is over. */
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
      // It may have come before there was anybody to tell.
      if (this.#waits) this.#creditGranted()
    })
  }

  /** Hands over what has come, as long as it is wanted. */
  #deliver(): void {
    try {
      while (!this.#paused && this.#receiving && this.#deliverNext());
    } catch (error) {
      this.#misunderstood(error)
      return
    }
    if (this.#receiving && (this.#inbox.ended || this.#phase === "severed")) this.#leaveUnread()
    this.#showTaken()
  }

  /** Takes what nobody wants, so that the peer gets its credit and can say all that it has to say. */
  #drop(parcel: Parcel): void {
    this.#inbox.add(parcel)
    for (let item = this.#takeSafely(); item !== undefined; item = this.#takeSafely()) {
      if (item !== END && isMessage(item)) this.#taken.add()
    }
    this.#showTaken()
  }

  get #receiving(): boolean {
    return this.#phase === "open" || this.#phase === "severed"
  }

  /** False when there is nothing. After the last item of a closed link nothing but its close is left. */
  #deliverNext(): boolean {
    const item = this.#inbox.take()
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

  /** The other end is gone without a word: its thread has ended, or it was closed for an error. */
  #broken(): void {
    this.#error = new ZmqError("ECONNRESET", { address: this.remote })
    this.#close()
  }

  /** The next item; nothing more when the next parcel is none. */
  #takeSafely(): Item | typeof END | undefined {
    try {
      return this.#inbox.take()
    } catch {
      this.#inbox.drop()
      return undefined
    }
  }

  /** The end has come while nothing is wanted: the owner hears of it, and gets what it hasn't taken. */
  #leaveUnread(): void {
    const next = () => {
      for (;;) {
        const item = this.#takeSafely()
        if (item === undefined || item === END) return undefined
        if (isMessage(item)) return item
      }
    }
    // Its memory came long ago.
    this.#unread = { bytes: 0, next }
    if (this.#inbox.ended) this.#close()
    else this.#broken()
  }

  /** The one way to the end. */
  #close(): void {
    this.#phase = "closed"
    notAtExit(this)
    this.#outbox.drop()
    if (this.#unread === undefined) this.#inbox.drop()
    this.#port.close()
    this.#announce()
  }

  #announce(): void {
    const sink = this.#sink
    if (sink !== undefined) afterMicrotasks(() => sink.closed(this.#error, this.#unread))
  }
}
