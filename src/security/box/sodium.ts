import type { SodiumModule } from "libsodium-sumo"
import { copyInto } from "../../base/runtime.ts"
import { BOX_START, type Boxes, type BoxStream, PAYLOAD_START, TAG_SIZE } from "./boxes.ts"

/** The cipher counts blocks of this size. The first half of the first one is the key of the authentication. */
const BLOCK = 64
const AUTH_KEY = 32
const KEY = 32

/** Larger boxes are made piece by piece, so that the library's memory stays small. A piece is a multiple of a block. */
const PIECE = 16 * 1024

/** libsodium wants its state at a multiple of this. */
const ALIGNMENT = 64

const NOTHING = new Uint8Array(0)

/**
 * These are boxes by libsodium, compiled to WebAssembly. Its memory has one place for the input and one for the output,
 * and all boxes use these. So no box makes that memory grow, and nothing but a box's own bytes is copied in and out.
 */
export class SodiumBoxes implements Boxes {
  readonly #sodium: SodiumModule
  readonly #heap: Uint8Array
  readonly #words: Uint32Array
  readonly #numbers: DataView
  // These are addresses in the heap. The input begins with zeros, of which the cipher makes the key of the authentication.
  readonly #key: number
  readonly #nonce: number
  readonly #tag: number
  readonly #state: number
  readonly #input: number
  readonly #output: number
  /** The heap has the key of this stream. */
  #loaded: Uint8Array | undefined
  /** This is the last view of the output, because boxes of one size often follow each other. */
  #view: Uint8Array = NOTHING
  #viewStart = 0

  constructor(sodium: SodiumModule) {
    const state = ceil(sodium._crypto_onetimeauth_statebytes())
    const size = 2 * BLOCK + state + 2 * (BLOCK + PIECE)
    this.#sodium = sodium
    this.#key = ceil(sodium._malloc(size + ALIGNMENT))
    this.#nonce = this.#key + KEY
    this.#tag = this.#key + BLOCK
    this.#state = this.#key + 2 * BLOCK
    this.#input = this.#state + state
    this.#output = this.#input + BLOCK + PIECE
    // It is looked up after the allocation, which may have moved it.
    this.#heap = sodium.HEAPU8
    this.#words = new Uint32Array(this.#heap.buffer)
    this.#numbers = new DataView(this.#heap.buffer)
    this.#clear(this.#input, AUTH_KEY)
  }

