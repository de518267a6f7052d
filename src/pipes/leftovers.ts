import { MOST_PARTS_TOGETHER } from "../base/limits.ts"

/** These options are read at each use, because they may change. */
interface LeftoverOptions {
  readonly receiveHighWaterMark: number
}

/** Lost connections may leave at most this many times the high-water mark of messages. */
const MOST_CONNECTIONS = 64
/** They may also leave this many bytes that are not parsed yet. */
const MOST_BYTES = 64 * 1024 * 1024

/**
 * Leftovers counts the unread messages of connections that are gone. Each connection had its high-water mark, but peers may
 * connect, send and leave again and again while the program doesn't receive. Above a limit, new connections are
 * therefore not read until the program has received enough. No message is lost by that, and connections from before are
 * not held back. There is a second limit for bytes that were in the system's buffers when a peer had gone. Above it such
 * bytes are dropped, because there is no other way to bound them.
 */
export class Leftovers {
  readonly #options: LeftoverOptions
  readonly #onBelowLimit: () => void
  #count = 0
  #bytes = 0
  #parts = 0

  /** @param onBelowLimit is called when there were too many messages, and aren't any more */
  constructor(options: LeftoverOptions, onBelowLimit: () => void) {
    this.#options = options
    this.#onBelowLimit = onBelowLimit
  }

  get tooMany(): boolean {
    const { receiveHighWaterMark } = this.#options
    return receiveHighWaterMark > 0 && this.#count >= receiveHighWaterMark * MOST_CONNECTIONS
  }

  /** Counts further unparsed bytes, or returns false when they would be too many. */
  keep(bytes: number): boolean {
    if (this.#bytes + bytes > MOST_BYTES) return false
    this.#bytes += bytes
    return true
  }

  /** True when there is room for an unread message of many parts. */
  hasRoomFor(parts: number): boolean {
    return this.#parts + parts <= MOST_PARTS_TOGETHER
  }

  /** Counts the parts of an unread message of many parts. */
  keepParts(parts: number): void {
    this.#parts += parts
  }

  /** Parts that were counted have been received or dropped. */
  dropParts(parts: number): void {
    this.#parts -= parts
  }

  /** Bytes that were counted have been received or dropped. */
  drop(bytes: number): void {
    this.#bytes -= bytes
  }

  /** A pipe that gets no further connection has left this many messages. */
  add(messages: number): void {
    this.#count += messages
  }

  /** One of the counted messages was received. */
  take(): void {
    const before = this.tooMany
    this.#count--
    if (before && !this.tooMany) this.#onBelowLimit()
  }
}
