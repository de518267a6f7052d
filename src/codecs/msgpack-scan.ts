/**
 * The scanner checks MessagePack (msgpack.org, "Specification") before it is decoded, because the decoder trusts its
 * input. It checks that the data is complete, that no length is larger than the data, that the nesting is not too deep,
 * and that there are only the types that the codec allows.
 */
import { MAX_DEPTH } from "./codec.ts"

export interface Allowed {
  /** Definitions of records, and references to them, are allowed. `shared` has the records that both ends know. */
  readonly records: false | { readonly shared: readonly (readonly string[])[] }
  /** True when msgpackr's extensions for Map, Set, Error, RegExp, typed arrays, large bigints and cycles are allowed. */
  readonly types: boolean
}

// These are extension types. msgpackr's own ones are the codes of letters.
const UNDEFINED = 0x00
const BIGINT = 0x42
const ERROR = 0x65
const IDENTITY = 0x69
const POINTER = 0x70
const RECORD = 0x72
const SET = 0x73
const TYPED_ARRAY = 0x74
const REGEXP = 0x78
const TIMESTAMP = 0xff

const FORBIDDEN_KEY = "__proto__"
const PROTO = Buffer.from(FORBIDDEN_KEY)
const RECORD_IDS = 64
/** This token begins an extension of four bytes. */
const FIXEXT4 = 0xd6

/** This many bytes follow a token as a number or as a length. The first row is of token 0xc0. */
const SIZES = Uint8Array.of(
  ...[0, 0, 0, 0, 1, 2, 4, 1, 2, 4, 4, 8, 1, 2, 4, 8],
  ...[1, 2, 4, 8, 1, 2, 4, 8, 16, 1, 2, 4, 2, 4, 2, 4],
)

/** Throws, with the reason as the message, when the bytes must not be decoded. */
export function scan(bytes: Buffer, allowed: Allowed): void {
  new Scanner(bytes, allowed).run()
}

// All scans share these arrays, because one scan is done before the next begins.
const leftAt = new Float64Array(MAX_DEPTH + 1)
const isMapAt = new Uint8Array(MAX_DEPTH + 1)

class Scanner {
  readonly #bytes: Buffer
  readonly #allowed: Allowed
  #at = 0
  #depth = 0
  /** This many items are still to come on this level. In a map, keys and values count. */
  #left = 1
  #isMap = false
  /** For each record's id, this is the number of its fields. */
  readonly #fields: (number | undefined)[] | undefined
  readonly #identities = new Set<number>()
  /** For each identity of a list of names, this is the number of names. Other identities are no lists of names. */
  readonly #nameLists = new Map<number, number>()

  constructor(bytes: Buffer, allowed: Allowed) {
    this.#bytes = bytes
    this.#allowed = allowed
    if (allowed.records !== false) this.#fields = allowed.records.shared.map(({ length }) => length)
  }

  run(): void {
    while (this.#left > 0) {
      this.#left--
      this.#item()
      while (this.#left === 0 && this.#depth > 0) this.#leave()
    }
    if (this.#at < this.#bytes.length)
      throw new Error(`${this.#bytes.length - this.#at} bytes follow the value`)
  }

  #item(): void {
    const token = this.#byte()
    if (token < 0x80) this.#smallNumber(token)
    else if (token < 0x90) this.#enter((token & 0x0f) * 2, true)
    else if (token < 0xa0) this.#enter(token & 0x0f, false)
    else if (token < 0xc0) this.#string(token & 0x1f)
    else if (token < 0xe0) this.#large(token)
  }

  #large(token: number): void {
    const size = SIZES[token & 0x1f] as number
    if (token === 0xc1) throw new Error("the byte 0xc1, which says nothing")
    if (token < 0xc4) return
    if (token >= 0xd4 && token <= 0xd8) this.#extension(size)
    else if (token >= 0xca && token <= 0xd3) this.#skip(size)
    else this.#sized(token, this.#number(size))
  }

