/**
 * How messages cross to another thread: many of them packed into one ArrayBuffer, which is moved there. It is a row of
 * 32-bit words and of bytes that are padded to whole words: first where it ends, in words; then for each message the
 * number of its parts, for each control the complement of its code; each followed by its parts or topic, length first.
 *
 * Large parts travel beside it (length APART): moved when their sender gave them up, shared when their memory is shared,
 * else copied once.
 */
import type { Control, Message } from "../src/contracts.ts"
import { isGiven } from "../src/ownership.ts"
import { allocate, asBuffer } from "../src/runtime.ts"

export type Item = Message | Control

/** What is posted: the packed bytes, with large parts the array of both. */
export type Parcel = ArrayBuffer | readonly [ArrayBuffer, ...(ArrayBuffer | Uint8Array)[]]

export interface Packed {
  readonly parcel: Parcel
  readonly transfer: readonly ArrayBuffer[]
}

/** From this size on a part travels by itself. */
const LARGE = 16 * 1024
const APART = -1
/** So many bytes are gathered before they are posted within a turn. */
const FULL = 64 * 1024
const CONTROLS: readonly Control["type"][] = ["subscribe", "cancel"]

export function isMessage(item: Item): item is Message {
  return Array.isArray(item)
}

export function sizeOf(message: Message): number {
  let bytes = 0
  for (let i = 0; i < message.length; i++) bytes += message[i]!.length
  return bytes
}

/** Packs items as they come: all but the large parts of a message is copied when it is added. */
export class Packer {
  #words = new Int32Array(0)
  #bytes = new Uint8Array(0)
  /** In words; 0 when there is nothing. */
  #end = 0
  /** As much as the last parcel took, or half of what was expected then. */
  #expected = 0
  #apart: Uint8Array[] = []
  #apartBytes = 0

  get empty(): boolean {
    return this.#end === 0
  }

  /** It is time to post what was gathered. */
  get full(): boolean {
    return this.#end * 4 + this.#apartBytes >= FULL
  }

  addMessage(message: Message): void {
    const count = message.length
    this.#reserve(1 + wordsFor(message))
    this.#words[this.#end++] = count
    for (let i = 0; i < count; i++) {
      const part = message[i]!
      if (part.length < LARGE) this.#add(part)
      else this.#addLarge(part)
    }
  }

  addControl({ type, topic }: Control): void {
    this.#reserve(2 + inWords(topic.length))
    this.#words[this.#end++] = ~CONTROLS.indexOf(type)
    this.#add(topic)
  }

  /** @param mayMove false: parts that their sender gave up are copied all the same */
  pack(mayMove: boolean): Packed {
    const body = this.#body()
    const transfer = [body]
    if (this.#apart.length === 0) return { parcel: body, transfer }
    const apart = this.#apart.map(part => {
      const memory = part.buffer
      if (memory instanceof SharedArrayBuffer) return new Uint8Array(memory, part.byteOffset, part.length)
      const whole = part.length === memory.byteLength
      // Posting copies what isn't moved, as fast as memory can be copied: the receiver's thread does half of it.
      if (whole && !isGiven(part)) return memory
      const own = whole && mayMove ? memory : copyOf(part)
      transfer.push(own)
      return own
    })
    return { parcel: [body, ...apart], transfer }
  }

  clear(): void {
    this.#expected = Math.max(this.#end, this.#expected >> 1)
    this.#use(new ArrayBuffer(0))
    this.#end = 0
    this.#apart = []
    this.#apartBytes = 0
  }

  #add(part: Uint8Array): void {
    const { length } = part
    this.#words[this.#end++] = length
    this.#bytes.set(part, this.#end * 4)
    this.#end += inWords(length)
  }

  #addLarge(part: Uint8Array): void {
    this.#words[this.#end++] = APART
    this.#apart.push(part)
    this.#apartBytes += part.length
  }

  #reserve(words: number): void {
    if (this.#end === 0) this.#end = 1
    const needed = this.#end + words
    const { length } = this.#words
    if (needed <= length) return
    const old = this.#bytes
    this.#use(memoryOf(Math.max(needed, length * 2, this.#expected)))
    this.#bytes.set(old)
  }

  #use(memory: ArrayBuffer): void {
    this.#words = new Int32Array(memory)
    this.#bytes = new Uint8Array(memory)
  }

  /** What was packed, in memory that is not much larger. */
  #body(): ArrayBuffer {
    this.#words[0] = this.#end
    const memory = this.#bytes.buffer
    if (this.#end * 2 >= this.#words.length) return memory
    const body = memoryOf(this.#end)
    new Int32Array(body).set(this.#words.subarray(0, this.#end))
    return body
  }
}

function wordsFor(message: Message): number {
  let words = message.length
  for (let i = 0; i < message.length; i++) {
    const { length } = message[i]!
    if (length < LARGE) words += inWords(length)
  }
  return words
}

function inWords(bytes: number): number {
  return (bytes + 3) >> 2
}

function memoryOf(words: number): ArrayBuffer {
  return allocate(words * 4).buffer as ArrayBuffer
}

function copyOf(part: Uint8Array): ArrayBuffer {
  const copy = allocate(part.length)
  copy.set(part)
  return copy.buffer as ArrayBuffer
}

/** Takes a parcel apart, item by item; small parts are views of its memory. */
export class Unpacker {
  readonly #words: Int32Array
  readonly #bytes: Buffer
  readonly #apart: readonly (ArrayBuffer | Uint8Array)[]
  readonly #end: number
  #at = 1
  #nextApart = 0

  constructor(parcel: Parcel) {
    const [memory, ...apart] = parcel instanceof ArrayBuffer ? [parcel] : parcel
    this.#words = new Int32Array(memory)
    this.#bytes = Buffer.from(memory)
    this.#apart = apart
    this.#end = this.#words[0]!
  }

  next(): Item | undefined {
    if (this.#at === this.#end) return undefined
    const kind = this.#words[this.#at++]!
    if (kind === 1) return [this.#part()]
    if (kind < 0) return { type: CONTROLS[~kind]!, topic: this.#part() }
    const message: Uint8Array[] = []
    for (let i = 0; i < kind; i++) message.push(this.#part())
    return message
  }

  #part(): Uint8Array {
    const length = this.#words[this.#at++]!
    if (length === APART) {
      const part = this.#apart[this.#nextApart++]!
      return part instanceof ArrayBuffer ? Buffer.from(part) : asBuffer(part)
    }
    const start = this.#at * 4
    this.#at += inWords(length)
    return this.#bytes.subarray(start, start + length)
  }
}
