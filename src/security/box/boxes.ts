/** This file defines boxes: XSalsa20 and Poly1305, as NaCl's crypto_box and crypto_secretbox have them (RFC 26). */
import { allocate } from "../../base/runtime.ts"

/** A box begins with this many bytes of its authentication. Its key has 32 bytes, and its nonce 24. */
export const TAG_SIZE = 16
/** The nonces of a stream have this many bytes in common. The other eight are a number. */
export const NONCE_START = 16

/** A received body has its box from here on. The opened payload begins at the other place, as typed arrays need it. */
export const BOX_START = 16
export const PAYLOAD_START = 8

/** A box has this many bytes more than its payload: the authentication, and the flags inside it. */
export const BOX_OVERHEAD: number = TAG_SIZE + 1

/** A provider makes boxes by one library of cryptography. */
export interface Boxes {
  /** Derives a key of 32 bytes from one of 32 and an input of 16 (HSalsa20). */
  deriveKey(key: Uint8Array, input: Uint8Array): Uint8Array
  /** Makes a stream of boxes whose nonces begin with these 16 bytes. It keeps a copy of what it needs of the key. */
  stream(key: Uint8Array, nonceStart: Uint8Array): BoxStream
}

/**
 * A stream has the boxes of one connection in one direction. What depends on the common part of the nonces is done once.
 * The number of a nonce comes in two halves of 32 bits, because it has 64.
 */
export interface BoxStream {
  /** Writes the box of the flags and the payload to the target, at the offset. */
  seal(
    high: number,
    low: number,
    flags: number,
    payload: Uint8Array,
    target: Uint8Array,
    offset: number,
  ): void
  /**
   * Opens the box that is in the body from BOX_START on. The payload is then in the body, from PAYLOAD_START on.
   *
   * @returns the flags, or -1 when it is no box of this key and nonce; then the body is worthless
   */
  open(high: number, low: number, body: Buffer): number
  /** Overwrites what it has of the key. Nothing may follow. */
  close(): void
}

/** Returns a new box. There must be at least one byte to seal. */
export function sealBox(boxes: Boxes, key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Buffer {
  const box = allocate(TAG_SIZE + plain.length)
  const stream = boxes.stream(key, nonce.subarray(0, NONCE_START))
  stream.seal(
    uint32(nonce, NONCE_START),
    uint32(nonce, NONCE_START + 4),
    plain[0]!,
    plain.subarray(1),
    box,
    0,
  )
  stream.close()
  return box
}

/** Returns what is in a box, in memory of its own. It is undefined for what is no box of this key and nonce. */
export function openBox(
  boxes: Boxes,
  key: Uint8Array,
  nonce: Uint8Array,
  box: Uint8Array,
): Buffer | undefined {
  if (box.length < TAG_SIZE) return undefined
  const body = allocate(BOX_START + box.length)
  body.set(box, BOX_START)
  const stream = boxes.stream(key, nonce.subarray(0, NONCE_START))
  const flags = stream.open(uint32(nonce, NONCE_START), uint32(nonce, NONCE_START + 4), body)
  stream.close()
  if (flags < 0) return undefined
  const plain = body.subarray(PAYLOAD_START - 1, PAYLOAD_START - 1 + box.length - TAG_SIZE)
  if (plain.length > 0) plain[0] = flags
  return plain
}

function uint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}
