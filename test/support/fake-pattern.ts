import type { Control, Message } from "../../src/contracts/message.ts"
import type { Pattern, Pipe } from "../../src/contracts/pattern.ts"

/** A pattern whose answers the test decides: it has so much room, and such messages. It needs no pipes. */
export class FakePattern implements Pattern {
  room = 0
  readonly sent: Message[] = []
  readonly inbox: Message[] = []
  refusals: ReturnType<Pattern["refusal"]> = "EAGAIN"
  refusalOf: ((message: Message | undefined) => ReturnType<Pattern["refusal"]>) | undefined
  /** Called inside trySend() and tryReceive(), after they have succeeded. */
  onSuccess: (() => void) | undefined
  /** Refuses this one message, whatever the room. */
  unroutable: string | undefined

  attach(): void {}
  detach(): void {}
  readable(): void {}
  writable(): void {}

  canSend(): boolean {
    return this.room > 0
  }

  canReceive(): boolean {
    return this.inbox.length > 0
  }

  trySend(message: Message): boolean {
    if (this.room === 0 || String(message[0]) === this.unroutable) return false
    this.room--
    this.sent.push(message)
    this.onSuccess?.()
    return true
  }

  tryReceive(): Message | undefined {
    const message = this.inbox.shift()
    if (message !== undefined) this.onSuccess?.()
    return message
  }

  refusal(_operation: "send" | "receive", message?: Message): ReturnType<Pattern["refusal"]> {
    return this.refusalOf?.(message) ?? this.refusals
  }
}

/**
 * Sends to the first pipe that takes the message and receives from the first that has one; detached pipes are read
 * to their end. Logs what the core tells it.
 */
export class PipesPattern implements Pattern {
  readonly log: string[] = []
  readonly pipes: Pipe[] = []
  readonly #left: Pipe[] = []

  attach(pipe: Pipe): void {
    this.log.push("attach")
    this.pipes.push(pipe)
  }

  detach(pipe: Pipe): void {
    this.log.push("detach")
    this.pipes.splice(this.pipes.indexOf(pipe), 1)
    this.#left.push(pipe)
  }

  connected(): void {
    this.log.push("connected")
  }

  disconnected(): void {
    this.log.push("disconnected")
  }

  control(_pipe: Pipe, control: Control): void {
    this.log.push(control.type)
  }

  readable(): void {
    this.log.push("readable")
  }

  writable(): void {
    this.log.push("writable")
  }

  canSend(): boolean {
    return this.pipes.some(pipe => pipe.canWrite)
  }

  canReceive(): boolean {
    return [...this.#left, ...this.pipes].some(pipe => pipe.canRead)
  }

  trySend(message: Message): boolean {
    return this.pipes.some(pipe => pipe.tryWrite(message))
  }

  tryReceive(): Message | undefined {
    for (const pipe of [...this.#left, ...this.pipes]) {
      const message = pipe.tryRead()
      if (message !== undefined) return message
    }
    return undefined
  }

  refusal(): "EAGAIN" {
    return "EAGAIN"
  }
}
