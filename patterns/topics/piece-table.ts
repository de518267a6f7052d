/**
 * A record of a piece, in words of 32 bits: its key, the number of the stem that it continues, what its owner keeps with
 * it, and its bytes.
 */
const KEY = 0
const PARENT = 1
export const STEM = 2
export const HELD_BY = 3
export const HOLDER_SLOT = 4
const BYTES = 5
const RECORD = 12
/** What an owner may keep with a piece; 0 at first. */
export type Field = typeof STEM | typeof HELD_BY | typeof HOLDER_SLOT

/** Bytes of a piece at most. */
export const LONGEST_PIECE = (RECORD - BYTES) * 4

/** Where a piece is, until it is moved: its slot, times the number of shards, and its shard. */
export type Place = number
export const NOWHERE: Place = -1

/** So many tables share the pieces, by the first bits of their keys: none is so large that growing it takes long. */
const SHARD_BITS = 6
const SHARDS = 2 ** SHARD_BITS
const SMALLEST = 8

/** Beside each record a byte says whether there is one, and what its key may be. */
const EMPTY = 0
const REMOVED = 1

/** A hash's key: its last bits give way to the piece's length, so that both are compared at once. */
const LENGTH_MASK = 31

const MULTIPLIER = 0x9e3779b1
/** Unknown to our peers, so that none can choose topics that are in each other's way. */
const SECRET = Int32Array.from({ length: 256 }, () => Math.floor(Math.random() * 2 ** 32))

/** The hash of a piece without bytes that continues a stem. */
export function startHash(parent: number): number {
  return Math.imul(parent, MULTIPLIER)
}

/** The hash of a piece with one byte more. */
export function nextHash(hash: number, byte: number): number {
  const mixed = Math.imul(hash ^ SECRET[byte]!, MULTIPLIER)
  return mixed ^ (mixed >>> 15)
}

export function keyOf(hash: number, length: number): number {
  return (hash & ~LENGTH_MASK) | length
}

class Shard {
  readonly mask: number
  readonly marks: Uint8Array
  readonly words: Int32Array
  /** The same memory. */
  readonly bytes: Uint8Array
  used = 0
  removed = 0

  constructor(capacity: number) {
    this.mask = capacity - 1
    this.marks = new Uint8Array(capacity)
    this.words = new Int32Array(capacity * RECORD)
    this.bytes = new Uint8Array(this.words.buffer)
  }

  /** A slot for a piece that isn't there. */
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
 * Short pieces of topics, each after the stem that it continues: an open-addressed hash table. All of a piece is in one
 * record of a few bytes, so that finding it among millions takes hardly more than one look at memory that no cache has.
 */
export class PieceTable {
  readonly #shards: (Shard | undefined)[] = new Array<Shard | undefined>(SHARDS).fill(undefined)
  readonly #moved: (place: Place) => void
  #size = 0

  /** @param moved is told each place that a piece was moved to, from wherever */
  constructor(moved: (place: Place) => void) {
    this.#moved = moved
  }

  /** How many pieces there are. */
  get size(): number {
    return this.#size
  }

  /** The place of the piece whose bytes begin at this index. */
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

  /** Adds a piece that isn't there. Others may be moved. */
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

  /** Others may be moved. */
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

  /** The number of the stem that the piece continues. */
  parentOf(place: Place): number {
    return this.#shardAt(place).words[slotAt(place) * RECORD + PARENT]!
  }

  /** A view, for at once. */
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
    const isFull = (shard.used + shard.removed + 1) * 4 > (shard.mask + 1) * 3
    return isFull ? this.#rebuild(index, shard) : shard
  }

  /** With twice the slots that are needed, or more. */
  #rebuild(index: number, { marks, words, used }: Shard): Shard {
    let capacity = SMALLEST
    while (capacity < used * 2) capacity *= 2
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
