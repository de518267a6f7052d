import type { Sodium } from "sodium-native"
import { bufferOver, copyInto } from "../../base/runtime.ts"
import { BOX_OVERHEAD, BOX_START, type Boxes, type BoxStream, PAYLOAD_START, TAG_SIZE } from "./boxes.ts"
import { StreamNonce } from "./stream-nonce.ts"

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
  readonly #nonce: StreamNonce

  constructor(sodium: Sodium, key: Uint8Array, nonceStart: Uint8Array) {
    this.#sodium = sodium
    this.#key = Uint8Array.from(key)
    this.#nonce = new StreamNonce(nonceStart)
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
    this.#sodium.crypto_secretbox_easy(box, plain, this.#nonce.of(high, low), this.#key)
  }

  open(high: number, low: number, body: Buffer): number {
    const { buffer, byteOffset } = body
    const size = body.length - BOX_START - TAG_SIZE
    const tag = bufferOver(buffer, byteOffset + BOX_START, TAG_SIZE)
    const box = bufferOver(buffer, byteOffset + BOX_START + TAG_SIZE, size)
    const plain = bufferOver(buffer, byteOffset + PAYLOAD_START - 1, size)
    if (!this.#sodium.crypto_secretbox_open_detached(plain, box, tag, this.#nonce.of(high, low), this.#key))
      return -1
    return plain[0] ?? 0
  }

  close(): void {
    this.#key.fill(0)
  }
}
