import { protocolError } from "../base/errors.ts"
import { LARGEST_MESSAGE } from "../base/limits.ts"
import {
  allocate,
  allocatePooled,
  allocateShared,
  asBuffer,
  bufferOver,
  forbidTransfer,
} from "../base/runtime.ts"
import { COMMAND, COMMAND_LIMIT, EMPTY, LONG, LONG_HEADER } from "./frame.ts"

/** Split bodies up to this size get their memory at once. Larger ones get it step by step, as their bytes arrive. */
const EXACT_LIMIT = 1024 * 1024
/**
 * The memory of a larger body grows by this factor. The memory before is held beside it while the bytes move, so that a
 * whole body takes an eighth more than it has, and not as much again. The system gives memory only as it is written.
 */
const GROWTH = 8

/**
 * Small bodies share pieces of memory of this size, so a kept body keeps no more than one piece alive. Node's own pool for
 * small Buffers has the same size. Bodies of more than half of it have memory of their own.
 */
const PIECE_SIZE = 8 * 1024
const SHARING_LIMIT = PIECE_SIZE / 2

/**
 * The bodies among a chunk's last bytes, up to this many, are copied one by one. So is a body of as many bytes or more, when no
 * more bytes than its own follow. Such copies begin at multiples of 8, as typed arrays need it. Others that come in numbers do
 * not, because one copy for all of them is faster.
 */
const COPIED_ALONE = 512

/** The rest of a body is read directly into its memory only when at least this many bytes are missing. */
const DIRECT_MINIMUM = 4 * 1024

/**
 * Bodies of middling size that come in bulk are read into chunks of our own, and not copied at all. They keep more memory
 * than their own alive, but in proportion not more than small ones do.
 */
const OWN_CHUNK_SIZE = 64 * 1024
const BULK = OWN_CHUNK_SIZE / 4
const MIDDLING = { least: 512, most: 32 * 1024 }

/**
 * A frame decoder finds the frames in a stream of bytes, however the bytes are split into chunks (RFC 37, "Framing").
 *
 * The caller feeds a chunk, calls read() until that returns false, and then feeds the next chunk. read() sets
 * {@link flags} and {@link body}, so that no object is made per frame. The memory of a chunk belongs to the caller. Small
 * bodies are views of pieces that were copied out of a chunk, and large bodies are copied one by one. A caller that reads
 * into the memory of {@link vacancy} avoids these copies. Like libzmq, the decoder ignores reserved flag bits, and accepts
 * a long header for a short body.
 */
export class FrameDecoder {
  /** These are the flags of the frame that read() has found. */
  flags = 0
  /** This is the body of that frame. */
  body: Buffer = EMPTY
  /** These limit the body of a message's frame, and of a command. They may change between two frames. */
  messageLimit: number
  commandLimit: number

  #chunk: Buffer = EMPTY
  /** This is a copy of the chunk's bytes from #base on, in which frames are read up to #offset. */
  #piece: Buffer = EMPTY
  /** The piece is in this memory, from #start on. */
  #memory: ArrayBufferLike = EMPTY.buffer
  #start = 0
  #base = 0
  #offset = 0
  /** This holds a header that was split over chunks. It has no memory until there is one. */
  #header: Buffer = EMPTY
  #headerLength = 0
  /** These describe an incomplete body: its memory so far, the count of filled bytes, and its whole size. */
  #partial: Buffer | undefined
  #filled = 0
  #size = 0
  /** vacancy() has returned this chunk for the next bytes. */
  #ownChunk: Buffer | undefined
  /** True when the last chunk was a large one. #typicalSize is the size of the last body. */
  #inBulk = false
  #typicalSize = 0

  constructor(messageLimit: number = LARGEST_MESSAGE, commandLimit: number = COMMAND_LIMIT) {
    this.messageLimit = messageLimit
    this.commandLimit = commandLimit
  }

  /** True when all bytes of the last chunk are decoded. */
  get exhausted(): boolean {
    return this.#base + this.#offset === this.#chunk.length
  }

  /** This many bytes of the last chunk are not decoded yet. */
  get left(): number {
    return this.#chunk.length - this.#base - this.#offset
  }

  /** Takes the next chunk, after the last one is exhausted. It must not change until it is exhausted, or keep() was called. */
  feed(chunk: Uint8Array): void {
    this.#moveTo(asBuffer(chunk), 0)
    this.#inBulk = chunk.length >= BULK
  }

