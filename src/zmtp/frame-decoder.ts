import { protocolError } from "../errors.ts"
import { allocate, asBuffer } from "../runtime.ts"
import { COMMAND, COMMAND_LIMIT, EMPTY, HARD_LIMIT, LONG, LONG_HEADER } from "./frame.ts"

/** Split bodies up to this size get their memory at once; larger ones as their bytes really arrive. */
const EXACT_LIMIT = 1024 * 1024

/**
 * Cuts a stream of bytes into frames, however the bytes were split (RFC 37, "Framing").
 *
 * A pull decoder: feed() a chunk, then read() until it says false, then feed() the next. read() leaves the frame
 * in {@link flags} and {@link body}, so that no object is made per frame. A body that lies in one chunk is a view
 * of it; others are copied together. Lenient as libzmq: reserved flag bits mean nothing, and a long header may
 * announce a short body.
 */
export class FrameDecoder {
  /** Of the frame that read() found. */
  flags = 0
  /** Of the frame that read() found. */
  body: Buffer = EMPTY
  /** Largest body of a message frame; may change between two frames. Commands have {@link COMMAND_LIMIT}. */
  messageLimit: number

  #chunk: Buffer = EMPTY
  #offset = 0
  /** A header that was split over chunks. */
  readonly #header = allocate(LONG_HEADER)
  #headerLength = 0
  /** A body that was split over chunks: its memory so far, how much of it is filled, how long it will be. */
  #partial: Buffer | undefined
  #filled = 0
  #size = 0

  constructor(messageLimit: number = HARD_LIMIT) {
    this.messageLimit = messageLimit
  }

  /** True when all bytes of the last chunk have been looked at. */
  get exhausted(): boolean {
    return this.#offset === this.#chunk.length
  }

  /** The next chunk; the one before must be exhausted. */
  feed(chunk: Uint8Array): void {
    this.#chunk = asBuffer(chunk)
    this.#offset = 0
  }

  /** True when a whole frame was found. Throws EMSGSIZE, before memory is taken, for a frame beyond its limit. */
  read(): boolean {
    if (this.#partial !== undefined) return this.#continueBody(this.#partial)
    if (this.#headerLength > 0) return this.#continueHeader()
    const chunk = this.#chunk
    const at = this.#offset
    const available = chunk.length - at
    if (available < 2) return this.#continueHeader()
    const flags = chunk[at]!
    if ((flags & LONG) === 0) return this.#take(flags, chunk[at + 1]!, at + 2)
    if (available < LONG_HEADER) return this.#continueHeader()
    return this.#take(flags, longSize(chunk, at + 1), at + LONG_HEADER)
  }

  /** The header is known and the body starts in the current chunk. */
  #take(flags: number, size: number, start: number): boolean {
    const limit = (flags & COMMAND) === 0 ? this.messageLimit : COMMAND_LIMIT
    if (size > limit) throw tooLarge(flags, size, limit)
    this.flags = flags
    const chunk = this.#chunk
    const end = start + size
    if (end > chunk.length) return this.#beginBody(size, start)
    this.#offset = end
    this.body = size === 0 ? EMPTY : chunk.subarray(start, end)
    return true
  }

  /** Moves bytes of the header out of the chunk, one by one: this happens at most once per chunk. */
  #continueHeader(): boolean {
    const header = this.#header
    const chunk = this.#chunk
    while (this.#offset < chunk.length) {
      header[this.#headerLength++] = chunk[this.#offset++]!
      const flags = header[0]!
      if (this.#headerLength !== ((flags & LONG) === 0 ? 2 : LONG_HEADER)) continue
      this.#headerLength = 0
      return this.#take(flags, (flags & LONG) === 0 ? header[1]! : longSize(header, 1), this.#offset)
    }
    return this.#starve()
  }

  #beginBody(size: number, start: number): boolean {
    const available = this.#chunk.length - start
    const partial = reserve(Math.min(size, Math.max(EXACT_LIMIT, available)))
    this.#chunk.copy(partial, 0, start)
    this.#partial = partial
    this.#filled = available
    this.#size = size
    return this.#starve()
  }

  #continueBody(partial: Buffer): boolean {
    const count = Math.min(this.#size - this.#filled, this.#chunk.length - this.#offset)
    const target = this.#withRoom(partial, this.#filled + count)
    this.#chunk.copy(target, this.#filled, this.#offset, this.#offset + count)
    this.#filled += count
    this.#offset += count
    if (this.#filled < this.#size) {
      this.#partial = target
      return this.#starve()
    }
    this.#partial = undefined
    this.body = target
    return true
  }

  /** Doubles, so that a declared size costs nothing and each byte is copied twice at most on average. */
  #withRoom(partial: Buffer, needed: number): Buffer {
    if (needed <= partial.length) return partial
    const larger = reserve(Math.min(this.#size, Math.max(partial.length * 2, needed)))
    partial.copy(larger, 0, 0, this.#filled)
    return larger
  }

  /** Out of bytes: keeps neither the chunk nor the last body alive. */
  #starve(): false {
    this.#chunk = EMPTY
    this.#offset = 0
    this.body = EMPTY
    return false
  }
}

/** Beyond 2^53 the number is inexact, which is of no matter: it is far beyond every limit. */
function longSize(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4)
}

function tooLarge(flags: number, size: number, limit: number): Error {
  const kind = (flags & COMMAND) === 0 ? "message" : "command"
  return protocolError("EMSGSIZE", `a ${kind} frame of ${size} bytes, where ${limit} are allowed`)
}

/** The machine being out of memory is the frame's fault, and must end this connection only. */
function reserve(size: number): Buffer {
  try {
    return allocate(size)
  } catch {
    throw protocolError("EMSGSIZE", `no memory for a frame of ${size} bytes`)
  }
}
