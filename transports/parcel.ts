/**
 * How messages cross to another thread: many of them packed into one ArrayBuffer, which is moved there. It begins with
 * a header of 32-bit words: their number; then for each message the number of its parts, for each control the negative
 * of its code; each followed by the lengths of the parts or topic. The bytes of all of these follow, in order.
 *
 * Large parts travel beside it (length APART): moved when their sender gave them up, shared when their memory is shared,
 * else copied once.
 */
import type { Control, Message } from "../src/contracts.ts"
import { ownershipOf } from "../src/ownership.ts"
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

/** Gathers items and packs them. */
export class Packer {
  #items: Item[] = []
  #messages = 0
  #bytes = 0
  #topicBytes = 0

  get empty(): boolean {
    return this.#items.length === 0
  }

  get messages(): number {
    return this.#messages
  }

  /** Of the messages, as they were when added. */
  get bytes(): number {
    return this.#bytes
  }

  /** It is time to post what was gathered. */
  get full(): boolean {
    return this.#bytes + this.#topicBytes >= FULL
  }

  addMessage(message: Message, bytes: number): void {
    this.#items.push(message)
    this.#messages++
    this.#bytes += bytes
  }

  addControl(control: Control): void {
    this.#items.push(control)
    this.#topicBytes += control.topic.length
  }

  /** @param mayMove false: parts that their sender gave up are copied all the same */
  pack(mayMove: boolean): Packed {
    return new Writer(this.#items, mayMove).packed()
  }

  clear(): void {
    this.#items = []
    this.#messages = 0
    this.#bytes = 0
    this.#topicBytes = 0
  }
}

class Writer {
  readonly #head: Int32Array
  readonly #body: Buffer
  readonly #apart: (ArrayBuffer | Uint8Array)[] = []
  readonly #transfer: ArrayBuffer[]
  readonly #mayMove: boolean
  #word = 1
  #at: number

  constructor(items: readonly Item[], mayMove: boolean) {
    const { words, bytes } = measure(items)
    this.#body = allocate(words * 4 + bytes)
    this.#head = new Int32Array(this.#body.buffer, 0, words)
    this.#head[0] = words
    this.#at = words * 4
    this.#mayMove = mayMove
    this.#transfer = [this.#body.buffer as ArrayBuffer]
    for (const item of items) {
      if (isMessage(item)) this.#message(item)
      else this.#control(item)
    }
  }

  packed(): Packed {
    const body = this.#body.buffer as ArrayBuffer
    return { parcel: this.#apart.length === 0 ? body : [body, ...this.#apart], transfer: this.#transfer }
  }

  #message(message: Message): void {
    this.#head[this.#word++] = message.length
    for (let i = 0; i < message.length; i++) {
      const part = message[i]!
      if (part.length < LARGE) this.#bytes(part)
      else this.#large(part)
    }
  }

  #control({ type, topic }: Control): void {
    this.#head[this.#word++] = ~CONTROLS.indexOf(type)
    this.#bytes(topic)
  }

  #bytes(part: Uint8Array): void {
    this.#head[this.#word++] = part.length
    this.#body.set(part, this.#at)
    this.#at += part.length
  }

  #large(part: Uint8Array): void {
    this.#head[this.#word++] = APART
    const memory = part.buffer
    if (memory instanceof SharedArrayBuffer) {
      this.#apart.push(new Uint8Array(memory, part.byteOffset, part.length))
      return
    }
    const moved = this.#mayMove && ownershipOf(part) === "given" && part.length === memory.byteLength
    const own = moved ? memory : copyOf(part)
    this.#apart.push(own)
    this.#transfer.push(own)
  }
}

function measure(items: readonly Item[]): { words: number; bytes: number } {
  let words = 1
  let bytes = 0
  for (const item of items) {
    if (!isMessage(item)) {
      words += 2
      bytes += item.topic.length
      continue
    }
    words += 1 + item.length
    for (let i = 0; i < item.length; i++) {
      const { length } = item[i]!
      if (length < LARGE) bytes += length
    }
  }
  return { words, bytes }
}

function copyOf(part: Uint8Array): ArrayBuffer {
  const copy = allocate(part.length)
  copy.set(part)
  return copy.buffer as ArrayBuffer
}

/** Takes a parcel apart, item by item; small parts are views of its memory. */
export class Unpacker {
  readonly #head: Int32Array
  readonly #body: Buffer
  readonly #apart: readonly (ArrayBuffer | Uint8Array)[]
  #word = 1
  #at: number
  #nextApart = 0

  constructor(parcel: Parcel) {
    const [memory, ...apart] = parcel instanceof ArrayBuffer ? [parcel] : parcel
    const [words] = new Int32Array(memory, 0, 1)
    this.#head = new Int32Array(memory, 0, words)
    this.#body = Buffer.from(memory)
    this.#apart = apart
    this.#at = words! * 4
  }

  next(): Item | undefined {
    const kind = this.#head[this.#word]
    if (kind === undefined) return undefined
    this.#word++
    if (kind < 0) return { type: CONTROLS[~kind]!, topic: this.#part() }
    const message: Uint8Array[] = []
    for (let i = 0; i < kind; i++) message.push(this.#part())
    return message
  }

  #part(): Uint8Array {
    const length = this.#head[this.#word++]!
    if (length === APART) {
      const part = this.#apart[this.#nextApart++]!
      return part instanceof ArrayBuffer ? Buffer.from(part) : asBuffer(part)
    }
    const start = this.#at
    this.#at += length
    return this.#body.subarray(start, this.#at)
  }
}
