import type { MessagePort } from "node:worker_threads"
import type { Connection, ConnectionSink, Control, Message, RemotePeer } from "../src/contracts.ts"
import { ZmqError } from "../src/errors.ts"
import { afterMicrotasks } from "../src/runtime.ts"
import { Credit } from "./credit.ts"
import { type Item, isMessage, Packer, type Parcel, sizeOf, Unpacker } from "./parcel.ts"

/** What is posted: messages, how many of them were taken, or that nothing follows. */
type Posted = Parcel | number | typeof END

const END = null

/**
 * `ended`: what was sent is still on its way, what comes is dropped. `severed`: the other end is gone; what had
 * arrived is still delivered.
 */
type Phase = "open" | "ended" | "severed" | "closed"

/** What both ends of a link between threads are made of. */
export interface ThreadLinkParts {
  /** Its far end is at the other thread. Nobody else listens to it. */
  readonly port: MessagePort
  readonly endpoint: string
  readonly peer: RemotePeer
  /** How many messages the peer takes before it says so; 0 for any number. */
  readonly sendWindow: number
  /** As many do we take. */
  readonly receiveWindow: number
}

/**
 * One end of a link between threads. A lone message is posted at once; those of a burst are gathered, and posted in one
 * parcel when the turn's microtasks are over: waking the other thread costs more than hundreds of messages. Credit keeps what the peer hasn't taken within bounds. What comes while this end isn't open, or is paused,
 * stays packed.
 */
