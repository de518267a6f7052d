/** This file has Z85, a text form of bytes in which keys are written (RFC 32). */
import { ZmqError } from "../../base/errors.ts"
import { allocate, isUint8Array } from "../../base/runtime.ts"

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
const BASE = ALPHABET.length
/** Four bytes become five characters. */
const BYTES = 4
const CHARACTERS = 5

/**
 * Encodes bytes as Z85 text, in five characters for four bytes (RFC 32).
 *
 * @param bytes their count must be a multiple of 4; a key has 32
 * @throws TypeError for anything but a Buffer or another Uint8Array, and {@link ZmqError} EINVAL for another count
 * @example
 * ```ts
 * encodeZ85(Buffer.from("864fd26fb559f75b", "hex")) // "HelloWorld"
 * ```
 */
export function encodeZ85(bytes: Uint8Array): string {
  if (!isUint8Array(bytes)) throw new TypeError("Z85 encodes a Buffer or another Uint8Array")
  if (bytes.length % BYTES !== 0)
    throw invalid(`Z85 encodes a multiple of ${BYTES} bytes, and these are ${bytes.length}`)
  let text = ""
  for (let at = 0; at < bytes.length; at += BYTES) {
    const value = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
    for (let divisor = BASE ** (CHARACTERS - 1); divisor >= 1; divisor /= BASE)
      text += ALPHABET[Math.floor(value / divisor) % BASE]
  }
  return text
}

/**
 * Decodes Z85 text into bytes, four for each five characters (RFC 32).
 *
 * @param text a key has 40 characters
 * @returns the bytes, in memory of their own
 * @throws TypeError for anything but a string, and {@link ZmqError} EINVAL for a text that is no Z85; the error has nothing of
 * the text, which may be a secret
 * @example
 * ```ts
 * decodeZ85("HelloWorld") // <Buffer 86 4f d2 6f b5 59 f7 5b>
 * ```
 */
export function decodeZ85(text: string): Buffer {
  if (typeof text !== "string") throw new TypeError("Z85 is decoded from a string")
  if (text.length % CHARACTERS !== 0)
    throw invalid(`Z85 has a multiple of ${CHARACTERS} characters, and these are ${text.length}`)
  const bytes = allocate((text.length / CHARACTERS) * BYTES)
  for (let group = 0; group * CHARACTERS < text.length; group++)
    bytes.writeUInt32BE(groupValue(text, group * CHARACTERS), group * BYTES)
  return bytes
}

function groupValue(text: string, start: number): number {
  let value = 0
  for (let at = start; at < start + CHARACTERS; at++) {
    const digit = ALPHABET.indexOf(text[at]!)
    if (digit < 0) throw invalid(`the character at index ${at} is not one of Z85`)
    value = value * BASE + digit
  }
  if (value > 0xffff_ffff) throw invalid(`the characters from index ${start} on stand for more than 4 bytes`)
  return value
}

function invalid(reason: string): ZmqError {
  return new ZmqError("EINVAL", { reason })
}
