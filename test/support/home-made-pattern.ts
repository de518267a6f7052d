/**
 * A socket type as a stranger would make it: BUS, whose messages go to all neighbours that have room, and are received
 * from each of them in turn. It imports the package alone.
 */
import { defineSocket, type MessageParts, type Pattern, type Pipe, shared } from "zeromq-ts"

export class BusPattern implements Pattern {
  readonly #neighbours = new Set<Pipe>()
  /** The first of these pipes is the next in turn. A detached one stays until it is empty. */
  readonly #unread = new Set<Pipe>()

  attach(pipe: Pipe): void {
    this.#neighbours.add(pipe)
    this.#unread.add(pipe)
  }

  detach(pipe: Pipe): void {
    this.#neighbours.delete(pipe)
    if (!pipe.canRead) this.#unread.delete(pipe)
  }

  readable(pipe: Pipe): void {
    this.#unread.add(pipe)
  }

  writable(): void {}

  canSend(): boolean {
    return true
  }

  canReceive(): boolean {
    for (const pipe of this.#unread) {
      if (pipe.canRead) return true
      this.#unread.delete(pipe)
    }
    return false
  }

  trySend(message: MessageParts): boolean {
    const each = shared(message)
    for (const pipe of this.#neighbours) pipe.tryWrite(each)
    return true
  }

  tryReceive(): MessageParts | undefined {
    for (const pipe of this.#unread) {
      const message = pipe.tryRead()
      this.#unread.delete(pipe)
      if (message === undefined) continue
      if (pipe.canRead) this.#unread.add(pipe)
      return message
    }
    return undefined
  }

  refusal(): "EAGAIN" {
    return "EAGAIN"
  }

  get neighbours(): number {
    return this.#neighbours.size
  }
}

export class Bus extends defineSocket({ name: "BUS", peers: ["BUS"] }, () => new BusPattern()) {
  /** How many others this one is linked to, or is on its way to. */
  get neighbours(): number {
    return this.pattern.neighbours
  }
}
