import {
  keyOf,
  LONGEST_PIECE,
  NOWHERE,
  nextHash,
  PieceTable,
  type Place,
  STEM,
  startHash,
} from "./piece-table.ts"
import { Register } from "./register.ts"
import { TopicHolders } from "./topic-holders.ts"

/** The end of a piece of full length, which others continue. Its number is known to the piece and to those. */
class Stem {
  place: Place
  continuations = 0
  /** Bit n is set when a piece of n bytes continues it, or did so. */
  lengths = 0

  constructor(place: Place) {
    this.place = place
  }
}

/** The number of the stem that is no piece's end: the beginning of all topics. */
const ROOT = 1
/** Of the topic without bytes. */
const EMPTY_KEY = keyOf(startHash(ROOT), 0)
const NO_BYTES = new Uint8Array(0)

/**
 * Topics and who holds them. Topics are cut into pieces of {@link LONGEST_PIECE} bytes, and those with the same beginning
 * share its pieces: a tree, whose branches are found in one hash table. Each message looks for all the pieces that its
 * bytes may begin with, and for more behind those of full length: so the cost of a match depends on the first bytes of
 * the message, hardly on how many topics there are. Like a set per topic: the same holder counts once.
 */
export class TopicTrie<T extends object> {
  readonly #pieces = new PieceTable(place => this.#moved(place))
  readonly #holders = new TopicHolders<T>(this.#pieces)
  readonly #stems = new Register<Stem>()
  readonly #root = new Stem(NOWHERE)
  /** For each byte: bit n is set when a piece of n bytes ends with it, or did so. Spares most of the looking. */
  readonly #ends = new Int32Array(256)

  constructor() {
    this.#stems.add(this.#root)
  }

  /** "first" when nobody held the topic, "known" when this holder did. */
  add(topic: Uint8Array, holder: T): "first" | "added" | "known" {
    let parent = ROOT
    let at = 0
    for (; topic.length - at > LONGEST_PIECE; at += LONGEST_PIECE)
      parent = this.#stemOf(this.#grow(parent, topic, at, LONGEST_PIECE))
    return this.#holders.add(this.#grow(parent, topic, at, topic.length - at), holder)
  }

  /** "last" when nobody holds the topic any more, "unknown" when this holder didn't. */
  remove(topic: Uint8Array, holder: T): "last" | "removed" | "unknown" {
    const place = this.#find(topic)
    return place === NOWHERE ? "unknown" : this.#release(place, holder)
  }

  /**
   * Takes all topics from a holder, or stops after about so many pieces; true when it holds none any more. Tells each
   * topic, and whether nobody holds it now. Costs what is taken, not the tree's size.
   */
  removeAll(
    holder: T,
    released?: (topic: Uint8Array, last: boolean) => void,
    most = Number.POSITIVE_INFINITY,
  ): boolean {
    let left = most
    for (let place = this.#holders.firstOf(holder); place !== undefined; ) {
      if (left <= 0) return false
      const before = this.size
      const topic = released && this.#spell(place)
      const result = this.#release(place, holder)
      if (topic !== undefined) released?.(topic, result === "last")
      left -= Math.max(1, before - this.size)
      place = this.#holders.firstOf(holder)
    }
    return true
  }

  /** Visits the holders of every topic that the bytes start with; one who holds several is visited several times. */
  match(bytes: Uint8Array, visit: (holder: T) => void): void {
    this.#search(bytes, visit)
  }

  /** True when the bytes start with a topic that somebody holds. */
  matches(bytes: Uint8Array): boolean {
    return this.#search(bytes, undefined)
  }

  /** How many pieces there are; for tests and diagnosis. */
  get size(): number {
    return this.#pieces.size
  }

