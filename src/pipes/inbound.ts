import { protocolError } from "../base/errors.ts"
import { MANY_PARTS, MOST_PARTS_OF_PEER } from "../base/limits.ts"
import { NEVER_USED, RingQueue } from "../base/ring-queue.ts"
import type { Connection, UnreadMessages } from "../contracts/connection.ts"
import type { Message } from "../contracts/message.ts"
import type { Leftovers } from "./leftovers.ts"
import { Unread } from "./unread.ts"

/** These options are read at each use, because they may change. */
export interface InboundOptions {
  readonly receiveHighWaterMark: number
  readonly conflate: boolean
}

/**
 * - taking: messages of the connection are queued
 * - paused: the connection has to wait, because the queue is full or an earlier connection has left unread messages
 * - dropping: messages that still come are dropped; queued ones can be read
 * - left: no messages come any more, and the queued ones count as leftovers
 */
type Mode = "taking" | "paused" | "dropping" | "left"

/** This is the incoming half of a pipe. */
export class Inbound {
  readonly #options: InboundOptions
  readonly #leftovers: Leftovers
  #queue: RingQueue<Message> = NEVER_USED
  #mode: Mode = "taking"
  /** The queued messages of many parts have this many parts together. */
  #parts = 0
  /** True while the pattern has the connection wait, though messages could be taken. */
  #held = false
  #connection: Connection | undefined
  /** Lost connections have left these messages, which are read after the queue. */
  #unread: Unread | undefined

  constructor(options: InboundOptions, leftovers: Leftovers) {
    this.#options = options
    this.#leftovers = leftovers
  }

  get canRead(): boolean {
    return this.#queue.length > 0
  }

  /** True while lost connections have left messages that are not in the queue. */
  get hasUnread(): boolean {
    return this.#unread !== undefined
  }