export class ThreadEnd implements Connection {
  readonly encodesAtOnce = true
  readonly peer: RemotePeer
  readonly local: string
  readonly remote: string
  readonly #port: MessagePort
  readonly #credit: Credit
  readonly #packer = new Packer()
  /** What was sent beyond the credit, from #nextHeld on. */
  #held: Item[] = []
  #nextHeld = 0
  /** A send() returned false, and no drain() followed yet. */
  #waits = false
  /** Parcels not yet unpacked, from #nextIncoming on. */
  #incoming: (Parcel | typeof END)[] = []
  #nextIncoming = 0
  #unpacker: Unpacker | undefined
  #sink: ConnectionSink | undefined
  #phase: Phase = "open"
  #paused = false
  #delivering = false
  /** Something was sent in this turn. */
  #gathering = false
  /** And more in the same turn. */
  #followed = false
  /** So it was in the last turn: the first message of the next one waits for those that follow. */
  #bursts = false
  #error: Error | undefined
  readonly #endOfTurn = (): void => {
    this.#gathering = false
    this.#bursts = this.#followed
    this.#followed = false
    this.#flush()
  }

  constructor({ port, endpoint, peer, sendWindow, receiveWindow }: ThreadLinkParts) {
    this.peer = peer
    this.local = endpoint
    this.remote = endpoint
    this.#port = port
    this.#credit = new Credit(sendWindow, receiveWindow)
    // (Not on(): where a port has come from another thread, Deno gives it the web's face only.)
    port.addEventListener("message", event => this.#receive((event as Event & { data: Posted }).data))
    port.addEventListener("messageerror", () => this.destroy(new ZmqError("EPROTO")))
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
    if (this.#held.length === 0 && this.#credit.available) this.#put(message)
    else this.#held.push(message.map(part => Buffer.from(part)))
    return this.#credit.available || this.#mustWait()
  }

  control(control: Control): void {
    if (this.#phase !== "open") return
    if (this.#held.length === 0) this.#put(control)
    else this.#held.push(control)
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
    this.#dropIncoming()
    this.#endIfSent()
  }

  destroy(error?: Error): void {
    if (this.#phase === "closed") return
    this.#error = error
    if (error === undefined) this.#post(END)
    this.#close()
  }

  // --- Sending

  #put(item: Item): void {
    if (isMessage(item)) {
      this.#credit.spend(sizeOf(item))
      this.#packer.addMessage(item)
    } else {
      this.#packer.addControl(item)
    }
    if (this.#gathering) {
      this.#followed = true
      if (this.#packer.full) this.#flush()
      return
    }
    this.#gathering = true
    afterMicrotasks(this.#endOfTurn)
    if (!this.#bursts) this.#flush()
  }

  #mustWait(): false {
    this.#waits = true
    return false
  }

  #flush(): void {
    const packer = this.#packer
    if (packer.empty) return
    try {
      this.#postPacked()
    } catch (error) {
      this.destroy(error as Error)
      return
    }
    this.#credit.posted()
    packer.clear()
  }

  #postPacked(): void {
    const { parcel, transfer } = this.#packer.pack(true)
    try {
      this.#port.postMessage(parcel, transfer)
    } catch {
      // There is memory that can't be moved, such as WebAssembly's. Nothing was posted.
      const copied = this.#packer.pack(false)
      this.#port.postMessage(copied.parcel, copied.transfer)
    }
  }

  /** The peer has taken messages. */
  #taken(messages: number): void {
    this.#credit.regain(messages)
    while (this.#nextHeld < this.#held.length) {
      const item = this.#held[this.#nextHeld]!
      if (isMessage(item) && !this.#credit.available) break
      this.#nextHeld++
      this.#put(item)
    }
    if (this.#nextHeld * 2 > this.#held.length) this.#nextHeld -= this.#held.splice(0, this.#nextHeld).length
    if (this.#phase === "ended") this.#endIfSent()
    else this.#drainIfReady()
  }

  #drainIfReady(): void {
    if (!this.#waits || this.#sink === undefined || this.#phase !== "open") return
    if (this.#held.length > 0 || !this.#credit.available) return
    this.#waits = false
    this.#sink.drain()
  }

  #endIfSent(): void {
    if (this.#held.length > 0) return
    this.#flush()
    this.#post(END)
  }

  #post(posted: number | typeof END): void {
    if (this.#phase === "severed" || this.#phase === "closed") return
    this.#port.postMessage(posted)
  }

  // --- Receiving

  #receive(posted: Posted): void {
    if (this.#phase === "closed") return
    if (typeof posted === "number") {
      this.#taken(posted)
    } else if (this.#phase === "ended") {
      if (posted === END) this.#close()
    } else {
      this.#incoming.push(posted)
      if (!this.#delivering && this.#sink !== undefined) this.#deliver()
    }
  }

  /** The other end is closed, or its thread is over. */
  #severed(): void {
    if (this.#phase === "ended") this.#close()
    if (this.#phase !== "open") return
    this.#phase = "severed"
    this.#forgetOutgoing()
    if (!this.#delivering && this.#sink !== undefined) this.#deliver()
  }

  #deliverSoon(): void {
    if (this.#delivering) return
    this.#delivering = true
    queueMicrotask(() => {
      this.#delivering = false
      this.#deliver()
    })
  }

  /** Hands over what has come, as long as it is wanted. */
  #deliver(): void {
    const sink = this.#sink!
    while (!this.#paused && this.#receiving) {
      const item = this.#unpacker?.next() ?? this.#nextParcel()
      if (item === undefined) break
      if (isMessage(item)) {
        this.#took(item)
        sink.message(item)
      } else {
        sink.control(item)
      }
    }
    this.#drainIfReady()
  }

  get #receiving(): boolean {
    return this.#phase === "open" || this.#phase === "severed"
  }

  /** The first item of the next parcel. After the last one of a closed link nothing but its close is left. */
  #nextParcel(): Item | undefined {
    this.#unpacker = undefined
    if (this.#nextIncoming === this.#incoming.length) {
      this.#dropIncoming()
      if (this.#phase === "severed") this.#broken()
      return undefined
    }
    const parcel = this.#incoming[this.#nextIncoming++]!
    if (parcel === END) {
      this.#close()
      return undefined
    }
    this.#unpacker = new Unpacker(parcel)
    return this.#unpacker.next()
  }

  #took(message: Message): void {
    const taken = this.#credit.took(sizeOf(message))
    if (taken > 0) this.#post(taken)
  }

  // --- The end

  /** The other end is gone without a word: its thread has ended, or it was closed for an error. */
  #broken(): void {
    this.#error = new ZmqError("ECONNRESET", { address: this.remote })
    this.#close()
  }

  /** The one way to the end. */
  #close(): void {
    this.#phase = "closed"
    this.#forgetOutgoing()
    this.#dropIncoming()
    this.#port.close()
    this.#announce()
  }

  #forgetOutgoing(): void {
    this.#packer.clear()
    this.#held = []
    this.#nextHeld = 0
  }

  #dropIncoming(): void {
    this.#incoming = []
    this.#nextIncoming = 0
    this.#unpacker = undefined
  }

  #announce(): void {
    const sink = this.#sink
    if (sink !== undefined) afterMicrotasks(() => sink.closed(this.#error))
  }
}
