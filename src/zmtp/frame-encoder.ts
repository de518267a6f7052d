import { allocate, allocatePooled, copyInto } from "../base/runtime.ts"
import type { Message } from "../contracts/message.ts"
import { COMMAND, EMPTY, LONG, LONG_HEADER, MORE, SHORT_LIMIT } from "./frame.ts"
import type { Protection } from "./mechanism.ts"
import { oldFrame } from "./old-frames.ts"

/** When this many bytes are pending they are written without waiting for more. */
export const BATCH_SIZE = 64 * 1024

/**
 * A busy connection's slab has this size: a batch and some room for its last message, so that a batch is one chunk. The
 * first slab is small, and an idle connection keeps none, because there may be tens of thousands of connections.
 */
export const SLAB_SIZE = BATCH_SIZE + 8 * 1024
const FIRST_SLAB_SIZE = 64
/** Slabs up to this size come from the runtime's pool. Larger ones don't, because each keeps a whole piece of it alive. */
const LARGEST_POOLED = 1024

/** Payloads up to this size are copied behind their header. Larger ones are chunks of their own, because that is faster. */
export const COPY_LIMIT = 4096

/**
 * The encoder turns messages and commands into the bytes of frames (RFC 37, "Framing"), in as few chunks as possible.
 * It never changes bytes that take() has returned: it continues in the rest of its slab.
 */
export class FrameEncoder {
  #slab: Buffer = EMPTY
  #nextSlabSize = FIRST_SLAB_SIZE
  /** These bounds hold the bytes of the slab that are not yet in #chunks. */
  #start = 0
  #end = 0
  #chunks: Uint8Array[] | undefined
  #chunkBytes = 0
  /** Frames have another form than that of ZMTP 3 without protection. */
  #form: Protection | "old" | undefined

  /** This many bytes wait to be taken. */
  get bytes(): number {
    return this.#chunkBytes + this.#end - this.#start
  }

  /** From now on messages are frames of ZMTP 1.0. */
  becomeOld(): void {
    this.#form = "old"
  }

  /** From now on all frames are sealed. */
  protect(protection: Protection): void {
    this.#form = protection
  }

  message(parts: Message): void {
    const last = parts.length - 1
    if (this.#form !== undefined) {
      for (let i = 0; i <= last; i++) this.#otherFrame(this.#form, i < last ? MORE : 0, parts[i]!)
      return
    }
    for (let i = 0; i < last; i++) this.#frame(MORE, parts[i]!)
    this.#frame(0, parts[last]!)
  }

  command(body: Uint8Array): void {
    if (this.#form === undefined) this.#frame(COMMAND, body)
    else this.#otherFrame(this.#form, COMMAND, body)
  }

  /** Adds bytes without a frame, such as the greeting. They are not copied. */
  raw(bytes: Uint8Array): void {
    this.#reference(bytes)
  }

  /** Takes all bytes that wait, in order. */
  take(): Uint8Array[] {
    this.#seal()
    const chunks = this.#chunks ?? []
    this.#chunks = undefined
    this.#chunkBytes = 0
    // The rest of the slab is left unused when it is too small, or would only split the next batch.
    if (this.#end >= BATCH_SIZE || this.#slab.length - this.#end < FIRST_SLAB_SIZE) this.#begin(EMPTY)
    return chunks
  }

  #frame(flags: number, body: Uint8Array): void {
    const size = body.length
    if (size > COPY_LIMIT) {
      this.#reserve(LONG_HEADER)
      this.#longHeader(flags, size)
      this.#reference(body)
      return
    }
    if (this.#slab.length - this.#end < LONG_HEADER + size) this.#reserve(LONG_HEADER + size)
    this.#header(flags, size)
    copyInto(this.#slab, body, this.#end)
    this.#end += size
  }

  #otherFrame(form: Protection | "old", flags: number, body: Uint8Array): void {
    if (form === "old") this.raw(oldFrame(flags, body))
    else this.#sealedFrame(form, flags, body)
  }

  /** Seals a frame into the slab. The flags of the outer frame are 0, because libzmq would add others to those inside. */
  #sealedFrame(protection: Protection, flags: number, body: Uint8Array): void {
    const size = body.length + protection.overhead
    this.#reserve(LONG_HEADER + size)
    this.#header(0, size)
    protection.seal(flags, body, this.#slab, this.#end)
    this.#end += size
  }

  #header(flags: number, size: number): void {
    if (size > SHORT_LIMIT) this.#longHeader(flags, size)
    else {
      this.#slab[this.#end++] = flags
      this.#slab[this.#end++] = size
    }
  }

  #longHeader(flags: number, size: number): void {
    const slab = this.#slab
    const at = this.#end
    slab[at] = flags | LONG
    writeUint32(slab, Math.floor(size / 0x1_0000_0000), at + 1)
    writeUint32(slab, size, at + 5)
    this.#end = at + LONG_HEADER
  }

  #reference(body: Uint8Array): void {
    this.#seal()
    this.#add(body)
  }

  #add(chunk: Uint8Array): void {
    this.#chunks ??= []
    this.#chunks.push(chunk)
    this.#chunkBytes += chunk.length
  }

  /** Moves the bytes written to the slab so far into the chunks. */
  #seal(): void {
    if (this.#end === this.#start) return
    this.#add(this.#slab.subarray(this.#start, this.#end))
    this.#start = this.#end
  }

  /** Makes room for `size` bytes in one piece. Slabs double until they have their full size. */
  #reserve(size: number): void {
    if (this.#slab.length - this.#end >= size) return
    this.#seal()
    this.#begin(reserve(Math.max(this.#nextSlabSize, size)))
    this.#nextSlabSize = Math.min(SLAB_SIZE, this.#nextSlabSize * 2)
  }

  #begin(slab: Buffer): void {
    this.#slab = slab
    this.#start = 0
    this.#end = 0
  }
}

// Buffer.writeUInt32BE() is not used, because its checks take several times as long.
function writeUint32(bytes: Buffer, value: number, at: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

function reserve(size: number): Buffer {
  return size <= LARGEST_POOLED ? allocatePooled(size) : allocate(size)
}
