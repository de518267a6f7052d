/**
 * This module packs many messages into one ArrayBuffer, which is moved to another thread. The buffer has 32-bit words,
 * and bytes padded to whole words. The first word says where the content ends, in words. Then each message begins with
 * the number of its parts, and each control with the complement of its code. The parts or the topic follow, each after
 * its length in bytes. A length has an odd index, so that the bytes after it begin at a multiple of 8, as typed arrays need
 * it. Before it there may be a word without meaning.
 *
 * Large parts travel beside the buffer, in memory of their own; their length is given as APART. That memory is the
 * sender's when the sender gave it up, otherwise a copy. Shared memory is passed on as it is.
 */

import { types } from "node:util"
import { isGiven } from "../../src/base/ownership.ts"
import { allocate, asBuffer, bufferOver, copyInto, forbidTransfer } from "../../src/base/runtime.ts"
import type { Control, Message } from "../../src/contracts/message.ts"

export type Item = Message | Control

/** A parcel is posted in this form: the packed bytes, or an array of the packed bytes and the large parts. */
export type Parcel = ArrayBuffer | readonly [ArrayBuffer, ...(ArrayBuffer | Uint8Array)[]]

/** Returns true when the value has the form of a parcel. Its content is checked only when it is unpacked. */
export function isParcel(value: unknown): value is Parcel {
  const pieces: readonly unknown[] = Array.isArray(value) ? value : [value]
  return (
    types.isArrayBuffer(pieces[0]) &&
    pieces.every(piece => types.isArrayBuffer(piece) || types.isUint8Array(piece))
  )
}

export interface Packed {
  readonly parcel: Parcel
  readonly transfer: readonly ArrayBuffer[]
}

/** A part of this size in bytes or more travels in memory of its own. */
const LARGE = 16 * 1024
const APART = -1
/**
 * A parcel has at most this many bytes, because a received one stays in memory as a whole. Only a message of many parts
 * may take more by itself.
 */
const BATCH = 64 * 1024
/** A parcel of this many bytes is posted within a turn. Another message of one part might not fit in. */
const FULL = BATCH - LARGE
const NO_WORDS = new Int32Array(0)
const NO_BYTES = new Uint8Array(0)
const CONTROLS: readonly Control["type"][] = ["subscribe", "cancel"]

export function isMessage(item: Item): item is Message {
  return Array.isArray(item)
}

/** The packer packs items as they come. It copies all parts at once, except the large ones. */
export class Packer {
  #words: Int32Array = NO_WORDS
  #bytes: Uint8Array = NO_BYTES
  /** This is the end of the content in words; 0 when there is none. */
  #end = 0
  /** This many words are expected: those of the last parcel, or half of the last expectation if that is more. */
  #expected = 0
  #apart: Uint8Array[] = []
  #apartBytes = 0

  get empty(): boolean {
    return this.#end === 0
  }

  /** True when the gathered items should be posted now. */
  get full(): boolean {
    return this.#end * 4 + this.#apartBytes >= FULL
  }

  /** Adds a message, and returns how many bytes its parts have together. */
  addMessage(message: Message): number {
    const count = message.length
    let bytes = 0
    this.#reserve(1)
    this.#words[this.#end++] = count
    for (let i = 0; i < count; i++) {
      const part = message[i]!
      bytes += part.length
      if (part.length < LARGE) this.#add(part)
      else this.#addLarge(part)
    }
    return bytes
  }

  addControl({ type, topic }: Control): void {
    this.#reserve(1)
    this.#words[this.#end++] = ~CONTROLS.indexOf(type)
    this.#add(topic)
  }

