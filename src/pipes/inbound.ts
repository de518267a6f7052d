import { RingQueue } from "../base/ring-queue.ts"
import type { Connection, UnreadMessages } from "../contracts/connection.ts"
import type { Message } from "../contracts/message.ts"
import type { Leftovers } from "./leftovers.ts"

/** The options that count here, live. */
export interface InboundOptions {
  readonly receiveHighWaterMark: number
  readonly conflate: boolean
}

/**
 * - taking: messages of the connection are queued
 * - paused: a connection has to wait, because the queue is full or an earlier one has left something unread
 * - dropping: messages that still come are for nobody; what was queued before can be read
 * - left: nothing comes any more, and what is queued counts among the leftovers
 */
type Mode = "taking" | "paused" | "dropping" | "left"

/** The incoming half of a pipe. */
export class Inbound {
  readonly #options: InboundOptions
  readonly #leftovers: Leftovers
  readonly #queue = new RingQueue<Message>()
  #mode: Mode = "taking"
  #connection: Connection | undefined
  /** What connections that are gone have left behind, to be read after the queue; oldest first. */
  #unread: UnreadMessages[] | undefined

  constructor(options: InboundOptions, leftovers: Leftovers) {
    this.#options = options
    this.#leftovers = leftovers
  }

  get canRead(): boolean {
    return this.#queue.length > 0
  }

  tryRead(): Message | undefined {
    const message = this.#queue.shift()
    if (this.#mode === "taking" || message === undefined) return message
    if (this.#mode === "left") this.#leftovers.take()
    if (this.#unread !== undefined) this.#refill()
    // At half the mark, so that the peer is stopped and started in large steps.
    else if (this.#mode === "paused" && this.#queue.length <= this.#options.receiveHighWaterMark >> 1)
      this.#resume("taking")
    return message
  }

  /** True when there was nothing to read before this message. */
  take(message: Message): boolean {
    if (this.#mode === "dropping") return false
    const wasEmpty = this.#queue.length === 0
    this.#add(message)
    if (this.#isFull()) this.#pause()
    return wasEmpty
  }

  /** True while messages and control of the peer are wanted. */
  get wanted(): boolean {
    return this.#mode !== "dropping"
  }

  connect(connection: Connection): void {
    this.#connection = connection
  }

  /** The connection is open. What former ones left counts too, or a peer could bring in more by coming again and again. */
  opened(): void {
    if (this.#mode === "paused") this.#connection?.pause()
    else if (this.#isFull() || this.#leftovers.tooMany) this.#pause()
  }

  /**
   * The connection is gone.
   * @returns true when there was nothing to read, and now there is
   */
  disconnect(unread?: UnreadMessages): boolean {
    this.#connection = undefined
    if (this.#mode === "dropping") return false
    this.#mode = this.#unread === undefined ? "taking" : "paused"
    if (unread === undefined || !this.#leftovers.keep(unread.bytes)) return false
    this.#unread ??= []
    this.#unread.push(unread)
    this.#mode = "paused"
    const wasEmpty = this.#queue.length === 0
    this.#refill()
    return wasEmpty && this.#queue.length > 0
  }

  /** Nothing comes any more; what is unread counts among the leftovers. */
  leave(): void {
    if (this.#mode === "left") return
    this.#mode = "left"
    this.#leftovers.add(this.#queue.length)
  }

  /** Drops what is unread. */
  clear(): void {
    this.#queue.clear()
    for (const { bytes } of this.#unread ?? []) this.#leftovers.drop(bytes)
    this.#unread = undefined
  }

  /** Drops what still comes, if the queue is full: the end of a paused connection isn't noticed. */
  dropIfPaused(): void {
    if (this.#mode === "paused") this.drop()
  }

  /** Messages may be welcome again. */
  resumeUnlessFull(): void {
    if (this.#mode !== "paused" || this.#unread !== undefined) return
    if (!this.#isFull() && !this.#leftovers.tooMany) this.#resume("taking")
  }

  /** There is always a message in the queue while there is one to be read. */
  #refill(): void {
    while (this.#unread !== undefined && (this.#queue.length === 0 || this.#options.conflate)) {
      const message = this.#unread[0]!.next()
      if (message === undefined) this.#forgetFirst(this.#unread)
      else this.#add(message)
    }
  }

  #add(message: Message): void {
    if (this.#mode === "left") this.#leftovers.add(1)
    if (this.#options.conflate) this.#queue.clear()
    this.#queue.push(message)
  }

  #forgetFirst(unread: UnreadMessages[]): void {
    this.#leftovers.drop(unread.shift()!.bytes)
    if (unread.length > 0) return
    this.#unread = undefined
    this.resumeUnlessFull()
  }

  /** Drops what still comes. */
  drop(): void {
    if (this.#mode === "paused") this.#resume("dropping")
    else if (this.#mode === "taking") this.#mode = "dropping"
  }

  #isFull(): boolean {
    const { receiveHighWaterMark, conflate } = this.#options
    return receiveHighWaterMark !== 0 && this.#queue.length >= receiveHighWaterMark && !conflate
  }

  #pause(): void {
    if (this.#mode !== "taking") return
    this.#mode = "paused"
    this.#connection?.pause()
  }

  #resume(mode: "taking" | "dropping"): void {
    this.#mode = mode
    this.#connection?.resume()
  }
}
