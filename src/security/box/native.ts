import type { Sodium } from "sodium-native"
import { bufferOver, copyInto } from "../../base/runtime.ts"
import {
  BOX_OVERHEAD,
  BOX_START,
  type Boxes,
  type BoxStream,
  NONCE_START,
  PAYLOAD_START,
  TAG_SIZE,
} from "./boxes.ts"

/**
 * These are boxes by sodium-native, an addon. It lacks the function that derives keys, so another provider does that; it is
 * needed in handshakes only. The addon derives the key of a stream for each box again, because that needs only one call.
 */
export class NativeBoxes implements Boxes {
  readonly #sodium: Sodium
  readonly #others: Boxes

  constructor(sodium: Sodium, others: Boxes) {
    this.#sodium = sodium
    this.#others = others
  }

  deriveKey(key: Uint8Array, input: Uint8Array): Uint8Array {
    return this.#others.deriveKey(key, input)
  }

  stream(key: Uint8Array, nonceStart: Uint8Array): BoxStream {
    return new NativeStream(this.#sodium, key, nonceStart)
  }
}

class NativeStream implements BoxStream {
  readonly #sodium: Sodium
  readonly #key: Uint8Array
  readonly #nonce = new Uint8Array(NONCE_START + 8)
  readonly #number = new DataView(this.#nonce.buffer, NONCE_START)

  constructor(sodium: Sodium, key: Uint8Array, nonceStart: Uint8Array) {
    this.#sodium = sodium
    this.#key = Uint8Array.from(key)
    this.#nonce.set(nonceStart)
  }

  seal(
    high: number,
    low: number,
    flags: number,
    payload: Uint8Array,
    target: Uint8Array,
    offset: number,
  ): void {
    target[offset + TAG_SIZE] = flags
    copyInto(target, payload, offset + BOX_OVERHEAD)
    const { buffer, byteOffset } = target
    const box = bufferOver(buffer, byteOffset + offset, BOX_OVERHEAD + payload.length)
    const plain = bufferOver(buffer, byteOffset + offset + TAG_SIZE, 1 + payload.length)
    this.#setNumber(high, low)
    this.#sodium.crypto_secretbox_easy(box, plain, this.#nonce, this.#key)
  }

  open(high: number, low: number, body: Buffer): number {
    const { buffer, byteOffset } = body
    const size = body.length - BOX_START - TAG_SIZE
    const tag = bufferOver(buffer, byteOffset + BOX_START, TAG_SIZE)
    const box = bufferOver(buffer, byteOffset + BOX_START + TAG_SIZE, size)
    const plain = bufferOver(buffer, byteOffset + PAYLOAD_START - 1, size)
    this.#setNumber(high, low)
    if (!this.#sodium.crypto_secretbox_open_detached(plain, box, tag, this.#nonce, this.#key)) return -1
    return plain[0] ?? 0
  }

  close(): void {
    this.#key.fill(0)
  }

  #setNumber(high: number, low: number): void {
    this.#number.setUint32(0, high)
    this.#number.setUint32(4, low)
  }
}
