import { turnWork } from "../../src/base/turn-work.ts"

/**
 * A piece has a record of 32-bit words. They are its key, the number of the stem that it continues, three fields for the
 * users of the table, and its bytes. These constants are the indices of the words.
 */
const KEY = 0
const PARENT = 1
export const STEM = 2
export const HELD_BY = 3
export const HOLDER_SLOT = 4
const BYTES = 5
const RECORD = 12
/** The users of the table keep numbers in these fields, which are 0 at first. */
export type Field = typeof STEM | typeof HELD_BY | typeof HOLDER_SLOT

/** A piece has at most this many bytes. */
export const LONGEST_PIECE = (RECORD - BYTES) * 4

/** A place is the position of a piece until it is moved. It is slot * SHARDS + shard. */
export type Place = number
export const NOWHERE: Place = -1

/**
 * The pieces are spread over 2 to the power of this many tables, by the first bits of their keys. So no table is so large
 * that growing it takes long.
 */
const SHARD_BITS = 6
const SHARDS = 2 ** SHARD_BITS
const SMALLEST = 8

/** Moving two to the power of this many records takes about as long as one unit of a turn's work. */
const RECORDS_PER_UNIT = 2

/** Each slot has a mark, which is one of these or is computed from the key of the slot's record. */
const EMPTY = 0
const REMOVED = 1

/** A key is a hash whose last bits are replaced by the piece's length, so that one comparison checks both. */
const LENGTH_MASK = 31

const MULTIPLIER = 0x9e3779b1
/** Peers don't know these numbers, so that they can't choose topics whose hashes collide. */
const SECRET = Int32Array.from({ length: 256 }, () => Math.floor(Math.random() * 2 ** 32))

/** Returns the hash of a piece without bytes that continues the stem of this number. */
export function startHash(parent: number): number {
  return Math.imul(parent, MULTIPLIER)
}

/** Returns the hash of a piece that is one byte longer. */
export function nextHash(hash: number, byte: number): number {
  const mixed = Math.imul(hash ^ SECRET[byte]!, MULTIPLIER)
  return mixed ^ (mixed >>> 15)
}

/** Returns the key of a piece with this hash and this many bytes. */
export function keyOf(hash: number, length: number): number {
  return (hash & ~LENGTH_MASK) | length
}

class Shard {
  readonly mask: number
  readonly marks: Uint8Array
  readonly words: Int32Array
  /** These are the bytes of `words`, in the same memory. */
  readonly bytes: Uint8Array
  used = 0
  removed = 0

  constructor(capacity: number) {
    this.mask = capacity - 1
    this.marks = new Uint8Array(capacity)
    this.words = new Int32Array(capacity * RECORD)
    this.bytes = new Uint8Array(this.words.buffer)
  }

  /** Takes a slot for a piece that isn't in the table. */
  claim(key: number): number {
    const { marks, mask } = this
    let slot = slotOf(key, mask)
    while (marks[slot]! > REMOVED) slot = (slot + 1) & mask
    if (marks[slot] === REMOVED) this.removed--
    marks[slot] = markOf(key)
    this.used++
    return slot
  }
}

/**
 * A piece table is an open-addressed hash table of short pieces of topics. The key of a piece depends on its bytes and on
 * the stem that it continues. All data of a piece is in one small record, so that finding it among millions usually
 * reads only one record from memory outside the caches.
 */
export class PieceTable {
  readonly #shards: (Shard | undefined)[] = new Array<Shard | undefined>(SHARDS).fill(undefined)
  readonly #moved: (place: Place) => void
  #size = 0

  /** @param moved is called with the new place of each piece that was moved */
  constructor(moved: (place: Place) => void) {
    this.#moved = moved
  }

  /** This is the number of pieces. */
  get size(): number {
    return this.#size
  }

  /**
   * Returns the place of a piece, or NOWHERE.
   *
   * @param key its key, with its length
   * @param parent the number of the stem that it continues
   * @param bytes its bytes begin at index `at` of these
   */
  find(key: number, parent: number, bytes: Uint8Array, at: number): Place {
    const index = shardOf(key)
    const shard = this.#shards[index]
    if (shard === undefined) return NOWHERE
    const { marks, mask, words } = shard
    const mark = markOf(key)
    for (let slot = slotOf(key, mask); marks[slot] !== EMPTY; slot = (slot + 1) & mask) {
      if (marks[slot] !== mark) continue
      const record = slot * RECORD
      if (words[record + KEY] !== key || words[record + PARENT] !== parent) continue
      if (isSame(shard.bytes, (record + BYTES) * 4, bytes, at, key & LENGTH_MASK)) return placeOf(slot, index)
    }
    return NOWHERE
  }