  #sized(token: number, length: number): void {
    if (token <= 0xc6) this.#skip(length)
    else if (token <= 0xc9) this.#extension(length)
    else if (token <= 0xdb) this.#string(length)
    else if (token <= 0xdd) this.#enter(length, false)
    else this.#enter(length * 2, true)
  }

  #smallNumber(token: number): void {
    const fields = token < 0x40 ? undefined : this.#fields?.[token & 0x3f]
    if (fields !== undefined) this.#enter(fields, false)
  }

  #string(length: number): void {
    const start = this.#at
    this.#skip(length)
    // In a map keys and values alternate, and the key is first.
    if (length === PROTO.length && this.#isMap && this.#left % 2 === 1) this.#checkKey(start, length)
  }

  #checkKey(start: number, length: number): void {
    if (length === PROTO.length && PROTO.equals(this.#bytes.subarray(start, start + length)))
      throw new Error(`a key named ${FORBIDDEN_KEY}`)
  }

  #extension(length: number): void {
    const type = this.#byte()
    if (type === RECORD) this.#record(length)
    else this.#value(type, length)
  }

  #value(type: number, length: number): void {
    if (type !== UNDEFINED && type !== TIMESTAMP && !(this.#allowed.types && isOurs(type)))
      throw new Error(`an extension of type ${type}`)
    if (type === IDENTITY || type === POINTER) this.#identity(type, length)
    else this.#skip(length)
    if (type === ERROR) this.#checkErrorName()
    // After these extensions comes the item that they belong to.
    if (type === ERROR || type === IDENTITY || type === SET || type === REGEXP) this.#enter(1, false)
  }

  /** An identity gives a number to the item that follows. A pointer refers to an item by its number. */
  #identity(type: number, length: number): void {
    requireLength(type, length, 4)
    const id = this.#number(length)
    if (type === IDENTITY) this.#identities.add(this.#fresh(id))
    else if (!this.#identities.has(id)) throw new Error("a reference to nothing")
  }

  #fresh(id: number): number {
    if (this.#identities.has(id) || this.#nameLists.has(id)) throw new Error("a number that was given before")
    return id
  }

  /** A record definition is an array of names, and then a record with these fields. */
  #record(length: number): void {
    if (this.#allowed.records === false) throw new Error("a record definition")
    requireLength(RECORD, length, 1)
    const id = this.#byte() % RECORD_IDS
    if (id < this.#allowed.records.shared.length)
      throw new Error("a definition of a record that is known already")
    const count = this.#nameList()
    if (this.#fields !== undefined) this.#fields[id] = count
    this.#enter(count, false)
  }

  /** The names may be a reference, because a record is defined again if there are more kinds than ids. */
  #nameList(): number {
    const token = this.#byte()
    if (token !== FIXEXT4 || !this.#allowed.types) return this.#names(token)
    const type = this.#byte()
    const id = this.#number(4)
    if (type === IDENTITY) {
      const count = this.#names(this.#byte())
      this.#nameLists.set(this.#fresh(id), count)
      return count
    }
    const known = type === POINTER ? this.#nameLists.get(id) : undefined
    if (known === undefined) throw new Error("a record definition without names")
    return known
  }

  #names(token: number): number {
    const count = token === 0xdc ? this.#number(2) : token & 0x0f
    if (token !== 0xdc && token >> 4 !== 0x9) throw new Error("a record definition without names")
    for (let i = 0; i < count; i++) this.#name()
    return count
  }

  #name(): void {
    const token = this.#byte()
    const isShort = token >> 5 === 0b101
    if (!isShort && (token < 0xd9 || token > 0xdb)) throw new Error("a record with a name that is no string")
    const length = isShort ? token & 0x1f : this.#number(SIZES[token & 0x1f] as number)
    const start = this.#at
    this.#skip(length)
    this.#checkKey(start, length)
  }

  /**
   * Checks the name of an error's class. msgpackr expects an array whose first item is the name, and looks that up in an
   * object, where it would find the object's inherited methods too. The array itself is checked afterwards, like any item.
   */
  #checkErrorName(): void {
    const start = this.#at
    const token = this.#byte()
    const length = token === 0xdc ? this.#number(2) : token === 0xdd ? this.#number(4) : token & 0x0f
    if ((token < 0xdc || token > 0xdd) && token >> 4 !== 0x9) throw new Error("an error that is no list")
    if (length === 0 || this.#shortString() in Object.prototype) throw new Error("an error without a name")
    this.#at = start
  }

  #shortString(): string {
    const token = this.#byte()
    const isShort = token >> 5 === 0b101
    if (!isShort && token !== 0xd9) throw new Error("an error without a name")
    const length = isShort ? token & 0x1f : this.#byte()
    const start = this.#at
    this.#skip(length)
    return this.#bytes.toString("latin1", start, this.#at)
  }

  #enter(count: number, isMap: boolean): void {
    // Each item takes at least one byte.
    if (count > this.#bytes.length - this.#at) throw truncated()
    if (this.#depth === MAX_DEPTH) throw new Error(`nested more than ${MAX_DEPTH} deep`)
    leftAt[this.#depth] = this.#left
    isMapAt[this.#depth] = this.#isMap ? 1 : 0
    this.#depth++
    this.#left = count
    this.#isMap = isMap
  }

  #leave(): void {
    this.#depth--
    this.#left = leftAt[this.#depth] as number
    this.#isMap = isMapAt[this.#depth] === 1
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw truncated()
    return byte
  }

  #number(size: number): number {
    const start = this.#at
    this.#skip(size)
    return this.#bytes.readUIntBE(start, size)
  }

  #skip(length: number): void {
    this.#at += length
    if (this.#at > this.#bytes.length) throw truncated()
  }
}

function isOurs(type: number): boolean {
  switch (type) {
    case BIGINT:
    case ERROR:
    case IDENTITY:
    case POINTER:
    case SET:
    case TYPED_ARRAY:
    case REGEXP:
      return true
    default:
      return false
  }
}

function requireLength(type: number, length: number, expected: number): void {
  if (length !== expected) throw new Error(`an extension of type ${type} with ${length} bytes`)
}

function truncated(): Error {
  return new Error("it ends in the middle")
}