  /** @param mayMove true when memory that its sender gave up may be moved; otherwise it is copied too */
  pack(mayMove: boolean): Packed {
    const body = this.#body()
    const transfer = [body]
    if (this.#apart.length === 0) return { parcel: body, transfer }
    const apart = this.#apart.map(part => {
      const memory = part.buffer
      if (types.isSharedArrayBuffer(memory)) return new Uint8Array(memory, part.byteOffset, part.length)
      const own = mayMove && isGiven(part) && part.length === memory.byteLength ? memory : copyOf(part)
      transfer.push(own)
      return own
    })
    return { parcel: [body, ...apart], transfer }
  }

  clear(): void {
    this.#expected = Math.max(this.#end, this.#expected >> 1)
    this.#words = NO_WORDS
    this.#bytes = NO_BYTES
    this.#end = 0
    if (this.#apart.length === 0) return
    this.#apart = []
    this.#apartBytes = 0
  }

  #add(part: Uint8Array): void {
    const { length } = part
    this.#reserve(2 + inWords(length))
    const start = (this.#end | 1) + 1
    this.#words[start - 1] = length
    copyInto(this.#bytes, part, start * 4)
    this.#end = start + inWords(length)
  }

  #addLarge(part: Uint8Array): void {
    this.#reserve(2)
    this.#end |= 1
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
    const ample = Math.max(needed, length * 2, this.#expected)
    this.#bytes = allocate(4 * (needed > BATCH / 4 ? ample : Math.min(ample, BATCH / 4)))
    this.#words = new Int32Array(this.#bytes.buffer)
    if (old.length > 0) copyInto(this.#bytes, old)
  }

  /** Returns the packed bytes, in memory of at most twice their size. */
  #body(): ArrayBuffer {
    this.#words[0] = this.#end
    const used = this.#end * 4
    if (used * 2 >= this.#bytes.length) return this.#bytes.buffer as ArrayBuffer
    return copyOf(this.#bytes.subarray(0, used))
  }
}

function inWords(bytes: number): number {
  return (bytes + 3) >> 2
}

function copyOf(part: Uint8Array): ArrayBuffer {
  const copy = allocate(part.length)
  copyInto(copy, part)
  return copy.buffer as ArrayBuffer
}

function controlOf(kind: number): Control["type"] {
  const type = CONTROLS[~kind]
  if (type === undefined) throw new RangeError("neither a message nor a control")
  return type
}

/**
 * The unpacker takes a parcel apart, item by item. Small parts are views of the parcel's memory. It throws a RangeError
 * when the parcel is malformed, at the latest where its bytes end.
 */
export class Unpacker {
  readonly #words: Int32Array
  readonly #memory: ArrayBuffer
  readonly #apart: readonly (ArrayBuffer | Uint8Array)[]
  readonly #end: number
  #at = 1
  #nextApart = 0
  #isShared = false

  constructor(parcel: Parcel) {
    const [memory, ...apart] = Array.isArray(parcel) ? parcel : [parcel]
    this.#words = new Int32Array(memory)
    this.#memory = memory
    this.#apart = apart
    this.#end = this.#words[0]!
    if (!(this.#end >= 1 && this.#end <= this.#words.length))
      throw new RangeError("a parcel without a whole item")
  }

  next(): Item | undefined {
    if (this.#at >= this.#end) return undefined
    const kind = this.#words[this.#at++]!
    if (kind === 1) return [this.#part()]
    if (kind <= 0) return { type: controlOf(kind), topic: this.#part() }
    const message: Uint8Array[] = []
    for (let i = 0; i < kind; i++) message.push(this.#part())
    return message
  }

  #part(): Uint8Array {
    const lengthAt = this.#at | 1
    const length = this.#words[lengthAt]!
    this.#at = lengthAt + 1
    if (length === APART) {
      const part = this.#apart[this.#nextApart++]
      if (part === undefined) throw new RangeError("a large part is missing")
      return types.isArrayBuffer(part) ? bufferOver(part, 0, part.byteLength) : asBuffer(part)
    }
    const start = this.#at * 4
    this.#at += inWords(length)
    if (this.#at < this.#end && !this.#isShared) this.#share()
    return bufferOver(this.#memory, start, length)
  }

  /** A lone part's memory isn't marked, because the mark takes time, and nothing else is in there. */
  #share(): void {
    this.#isShared = true
    forbidTransfer(this.#memory)
  }
}
