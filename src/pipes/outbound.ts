import { ownMessage } from "../base/parts.ts"
import { NEVER_USED, RingQueue } from "../base/ring-queue.ts"
import type { Connection } from "../contracts/connection.ts"
import type { Message } from "../contracts/message.ts"

/** These options are read at each use, so that a change has effect at once. */
export interface OutboundOptions {
  readonly sendHighWaterMark: number
  readonly conflate: boolean
}

/**
 * - direct: messages go straight to the connection, and nothing is queued
 * - queueing: messages are queued up to the high-water mark
 * - closed: no further message is taken; queued ones may still be sent
 */
type Mode = "direct" | "queueing" | "closed"

/** This class is the outgoing half of a pipe. */
export class Outbound {
  readonly #options: OutboundOptions
  #queue: RingQueue<Message> = NEVER_USED
  #mode: Mode = "queueing"
  /** In direct mode messages go to this connection. */
  #connection: Connection | undefined
  /** True when a write was refused, so that new room must be reported. */
  #refused = false

  constructor(options: OutboundOptions) {
    this.#options = options
  }

  /** This many messages wait for a connection. */
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
      const sent = connection.encodesAtOnce ? message : ownMessage(message, connection.inThread)
      if (!connection.send(sent) && this.#mode === "direct") this.#mode = "queueing"
      return true
    }
    return this.#enqueue(message)
  }

  // It is apart from tryWrite(), because V8 inlines that only while it is short.
  #enqueue(message: Message): boolean {
    if (this.#mode === "closed") return false
    if (!this.#hasRoom()) {
      this.#refused = true
      return false
    }
    if (this.#options.conflate) this.#queue.clear()
    if (this.#queue === NEVER_USED) this.#queue = new RingQueue()
    this.#queue.push(ownMessage(message, this.#connection?.inThread))
    return true
  }

  /** Sends the queued messages, because the connection takes messages. Direct mode begins when all are sent. */
  flush(connection: Connection): void {
    const queue = this.#queue
    let room = true
    while (room && queue.length > 0) room = connection.send(queue.shift()!)
    if (!room || this.#mode === "closed") return
    this.#mode = "direct"
    this.#connection = connection
  }

  /** Queues messages from now on, because no connection takes them. */
  disconnect(): void {
    if (this.#mode === "direct") this.#mode = "queueing"
    this.#connection = undefined
  }

  /** Takes no further message. */
  close(): void {
    this.#mode = "closed"
    this.#connection = undefined
  }

  /** Drops all queued messages. */
  abandon(): void {
    this.#queue.clear()
  }

  /** Returns true, once, when there is room again after a refused write. */
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
