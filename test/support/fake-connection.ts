import type {
  Connection,
  ConnectionSink,
  RemotePeer,
  UnreadMessages,
} from "../../src/contracts/connection.ts"
import type { Control, Message } from "../../src/contracts/message.ts"

const ANONYMOUS: RemotePeer = { socketType: undefined, routingId: new Uint8Array(0) }

/** A connection without a far end, driven by hand. It throws when its user or the test breaks the contract. */
export class FakeConnection implements Connection {
  readonly peer: RemotePeer
  readonly local: string
  readonly remote: string
  inThread = false
  survivesExit = false
  unconfirmed = 0
  congested = false
  /** What was done to it, in order: "open", "pause", "resume", "end", "destroy", and what was sent. */
  readonly log: string[] = []
  readonly sent: Message[] = []
  readonly controls: Control[] = []
  destroyedWith: Error | undefined
  /** What send() answers, after so many messages; Infinity for an endless capacity. */
  room = Number.POSITIVE_INFINITY
  /** Called inside send(), as a peer in this very process would be. */
  onSend: ((message: Message) => void) | undefined
  #sink: ConnectionSink | undefined
  #owesDrain = false
  #paused = false
  #leaving = false
  #closed = false
  #inside = false

  constructor(peer: Partial<RemotePeer> = {}, address = "fake://there") {
    this.peer = { ...ANONYMOUS, ...peer }
    this.local = address
    this.remote = address
  }

  // What the core does

  open(sink: ConnectionSink): void {
    if (this.#sink !== undefined) throw new Error("opened twice")
    this.#sink = sink
    this.log.push("open")
  }

  send(message: Message): boolean {
    if (this.#inside) throw new Error("sent from inside message() or control()")
    if (message.length === 0) throw new Error("a message without parts")
    if (this.#closed || this.#leaving) return false
    this.sent.push(message)
    this.log.push(text(message))
    this.room--
    this.onSend?.(message)
    if (this.room > 0) return true
    this.#owesDrain = true
    return false
  }

  control(control: Control): void {
    if (this.#inside) throw new Error("sent from inside message() or control()")
    this.controls.push(control)
    this.log.push(control.type)
  }

  pause(): void {
    this.#paused = true
    this.log.push("pause")
  }

  resume(): void {
    this.#paused = false
    this.log.push("resume")
  }

  /** Delivers what was sent once there is room; the test says when that is, with drain() or closed(). */
  end(): void {
    if (this.#leaving) return
    this.#leaving = true
    this.log.push("end")
  }

  destroy(error?: Error): void {
    this.#leaving = true
    this.destroyedWith ??= error
    this.log.push("destroy")
  }

  // What tests do

  get isOpen(): boolean {
    return this.#sink !== undefined
  }

  get isPaused(): boolean {
    return this.#paused
  }

  get isLeaving(): boolean {
    return this.#leaving
  }

  /** The texts of what was sent. */
  get texts(): string[] {
    return this.sent.map(text)
  }

  /** The peer's messages arrive, as long as they are wanted; returns how many did. */
  deliver(...texts: string[]): number {
    let taken = 0
    for (const item of texts) {
      if (this.#paused || this.#closed) break
      this.#within(sink => sink.message(message(item)))
      taken++
    }
    return taken
  }

  deliverControl(control: Control): void {
    this.#within(sink => sink.control(control))
  }

  /** There is room again, for so many messages. */
  drain(room = Number.POSITIVE_INFINITY): void {
    this.room = room
    if (!this.#owesDrain || this.#closed) return
    this.#owesDrain = false
    this.#expectSink().drain()
  }

  /** The peer takes nothing any more. */
  writeFails(): void {
    this.room = 0
    this.#leaving = true
    this.#expectSink().writeFailed?.()
  }

  /** The connection is over. */
  closed(error?: Error, unread?: UnreadMessages): void {
    if (this.#closed) throw new Error("closed twice")
    this.#closed = true
    this.#expectSink().closed(error, unread)
  }

  /** Closes if somebody asked for it. */
  closeIfAsked(): void {
    if (this.#leaving && !this.#closed) this.closed(this.destroyedWith)
  }

  #within(call: (sink: ConnectionSink) => void): void {
    const sink = this.#expectSink()
    this.#inside = true
    try {
      call(sink)
    } finally {
      this.#inside = false
    }
  }

  #expectSink(): ConnectionSink {
    if (this.#sink === undefined) throw new Error("nobody has opened this connection")
    return this.#sink
  }
}

/** Messages that a connection leaves behind; it notes when they are decoded. */
export function unread(texts: readonly string[], bytes = 0) {
  const left = [...texts]
  return { bytes, left, next: () => (left.length === 0 ? undefined : message(left.shift()!)) }
}

export function message(...parts: string[]): Message {
  return parts.map(part => Buffer.from(part))
}

export function text(message: Message): string {
  return message.map(part => Buffer.from(part).toString()).join("|")
}
