/** This module has the frames of ZMTP 1.0: size, flags, body. The size counts the flags too (RFC 13, "Framing"). */
import { strangerError } from "../base/errors.ts"
import { allocate } from "../base/runtime.ts"
import { EMPTY, LONG, LONG_HEADER, MORE } from "./frame.ts"
import { publishes } from "./type-numbers.ts"

const LONG_SIZE = 0xff
const OLD_LONG_HEADER = 10
/** This frame subscribes to all messages, for a peer of ZMTP 1.0 that may filter by itself and never subscribe. */
const SUBSCRIBE_TO_ALL = Uint8Array.of(0, 1, 1)

/** Makes a frame of a message. The body is copied. */
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
 * This class turns such frames into frames of ZMTP 3, because the decoder of those checks all limits. A chunk may end anywhere. It is stricter than libzmq: an unknown flag is an error.
 */
export class OldFrameReader {
  readonly #header = allocate(OLD_LONG_HEADER)
  #headerLength = 0
  /** This many bytes of the body haven't come. */
  #missing = 0
  /** These bytes are added once the first frame has ended. */
  #afterFirst: Uint8Array

  /** @param afterFirst bytes that follow the first frame */
  constructor(afterFirst: Uint8Array) {
    this.#afterFirst = afterFirst
  }

  /** Returns the frames of the chunk in the form of ZMTP 3, in memory of their own. */
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

  /** Takes a byte of the header. Returns true when the header is complete. */
  #takeHeader(byte: number): boolean {
    const header = this.#header
    header[this.#headerLength++] = byte
    if (header[0] === 0) throw invalid("a frame without flags")
    if (this.#headerLength < (header[0] === LONG_SIZE ? OLD_LONG_HEADER : 2)) return false
    if ((byte & ~MORE) !== 0) throw invalid(`flags of ${byte}`)
    return true
  }

  /** Makes the header of ZMTP 3. A size beyond 2^53 is made smaller, but it is still far beyond every limit. */
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

/**
 * Makes the reader for a peer.
 *
 * @param isBare true for a peer of the dialect "1.0 bare"
 * @param socketType our own
 */
export function oldFrameReader(isBare: boolean, socketType: string): OldFrameReader {
  return new OldFrameReader(isBare && publishes(socketType) ? SUBSCRIBE_TO_ALL : EMPTY)
}

/** Makes the error for bytes that are no frames of ZMTP 1.0, which only a stranger sends. */
function invalid(what: string): Error {
  return strangerError(`not a ZMTP 1.0 peer: ${what}`)
}