  tryRead(): Message | undefined {
    const message = this.#queue.shift()
    if ((this.#mode !== "taking" || this.#parts > 0) && message !== undefined) this.#hasRead(message)
    return message
  }

  // It is apart from tryRead(), because V8 inlines that only while it is short.
  #hasRead({ length }: Message): void {
    if (length >= MANY_PARTS) this.#dropParts(length)
    if (this.#mode === "left") this.#leftovers.take()
    if (this.#unread !== undefined) this.#refill()
    // Reading goes on at half the mark, because stopping and starting the peer often would be slow.
    else if (this.#mode === "paused" && this.#isHalfEmpty()) this.#resume("taking")
  }

  /** Queues a message of the connection. Returns true when there was nothing to read before. */
  take(message: Message): boolean {
    if (this.#mode === "dropping") return false
    if (message.length >= MANY_PARTS) this.#checkParts(message.length)
    const wasEmpty = this.#queue.length === 0
    this.#add(message)
    if (this.#isFull()) this.#pause()
    return wasEmpty
  }

  /** True while messages and controls of the peer are not dropped. */
  get wanted(): boolean {
    return this.#mode !== "dropping"
  }

  connect(connection: Connection): void {
    this.#connection = connection
  }

  /**
   * The connection is open. It is paused at once if former connections have left too much, because a peer could otherwise
   * fill the memory by connecting again and again.
   */
  opened(): void {
    if (this.#mode === "paused") this.#connection?.pause()
    else if (this.#isFull() || this.#leftovers.tooMany) this.#pause()
  }

  /**
   * Is called when the connection is gone.
   * @param unread the messages that it had received but not delivered
   * @param onMore is called when more of them may be found, after tryRead() has returned none; refill() is to follow
   * @returns true when there was nothing to read, and now there is
   */
  disconnect(unread: UnreadMessages | undefined, onMore: () => void): boolean {
    this.#connection = undefined
    this.#held = false
    if (this.#mode === "dropping") return false
    this.#mode = this.#unread === undefined ? "taking" : "paused"
    if (unread === undefined || !this.#leftovers.keep(unread.bytes)) return false
    this.#unread ??= new Unread(this.#leftovers, onMore)
    this.#unread.add(unread)
    this.#mode = "paused"
    return this.refill()
  }

  /** Looks for messages of lost connections. Returns true when there was nothing to read, and now there is. */
  refill(): boolean {
    const wasEmpty = this.#queue.length === 0
    this.#refill()
    return wasEmpty && this.#queue.length > 0
  }

  /** No messages come any more. The queued ones count as leftovers. */
  leave(): void {
    if (this.#mode === "left") return
    this.#mode = "left"
    this.#leftovers.add(this.#queue.length)
  }

  /** Has the connection wait, or go on. It goes on anyway when its messages are dropped. */
  holdBack(held: boolean): void {
    if (held === this.#held) return
    this.#held = held
    if (this.#mode !== "taking") return
    if (held) this.#connection?.pause()
    else this.#connection?.resume()
  }

  /** Drops all unread messages. */
  clear(): void {
    this.#clearQueue()
    this.#unread?.clear()
    this.#unread = undefined
  }

  /** Drops messages that still come, if the connection is paused, because its end would not be noticed. */
  dropIfPaused(): void {
    if (this.#mode === "paused" || this.#held) this.drop()
  }

  /** Lets the connection go on if there is room again. */
  resumeUnlessFull(): void {
    if (this.#mode !== "paused" || this.#unread !== undefined) return
    if (!this.#isFull() && !this.#leftovers.tooMany) this.#resume("taking")
  }

  /** Moves a message of a lost connection into the queue, if that is empty. */
  #refill(): void {
    while (this.#unread !== undefined && (this.#queue.length === 0 || this.#options.conflate)) {
      const message = this.#unread.next()
      if (message !== undefined) this.#add(message)
      else if (this.#unread.empty) this.#allRead()
      else return
    }
  }

  #add(message: Message): void {
    if (this.#mode === "left") this.#leftovers.add(1)
    if (this.#options.conflate) this.#clearQueue()
    if (this.#queue === NEVER_USED) this.#queue = new RingQueue()
    if (message.length >= MANY_PARTS) this.#keepParts(message.length)
    this.#queue.push(message)
  }

  #allRead(): void {
    this.#unread = undefined
    this.resumeUnlessFull()
  }

  /** Drops messages that still come. */
  drop(): void {
    if (this.#mode === "paused" || (this.#mode === "taking" && this.#held)) this.#resume("dropping")
    else if (this.#mode === "taking") this.#mode = "dropping"
  }

  #isFull(): boolean {
    const { receiveHighWaterMark, conflate } = this.#options
    if (receiveHighWaterMark === 0 || conflate) return false
    return this.#queue.length >= receiveHighWaterMark || this.#parts >= MOST_PARTS_OF_PEER
  }

  #isHalfEmpty(): boolean {
    const { receiveHighWaterMark } = this.#options
    return this.#queue.length <= receiveHighWaterMark >> 1 && this.#parts < MOST_PARTS_OF_PEER
  }

  #keepParts(parts: number): void {
    this.#parts += parts
    this.#leftovers.keepParts(parts)
  }

  /** Throws EMSGSIZE, which ends the connection, when the unread messages of all peers have too many parts. */
  #checkParts(parts: number): void {
    const isLimited = this.#options.receiveHighWaterMark !== 0
    if (isLimited && !this.#leftovers.hasRoomFor(parts))
      throw protocolError("EMSGSIZE", "unread messages of too many parts")
  }

  #dropParts(parts: number): void {
    this.#parts -= parts
    this.#leftovers.dropParts(parts)
  }

  #clearQueue(): void {
    this.#queue.clear()
    if (this.#parts > 0) this.#dropParts(this.#parts)
  }

  #pause(): void {
    if (this.#mode !== "taking") return
    this.#mode = "paused"
    this.#connection?.pause()
  }

  #resume(mode: "taking" | "dropping"): void {
    this.#mode = mode
    if (mode === "dropping" || !this.#held) this.#connection?.resume()
  }
}
