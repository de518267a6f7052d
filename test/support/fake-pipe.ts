import type { RemotePeer } from "../../src/contracts/connection.ts"
import type { Control, Message } from "../../src/contracts/message.ts"
import type { Pattern, Pipe } from "../../src/contracts/pattern.ts"

const ANONYMOUS: RemotePeer = { socketType: undefined, routingId: new Uint8Array(0) }

let lastId = 0

/**
 * A pipe without a socket or a connection, driven by hand. It tells its pattern what the core would tell, and
 * throws when a pattern uses it after it was detached and drained.
 */
export class FakePipe implements Pipe {
  readonly id = ++lastId
  peer: RemotePeer | undefined
  connectRoutingId: Uint8Array | undefined
  /** How many more messages it takes. */
  room = Number.POSITIVE_INFINITY
  /** The pattern wrote these messages. */
  readonly written: Message[] = []
  /** The pattern sent these. */
  readonly controls: Control[] = []
  /** The pattern closed the connection with these errors. */
  readonly failures: Error[] = []
  /** True while control() takes nothing. */
  congested = false
  /** True while the pattern holds the peer back. */
  held = false
  /** True once the pattern has closed the pipe. */
  closed = false

  readonly #pattern: Pattern
  readonly #inbound: Message[] = []
  #refused = false
  #detached = false
  #drained = false

  constructor(pattern: Pattern) {
    this.#pattern = pattern
  }

  // What patterns see

  get canWrite(): boolean {
    this.#inUse()
    if (!this.#detached && this.room > 0) return true
    this.#refused = true
    return false
  }

  get canRead(): boolean {
    this.#inUse()
    return this.#seen(this.#inbound.length > 0)
  }

  tryWrite(message: Message): boolean {
    this.#inUse()
    if (this.#detached || this.room === 0) {
      this.#refused = true
      return false
    }
    this.room--
    this.written.push(message)
    return true
  }

  tryRead(): Message | undefined {
    this.#inUse()
    const message = this.#inbound.shift()
    this.#seen(message !== undefined)
    return message
  }

  holdBack(held: boolean): void {
    this.held = held
  }

  control(control: Control): boolean {
    this.#inUse()
    this.#refused ||= this.congested
    if (this.peer !== undefined && !this.congested) this.controls.push(control)
    return !this.congested
  }

  fail(error: Error, unread: "dropped" | "kept" = "dropped"): void {
    this.#inUse()
    this.failures.push(error)
    if (unread === "dropped") this.#inbound.length = 0
  }

  close(): void {
    this.#inUse()
    this.closed = true
    this.disconnect()
  }

  // What tests do

  /** Messages received that nobody has read. */
  get unread(): number {
    return this.#inbound.length
  }

  /** True once it has left its pattern. */
  get isDetached(): boolean {
    return this.#detached
  }

  /** Joins the pattern, as connect() does; without a peer as yet. */
  attach(): this {
    this.#pattern.attach(this)
    return this
  }

  /** A connection begins. */
  connect(peer: Partial<RemotePeer> = {}): this {
    this.peer = { ...ANONYMOUS, ...peer }
    this.#pattern.connected?.(this)
    return this
  }

  /** The connection ends; the pipe stays. */
  lose(): this {
    if (this.peer === undefined) return this
    this.peer = undefined
    this.#pattern.disconnected?.(this)
    return this
  }

  /** Leaves the pattern; what is unread can still be read. */
  detach(): this {
    this.lose()
    this.#detached = true
    this.#drained = false
    this.#pattern.detach(this)
    this.#seen(this.#inbound.length > 0)
    return this
  }

  /** Leaves the pattern as by the socket's own disconnect(): nothing is left to read. */
  disconnect(): this {
    this.#inbound.length = 0
    return this.detach()
  }

  /** The peer's message is there before anybody listens. */
  preload(message: Message): this {
    this.#inbound.push(message)
    return this
  }

  /** The peer's message arrives. */
  deliver(message: Message): this {
    this.#inbound.push(message)
    if (this.#inbound.length === 1) this.#pattern.readable(this)
    return this
  }

  /** From now on the pipe takes this many messages. */
  setRoom(room: number): this {
    this.room = room
    if (room > 0 && this.#refused && !this.#detached) {
      this.#refused = false
      this.#pattern.writable(this)
    }
    return this
  }

  #seen(more: boolean): boolean {
    if (this.#detached && !more) this.#drained = true
    return more
  }

  #inUse(): void {
    if (this.#drained) throw new Error(`pipe ${this.id} is used after it was detached and drained`)
  }
}

/** A pipe that is attached and connected. */
export function connectedPipe(pattern: Pattern, peer?: Partial<RemotePeer>): FakePipe {
  return new FakePipe(pattern).attach().connect(peer)
}

/** A message of text parts. */
export function message(...parts: string[]): Message {
  return parts.map(part => Buffer.from(part, "latin1"))
}

/** The parts of a message as text. */
export function text(parts: Message): string[]
export function text(parts: Message | undefined): string[] | undefined
export function text(parts: Message | undefined): string[] | undefined {
  return parts?.map(part => Buffer.from(part).toString("latin1"))
}