  deriveKey(key: Uint8Array, input: Uint8Array): Uint8Array {
    copyInto(this.#heap, key, this.#output)
    copyInto(this.#heap, input, this.#output + KEY)
    const derived = this.#output + 2 * KEY
    this.#sodium._crypto_core_hsalsa20(derived, this.#output + KEY, this.#output, 0)
    const result = Uint8Array.prototype.slice.call(this.#heap, derived, derived + KEY)
    this.#clear(this.#output, 3 * KEY)
    return result
  }

  stream(key: Uint8Array, nonceStart: Uint8Array): BoxStream {
    return new SodiumStream(this, this.deriveKey(key, nonceStart))
  }

  /** Seals with a derived key; see {@link BoxStream}. */
  seal(
    key: Uint8Array,
    high: number,
    low: number,
    flags: number,
    payload: Uint8Array,
    target: Uint8Array,
    offset: number,
  ): void {
    this.#load(key, high, low)
    const size = AUTH_KEY + 1 + payload.length
    this.#heap[this.#input + AUTH_KEY] = flags
    if (size > PIECE) {
      this.#sealPieces(payload, target, offset)
      return
    }
    const output = this.#output
    copyInto(this.#heap, payload, this.#input + AUTH_KEY + 1)
    this.#crypt(this.#input, size, 0)
    this.#sodium._crypto_onetimeauth(output + TAG_SIZE, output + AUTH_KEY, size - AUTH_KEY, 0, output)
    copyInto(target, this.#outputFrom(TAG_SIZE, size), offset)
  }

  /** Opens with a derived key; see {@link BoxStream}. */
  open(key: Uint8Array, high: number, low: number, body: Buffer): number {
    this.#load(key, high, low)
    const size = AUTH_KEY + body.length - BOX_START - TAG_SIZE
    if (size > PIECE) return this.#openPieces(body)
    copyInto(this.#heap, body, this.#input)
    this.#takeTag()
    this.#crypt(this.#input, size, 0)
    const output = this.#output
    this.#sodium._crypto_onetimeauth(this.#tag, this.#input + AUTH_KEY, size - AUTH_KEY, 0, output)
    if (!this.#isAuthentic()) return -1
    copyInto(body, this.#outputFrom(AUTH_KEY + 1, Math.max(size, AUTH_KEY + 1)), PAYLOAD_START)
    return this.#heap[output + AUTH_KEY]!
  }

  /** Forgets a derived key, and what was sealed or opened last. */
  forget(key: Uint8Array): void {
    this.#clear(this.#input, 2 * (BLOCK + PIECE))
    if (this.#loaded !== key) return
    this.#loaded = undefined
    this.#clear(this.#key, KEY)
  }

  #sealPieces(payload: Uint8Array, target: Uint8Array, offset: number): void {
    const { _crypto_onetimeauth_update: update, _crypto_onetimeauth_final: final } = this.#sodium
    let taken = PIECE - AUTH_KEY - 1
    copyInto(this.#heap, payload.subarray(0, taken), this.#input + AUTH_KEY + 1)
    this.#beginPieces()
    update(this.#state, this.#output + AUTH_KEY, PIECE - AUTH_KEY, 0)
    copyInto(target, this.#outputFrom(AUTH_KEY, PIECE), offset + TAG_SIZE)
    let written = offset + TAG_SIZE + PIECE - AUTH_KEY
    for (let block = PIECE / BLOCK; taken < payload.length; block += PIECE / BLOCK) {
      const size = Math.min(PIECE, payload.length - taken)
      copyInto(this.#heap, payload.subarray(taken, taken + size), this.#input + BLOCK)
      this.#crypt(this.#input + BLOCK, size, block)
      update(this.#state, this.#output, size, 0)
      copyInto(target, this.#outputFrom(0, size), written)
      taken += size
      written += size
    }
    final(this.#state, this.#tag)
    copyInto(target, this.#heap.subarray(this.#tag, this.#tag + TAG_SIZE), offset)
  }

  /** The pieces are decrypted before it is known whether they are authentic, but nobody gets them if they aren't. */
  #openPieces(body: Buffer): number {
    const { _crypto_onetimeauth_update: update, _crypto_onetimeauth_final: final } = this.#sodium
    let taken = BOX_START + TAG_SIZE + PIECE - AUTH_KEY
    copyInto(this.#heap, body.subarray(0, taken), this.#input)
    this.#takeTag()
    this.#beginPieces()
    update(this.#state, this.#input + AUTH_KEY, PIECE - AUTH_KEY, 0)
    const flags = this.#heap[this.#output + AUTH_KEY]!
    copyInto(body, this.#outputFrom(AUTH_KEY + 1, PIECE), PAYLOAD_START)
    let written = PAYLOAD_START + PIECE - AUTH_KEY - 1
    for (let block = PIECE / BLOCK; taken < body.length; block += PIECE / BLOCK) {
      const size = Math.min(PIECE, body.length - taken)
      copyInto(this.#heap, body.subarray(taken, taken + size), this.#input + BLOCK)
      this.#crypt(this.#input + BLOCK, size, block)
      update(this.#state, this.#input + BLOCK, size, 0)
      copyInto(body, this.#outputFrom(0, size), written)
      taken += size
      written += size
    }
    final(this.#state, this.#tag)
    return this.#isAuthentic() ? flags : -1
  }

  /** Makes the first piece, and with it the key of the authentication. */
  #beginPieces(): void {
    this.#crypt(this.#input, PIECE, 0)
    this.#sodium._crypto_onetimeauth_init(this.#state, this.#output)
  }

  /** Encrypts or decrypts the input to the output. */
  #crypt(input: number, size: number, block: number): void {
    this.#sodium._crypto_stream_salsa20_xor_ic(this.#output, input, size, 0, this.#nonce, block, 0, this.#key)
  }

  #load(key: Uint8Array, high: number, low: number): void {
    if (this.#loaded !== key) copyInto(this.#heap, key, this.#key)
    this.#loaded = key
    this.#numbers.setUint32(this.#nonce, high)
    this.#numbers.setUint32(this.#nonce + 4, low)
  }

  /** Moves the received authentication behind the place of the computed one, and clears the beginning of the input. */
  #takeTag(): void {
    const words = this.#words
    const from = (this.#input + BOX_START) / 4
    const to = (this.#tag + TAG_SIZE) / 4
    for (let i = 0; i < TAG_SIZE / 4; i++) words[to + i] = words[from + i]!
    this.#clear(this.#input, AUTH_KEY)
  }

  /** Compares in the same time wherever the first difference is. */
  #isAuthentic(): boolean {
    const words = this.#words
    const at = this.#tag / 4
    let difference = 0
    for (let i = at; i < at + TAG_SIZE / 4; i++) difference |= words[i]! ^ words[i + TAG_SIZE / 4]!
    return difference === 0
  }

  #outputFrom(start: number, end: number): Uint8Array {
    if (this.#view.length !== end - start || this.#viewStart !== start) {
      this.#view = new Uint8Array(this.#heap.buffer, this.#output + start, end - start)
      this.#viewStart = start
    }
    return this.#view
  }

  #clear(address: number, size: number): void {
    this.#words.fill(0, address / 4, (address + size) / 4)
  }
}

/** This is a stream of boxes by libsodium. Its key is copied to the heap when another stream was there before. */
class SodiumStream implements BoxStream {
  readonly #boxes: SodiumBoxes
  readonly #key: Uint8Array

  constructor(boxes: SodiumBoxes, key: Uint8Array) {
    this.#boxes = boxes
    this.#key = key
  }

  seal(
    high: number,
    low: number,
    flags: number,
    payload: Uint8Array,
    target: Uint8Array,
    offset: number,
  ): void {
    this.#boxes.seal(this.#key, high, low, flags, payload, target, offset)
  }

  open(high: number, low: number, body: Buffer): number {
    return this.#boxes.open(this.#key, high, low, body)
  }

  close(): void {
    this.#boxes.forget(this.#key)
    this.#key.fill(0)
  }
}

function ceil(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT
}
