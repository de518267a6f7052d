import { ownMessage } from "../base/parts.ts"
import { RingQueue } from "../base/ring-queue.ts"
import type { Connection } from "../contracts/connection.ts"
import type { Message } from "../contracts/message.ts"
import { type QueueAtExit, trackUndelivered, untrackUndelivered } from "../lifetime/exit-guard.ts"

/** The options that count here, live. */
export interface OutboundOptions {
  readonly sendHighWaterMark: number
  readonly conflate: boolean
}

/**
 * - direct: messages go straight to the connection, and nothing is queued
 * - queueing: messages are queued up to the high-water mark
 * - closed: no further message is taken; what is queued may still leave
 */
type Mode = "direct" | "queueing" | "closed"

/** The outgoing half of a pipe. */
export class Outbound {
  readonly #options: OutboundOptions
  readonly #atExit: QueueAtExit
  readonly #queue = new RingQueue<Message>()
  #mode: Mode = "queueing"
  /** Where messages go in direct mode. */
  #connection: Connection | undefined
  /** Somebody was told that there is no room, and is to be told when there is. */
  #refused = false

  /** @param atExit what the end of the process shall wait for while messages are queued */
  constructor(options: OutboundOptions, atExit: QueueAtExit) {
    this.#options = options
    this.#atExit = atExit
  }

  /** How many messages wait for a connection. */
  get length(): number {
    return this.#queue.length
  }

  get canWrite(): boolean {
    if (this.#mode === "direct" || (this.#mode === "queueing" && this.#hasRoom())) return true
    this.#refused = true
    return false
  }

  tryWrite(message: Message): boolean {
    if (this.#mode === "direct") {
      const connection = this.#connection!
      const sent = connection.encodesAtOnce ? message : ownMessage(message)
      if (!connection.send(sent) && this.#mode === "direct") this.#mode = "queueing"
      return true
    }
    if (this.#mode === "closed") return false
    if (!this.#hasRoom()) {
      this.#refused = true
      return false
    }
    if (this.#options.conflate) this.#queue.clear()
    if (this.#queue.length === 0) trackUndelivered(this.#atExit)
    this.#queue.push(ownMessage(message))
    return true
  }

  /** The connection takes messages: those that are queued first. */
  flush(connection: Connection): void {
    const queue = this.#queue
    const queued = queue.length > 0
    let room = true
    while (room && queue.length > 0) room = connection.send(queue.shift()!)
    if (queued && queue.length === 0) untrackUndelivered(this.#atExit)
    if (!room || this.#mode === "closed") return
    this.#mode = "direct"
    this.#connection = connection
  }

  /** There is no connection, or none that takes messages: they are queued from now on. */
  disconnect(): void {
    if (this.#mode === "direct") this.#mode = "queueing"
    this.#connection = undefined
  }

  /** Takes no further message. */
  close(): void {
    this.#mode = "closed"
    this.#connection = undefined
  }

  /** Drops what is queued. */
  abandon(): void {
    this.#queue.clear()
    untrackUndelivered(this.#atExit)
  }

  /** True, once, when there is room again for who was told that there is none. */
  takeNewRoom(): boolean {
    if (!this.#refused || !this.canWrite) return false
    this.#refused = false
    return true
  }

  #hasRoom(): boolean {
    const { sendHighWaterMark, conflate } = this.#options
    return sendHighWaterMark === 0 || this.#queue.length < sendHighWaterMark || conflate
  }
}