  /** Copies the rest of the chunk, so that its owner may use the memory again. */
  keep(): void {
    if (this.exhausted) return
    this.#chunk = copyOf(this.#chunk, this.#base, this.#chunk.length)
    this.#base = 0
  }

  /**
   * Returns memory for the next bytes of the stream, once the chunk is exhausted. It is the rest of a body, or a chunk of
   * our own. Returns undefined when feed() is better.
   */
  vacancy(): Buffer | undefined {
    if (this.#partial !== undefined && this.#size - this.#filled >= DIRECT_MINIMUM) {
      this.#partial = this.#withRoom(this.#partial, this.#filled + 1)
      return this.#partial.subarray(this.#filled)
    }
    const isMiddling = this.#typicalSize >= MIDDLING.least && this.#typicalSize <= MIDDLING.most
    this.#ownChunk = this.#inBulk && isMiddling ? reserve(OWN_CHUNK_SIZE) : undefined
    return this.#ownChunk
  }

  /** The caller has put this many bytes into the memory that vacancy() returned last. */
  filled(count: number): void {
    const own = this.#ownChunk
    if (own === undefined) {
      this.#filled += count
      return
    }
    this.#ownChunk = undefined
    this.feed(own.subarray(0, count))
    if (!this.#inBulk) return
    this.#setPiece(this.#chunk)
    forbidTransfer(this.#memory)
  }

  /** Returns true when it has found a whole frame. Throws EMSGSIZE for a too large frame before it takes memory for it. */
  read(): boolean {
    if (this.#partial !== undefined) return this.#continueBody(this.#partial)
    if (this.#headerLength > 0) return this.#continueHeader()
    const piece = this.#piece
    const at = this.#offset
    if (piece.length - at < 2) return this.#readOn()
    const flags = piece[at]!
    const size = piece[at + 1]!
    const end = at + 2 + size
    if ((flags & LONG) !== 0 || end > piece.length || size > this.messageLimit) return this.#readOn()
    return this.#take(flags, at + 2, end)
  }

  /** Takes a frame that lies whole in the piece. */
  #take(flags: number, start: number, end: number): true {
    this.flags = flags
    this.#offset = end
    this.body = start === end ? EMPTY : bufferOver(this.#memory, this.#start + start, end - start)
    return true
  }

  /** Reads a frame that has a long header, or doesn't lie whole in the piece. */
  #readOn(): boolean {
    const chunk = this.#chunk
    const at = this.#base + this.#offset
    const available = chunk.length - at
    if (available < 2) return this.#continueHeader()
    const flags = chunk[at]!
    if ((flags & LONG) === 0) return this.#begin(flags, chunk[at + 1]!, at, 2)
    if (available < LONG_HEADER) return this.#continueHeader()
    return this.#begin(flags, longSize(chunk, at + 1), at, LONG_HEADER)
  }

  /** Begins a frame whose header is at this place of the chunk. */
  #begin(flags: number, size: number, at: number, headerLength: number): boolean {
    this.#checkSize(flags, size)
    const start = at + headerLength
    const end = start + size
    const chunk = this.#chunk
    const isLast = size >= COPIED_ALONE && chunk.length - end <= size
    const inPiece = end <= this.#base + this.#piece.length
    if (inPiece && (!isLast || this.#piece === chunk))
      return this.#take(flags, start - this.#base, end - this.#base)
    if (size > SHARING_LIMIT || end > chunk.length) return this.#beginBody(flags, size, start)
    if (isLast || size === 0 || chunk.length - start <= COPIED_ALONE)
      return this.#copyAlone(flags, start, end)
    this.#cutPiece(at)
    return this.#take(flags, start - this.#base, end - this.#base)
  }

  /** Takes a frame that lies whole in the chunk, in memory of the runtime's pool. */
  #copyAlone(flags: number, start: number, end: number): true {
    this.flags = flags
    this.#offset = end - this.#base
    this.body = start === end ? EMPTY : copyOf(this.#chunk, start, end)
    return true
  }

  #cutPiece(at: number): void {
    const end = Math.min(at + PIECE_SIZE, this.#chunk.length)
    const piece = allocateShared(end - at)
    this.#chunk.copy(piece, 0, at, end)
    this.#setPiece(piece)
    this.#base = at
    this.#offset = 0
  }

  #setPiece(piece: Buffer): void {
    this.#piece = piece
    this.#memory = piece.buffer
    this.#start = piece.byteOffset
  }

  /** Moves the bytes of a split header out of the chunk, one by one. This happens at most once per chunk. */
  #continueHeader(): boolean {
    const chunk = this.#chunk
    let at = this.#base + this.#offset
    if (at < chunk.length && this.#header.length === 0) this.#header = allocatePooled(LONG_HEADER)
    const header = this.#header
    while (at < chunk.length) {
      header[this.#headerLength++] = chunk[at++]!
      const flags = header[0]!
      if (this.#headerLength !== ((flags & LONG) === 0 ? 2 : LONG_HEADER)) continue
      this.#headerLength = 0
      const size = (flags & LONG) === 0 ? header[1]! : longSize(header, 1)
      this.#checkSize(flags, size)
      return this.#beginBody(flags, size, at)
    }
    return this.#starve()
  }

  /** Begins a body in memory of its own. */
  #beginBody(flags: number, size: number, start: number): boolean {
    this.flags = flags
    this.#offset = start - this.#base
    const available = this.#chunk.length - start
    this.#filled = 0
    this.#size = size
    this.#typicalSize = size
    return this.#continueBody(reserve(Math.min(size, Math.max(EXACT_LIMIT, available))))
  }

  #continueBody(partial: Buffer): boolean {
    const from = this.#base + this.#offset
    const count = Math.min(this.#size - this.#filled, this.#chunk.length - from)
    const target = count === 0 ? partial : this.#withRoom(partial, this.#filled + count)
    this.#chunk.copy(target, this.#filled, from, from + count)
    this.#filled += count
    if (this.#filled < this.#size) {
      this.#partial = target
      return this.#starve()
    }
    this.#offset += count
    this.#partial = undefined
    this.body = target
    return true
  }

  /**
   * Returns memory with room for the needed bytes. It grows with the bytes that arrive, because a declared size must cost
   * nothing before. Few bytes are copied more than once.
   */
  #withRoom(partial: Buffer, needed: number): Buffer {
    if (needed <= partial.length) return partial
    const larger = reserve(Math.min(this.#size, Math.max(partial.length * GROWTH, needed)))
    partial.copy(larger, 0, 0, this.#filled)
    return larger
  }

  #checkSize(flags: number, size: number): void {
    checkSize(flags, size, (flags & COMMAND) === 0 ? this.messageLimit : this.commandLimit)
  }

  /** Continues at this place of the chunk, without a piece. */
  #moveTo(chunk: Buffer, at: number): void {
    this.#chunk = chunk
    this.#setPiece(EMPTY)
    this.#base = at
    this.#offset = 0
  }

  /** Is called when the bytes are used up. It drops the chunk and the last body, because they must not stay in memory. */
  #starve(): false {
    if (this.body.length > 0) this.#typicalSize = this.body.length
    this.#moveTo(EMPTY, 0)
    this.body = EMPTY
    return false
  }
}

/** Reads a size of eight bytes. It is inexact beyond 2^53, but that is far beyond every limit. */
function longSize(bytes: Buffer, at: number): number {
  return uint32(bytes, at) * 0x1_0000_0000 + uint32(bytes, at + 4)
}

// Buffer.readUInt32BE() is not used, because it repeats checks that were done already.
function uint32(bytes: Buffer, at: number): number {
  return bytes[at]! * 0x100_0000 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!)
}

function copyOf(bytes: Buffer, start: number, end: number): Buffer {
  const copy = allocatePooled(end - start)
  bytes.copy(copy, 0, start, end)
  return copy
}

/** Throws EMSGSIZE for a frame with more bytes than are allowed. */
export function checkSize(flags: number, size: number, limit: number): void {
  if (size <= limit) return
  const kind = (flags & COMMAND) === 0 ? "message" : "command"
  throw protocolError("EMSGSIZE", `a ${kind} frame of ${size} bytes, where ${limit} are allowed`)
}

/** Allocates memory for a body. It throws EMSGSIZE when there is none, because that must end this connection only. */
function reserve(size: number): Buffer {
  try {
    return size > SHARING_LIMIT ? allocate(size) : allocatePooled(size)
  } catch {
    throw protocolError("EMSGSIZE", `no memory for a frame of ${size} bytes`)
  }
}
