/** The frames of ZMTP 1.0: size, flags, body, where the size counts the flags (RFC 13, "Framing"). */
import { strangerError } from "../base/errors.ts"
import { allocate } from "../base/runtime.ts"
import { LONG, LONG_HEADER, MORE } from "./frame.ts"

const LONG_SIZE = 0xff
const OLD_LONG_HEADER = 10

/** A frame of a message; the body is copied. */
export function oldFrame(flags: number, body: Uint8Array): Uint8Array {
  const size = 1 + body.length
  const isShort = size < LONG_SIZE
  const frame = allocate((isShort ? 1 : LONG_HEADER) + size)
  frame[0] = isShort ? size : LONG_SIZE
  if (!isShort) frame.writeUIntBE(size, 3, 6)
  if (!isShort) frame.fill(0, 1, 3)
  const flagsAt = isShort ? 1 : LONG_HEADER
  frame[flagsAt] = flags
  frame.set(body, flagsAt + 1)
  return frame
}

/**
 * Turns a stream of such frames into one of today's frames, chunk by chunk, for the decoder that all limits are in. A
 * chunk may end anywhere. Stricter than libzmq: a flag that the protocol doesn't know is an error.
 */
export class OldFrameReader {
  readonly #header = allocate(OLD_LONG_HEADER)
  #headerLength = 0
  /** Bytes of the body that haven't come. */
  #missing = 0
  /** To be said once the first frame has ended. */
  #afterFirst: Uint8Array

  /** @param afterFirst bytes that follow the first frame */
  constructor(afterFirst: Uint8Array) {
    this.#afterFirst = afterFirst
  }

  /** The same in today's form, in memory of its own. */
  translate(chunk: Uint8Array): Buffer {
    // No header is longer than the one that it replaces.
    const result = allocate(this.#headerLength + chunk.length + this.#afterFirst.length)
    let end = 0
    const say = (bytes: Uint8Array) => {
      result.set(bytes, end)
      end += bytes.length
    }
    for (let at = 0; at < chunk.length; ) {
      if (this.#missing === 0) {
        if (!this.#takeHeader(chunk[at++]!)) continue
        say(this.#newHeader())
      }
      const body = chunk.subarray(at, at + this.#missing)
      say(body)
      at += body.length
      this.#missing -= body.length
      if (this.#missing > 0) continue
      say(this.#afterFirst)
      this.#afterFirst = result.subarray(0, 0)
    }
    return result.subarray(0, end)
  }

  /** True when the header is complete. */
  #takeHeader(byte: number): boolean {
    const header = this.#header
    header[this.#headerLength++] = byte
    if (header[0] === 0) throw invalid("a frame without flags")
    if (this.#headerLength < (header[0] === LONG_SIZE ? OLD_LONG_HEADER : 2)) return false
    if ((byte & ~MORE) !== 0) throw invalid(`flags of ${byte}`)
    return true
  }

  /** A size beyond 2^53 is made smaller, which is of no matter: it is far beyond every limit all the same. */
  #newHeader(): Uint8Array {
    const header = this.#header
    const flags = header[this.#headerLength - 1]!
    const isLong = this.#headerLength > 2
    this.#headerLength = 0
    if (!isLong) {
      this.#missing = header[0]! - 1
      return Uint8Array.of(flags, this.#missing)
    }
    const size = header.readUInt32BE(1) * 2 ** 32 + header.readUInt32BE(5)
    if (size === 0) throw invalid("a frame without flags")
    this.#missing = Math.min(size - 1, Number.MAX_SAFE_INTEGER)
    const long = allocate(LONG_HEADER)
    long[0] = flags | LONG
    long.writeUInt32BE(Math.floor(this.#missing / 2 ** 32), 1)
    long.writeUInt32BE(this.#missing % 2 ** 32, 5)
    return long
  }
}

/** Who is taken for a peer of version 1 by mistake is no peer at all. */
function invalid(what: string): Error {
  return strangerError(`not a ZMTP 1.0 peer: ${what}`)
}