  /** True when a topic was found; without a visit it ends with the first one. */
  #search(bytes: Uint8Array, visit: ((holder: T) => void) | undefined): boolean {
    const ends = this.#ends
    const pieces = this.#pieces
    let found = this.#searchEmpty(visit)
    let parent = ROOT
    for (let at = 0; parent !== 0; at += LONGEST_PIECE) {
      const { lengths } = this.#stems.get(parent)
      const longest = Math.min(bytes.length - at, 31 - Math.clz32(lengths))
      let hash = startHash(parent)
      let hashed = 0
      let next = 0
      for (let length = 1; length <= longest; length++) {
        if ((((ends[bytes[at + length - 1]!]! & lengths) >>> length) & 1) === 0) continue
        for (; hashed < length; hashed++) hash = nextHash(hash, bytes[at + hashed]!)
        const place = pieces.find(keyOf(hash, length), parent, bytes, at)
        if (place === NOWHERE) continue
        if (this.#holders.visit(place, visit)) found = true
        if (length === LONGEST_PIECE) next = pieces.get(place, STEM)
      }
      if (found && visit === undefined) return true
      parent = next
    }
    return found
  }

  /** The same of the topic without bytes, which all messages start with. */
  #searchEmpty(visit: ((holder: T) => void) | undefined): boolean {
    if ((this.#root.lengths & 1) === 0) return false
    const place = this.#pieces.find(EMPTY_KEY, ROOT, NO_BYTES, 0)
    return place !== NOWHERE && this.#holders.visit(place, visit)
  }

  #find(topic: Uint8Array): Place {
    let parent = ROOT
    let at = 0
    for (; topic.length - at > LONGEST_PIECE; at += LONGEST_PIECE) {
      const place = this.#pieces.find(hashKey(parent, topic, at, LONGEST_PIECE), parent, topic, at)
      parent = place === NOWHERE ? 0 : this.#pieces.get(place, STEM)
      if (parent === 0) return NOWHERE
    }
    return this.#pieces.find(hashKey(parent, topic, at, topic.length - at), parent, topic, at)
  }

  /** The place of a piece, which is added when it is missing. */
  #grow(parent: number, topic: Uint8Array, at: number, length: number): Place {
    const key = hashKey(parent, topic, at, length)
    const place = this.#pieces.find(key, parent, topic, at)
    if (place !== NOWHERE) return place
    const stem = this.#stems.get(parent)
    stem.continuations++
    stem.lengths |= 1 << length
    if (length > 0) this.#ends[topic[at + length - 1]!]! |= 1 << length
    return this.#pieces.insert(key, parent, topic, at)
  }

  /** The number of the stem at the end of a piece. */
  #stemOf(place: Place): number {
    const known = this.#pieces.get(place, STEM)
    if (known !== 0) return known
    const number = this.#stems.add(new Stem(place))
    this.#pieces.set(place, STEM, number)
    return number
  }

  #release(place: Place, holder: T): "last" | "removed" | "unknown" {
    const result = this.#holders.remove(place, holder)
    if (result === "last") this.#prune(place)
    return result
  }

  /** Gives back the pieces that nobody needs any more, from this one on backwards. */
  #prune(last: Place): void {
    const pieces = this.#pieces
    for (let place = last; pieces.get(place, STEM) === 0 && !this.#holders.isHeld(place); ) {
      const number = pieces.parentOf(place)
      const stem = this.#stems.get(number)
      pieces.remove(place)
      if (--stem.continuations > 0) return
      if (number === ROOT) {
        stem.lengths = 0
        this.#ends.fill(0)
        return
      }
      this.#stems.delete(number)
      place = stem.place
      pieces.set(place, STEM, 0)
    }
  }

  /** The topic that ends with this piece. */
  #spell(last: Place): Uint8Array {
    const pieces = [this.#pieces.bytesOf(last)]
    for (let number = this.#pieces.parentOf(last); number !== ROOT; ) {
      const { place } = this.#stems.get(number)
      pieces.push(this.#pieces.bytesOf(place))
      number = this.#pieces.parentOf(place)
    }
    return Buffer.concat(pieces.reverse())
  }

  #moved(place: Place): void {
    const stem = this.#pieces.get(place, STEM)
    if (stem !== 0) this.#stems.get(stem).place = place
    this.#holders.moved(place)
  }
}

function hashKey(parent: number, bytes: Uint8Array, at: number, length: number): number {
  let hash = startHash(parent)
  for (let i = 0; i < length; i++) hash = nextHash(hash, bytes[at + i]!)
  return keyOf(hash, length)
}