  /** Adds a piece that isn't in the table. Other pieces may be moved. */
  insert(key: number, parent: number, bytes: Uint8Array, at: number): Place {
    const index = shardOf(key)
    const shard = this.#withRoom(index)
    const slot = shard.claim(key)
    this.#size++
    const record = slot * RECORD
    shard.words.fill(0, record, record + RECORD)
    shard.words[record + KEY] = key
    shard.words[record + PARENT] = parent
    const start = (record + BYTES) * 4
    const length = key & LENGTH_MASK
    for (let i = 0; i < length; i++) shard.bytes[start + i] = bytes[at + i]!
    return placeOf(slot, index)
  }

  /** Removes the piece. Other pieces may be moved. */
  remove(place: Place): void {
    const index = place & (SHARDS - 1)
    const shard = this.#shardAt(place)
    shard.marks[slotAt(place)] = REMOVED
    shard.used--
    shard.removed++
    this.#size--
    if (shard.used === 0) this.#shards[index] = undefined
    else if (shard.used * 8 <= shard.mask) this.#rebuild(index, shard)
  }

  get(place: Place, field: Field): number {
    return this.#shardAt(place).words[slotAt(place) * RECORD + field]!
  }

  set(place: Place, field: Field, value: number): void {
    this.#shardAt(place).words[slotAt(place) * RECORD + field] = value
  }

  /** Returns the number of the stem that the piece continues. */
  parentOf(place: Place): number {
    return this.#shardAt(place).words[slotAt(place) * RECORD + PARENT]!
  }

  /** Returns a view of the piece's bytes, which is valid until the table changes. */
  bytesOf(place: Place): Uint8Array {
    const { bytes, words } = this.#shardAt(place)
    const record = slotAt(place) * RECORD
    const start = (record + BYTES) * 4
    return bytes.subarray(start, start + (words[record + KEY]! & LENGTH_MASK))
  }

  #shardAt(place: Place): Shard {
    return this.#shards[place & (SHARDS - 1)]!
  }

  #withRoom(index: number): Shard {
    const shard = this.#shards[index]
    if (shard === undefined) {
      const first = new Shard(SMALLEST)
      this.#shards[index] = first
      return first
    }
    const isFull = shard.used + shard.removed + 1 > (shard.mask + 1) * mostTaken(index)
    return isFull ? this.#rebuild(index, shard) : shard
  }

  /** Makes the shard anew. Its pieces take three of eight slots at most. */
  #rebuild(index: number, { marks, words, used }: Shard): Shard {
    turnWork.spend(used >> RECORDS_PER_UNIT)
    let capacity = SMALLEST
    while (capacity * 3 < used * 8) capacity *= 2
    const next = new Shard(capacity)
    this.#shards[index] = next
    for (let slot = 0; slot < marks.length; slot++) {
      if (marks[slot]! <= REMOVED) continue
      const from = slot * RECORD
      const to = next.claim(words[from + KEY]!)
      for (let i = 0; i < RECORD; i++) next.words[to * RECORD + i] = words[from + i]!
      this.#moved(placeOf(to, index))
    }
    return next
  }
}

/** The part of a table's slots that may be taken: another for each, because all have about as many pieces. */
function mostTaken(index: number): number {
  return 0.5 + (0.25 * index) / SHARDS
}

function shardOf(key: number): number {
  return key >>> (32 - SHARD_BITS)
}

function slotOf(key: number, mask: number): number {
  return (key >>> 5) & mask
}

function placeOf(slot: number, shard: number): Place {
  return (slot << SHARD_BITS) | shard
}

function slotAt(place: Place): number {
  return place >>> SHARD_BITS
}

function markOf(key: number): number {
  return Math.max(Math.imul(key, MULTIPLIER) >>> 24, REMOVED + 1)
}

function isSame(a: Uint8Array, at: number, b: Uint8Array, from: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[at + i] !== b[from + i]) return false
  return true
}
