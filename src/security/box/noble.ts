import type * as Noble from "@noble/ciphers/salsa.js"
import { copyInto } from "../../base/runtime.ts"
import { BOX_START, type Boxes, type BoxStream, PAYLOAD_START } from "./boxes.ts"
import { StreamNonce } from "./stream-nonce.ts"

/** This is the constant of the cipher. */
const CONSTANT = "expand 32-byte k"
const SIGMA = wordsOf(Buffer.from(CONSTANT))

/**
 * These are boxes by @noble/ciphers, in JavaScript alone, for runtimes that forbid WebAssembly. It derives the key of a stream for
 * each box again, because that is a tenth of its time, and what it would need to do it once is not public.
 */
export class NobleBoxes implements Boxes {
  readonly #noble: typeof Noble

  constructor(noble: typeof Noble) {
    this.#noble = noble
  }

  deriveKey(key: Uint8Array, input: Uint8Array): Uint8Array {
    const words = wordsOf(key)
    const derived = new Uint32Array(8)
    this.#noble.hsalsa(SIGMA, words, wordsOf(input), derived)
    words.fill(0)
    return new Uint8Array(derived.buffer)
  }

  stream(key: Uint8Array, nonceStart: Uint8Array): BoxStream {
    return new NobleStream(this.#noble, key, nonceStart)
  }
}

class NobleStream implements BoxStream {
  readonly #noble: typeof Noble
  readonly #key: Uint8Array
  readonly #nonce: StreamNonce

  constructor(noble: typeof Noble, key: Uint8Array, nonceStart: Uint8Array) {
    this.#noble = noble
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
    const plain = new Uint8Array(1 + payload.length)
    plain[0] = flags
    copyInto(plain, payload, 1)
    copyInto(target, this.#box(high, low).seal(plain), offset)
  }

  open(high: number, low: number, body: Buffer): number {
    const plain = this.#opened(high, low, body.subarray(BOX_START))
    if (plain === undefined) return -1
    copyInto(body, plain.subarray(1), PAYLOAD_START)
    return plain[0] ?? 0
  }

  close(): void {
    this.#key.fill(0)
  }

  /** The library throws for a box that isn't authentic. */
  #opened(high: number, low: number, box: Uint8Array): Uint8Array | undefined {
    try {
      return this.#box(high, low).open(box)
    } catch {
      return undefined
    }
  }

  #box(high: number, low: number): ReturnType<typeof Noble.secretbox> {
    return this.#noble.secretbox(this.#key, this.#nonce.of(high, low))
  }
}

/** Returns a copy as words, in the order of this machine's memory. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(Uint8Array.from(bytes).buffer)
}
