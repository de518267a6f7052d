import { LongTopics, type Tail } from "./long-topics.ts"
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

/** A stem is the end of a piece of full length. That piece, and the pieces that continue it, have the stem's number. */
class Stem {
  place: Place
  continuations = 0
  /** Bit n is set when a piece of n bytes continues the stem, or did so before. */
  lengths = 0

  constructor(place: Place) {
    this.place = place
  }
}

/** The stem of this number is the beginning of all topics. It is not the end of a piece. */
const ROOT = 1
/** Only so many bytes of a topic are cut into pieces: its head. The rest of a longer topic is its tail. */
export const LONGEST_HEAD = 36 * LONGEST_PIECE
/** This is the key of the empty topic. */
const EMPTY_KEY = keyOf(startHash(ROOT), 0)
const NO_BYTES = new Uint8Array(0)

/**
 * A topic trie finds the topics that a message starts with, and their holders. A topic is cut into pieces of
 * {@link LONGEST_PIECE} bytes, and topics with the same beginning share its pieces. So the pieces form a tree, which is
 * kept in one hash table. For each message, all pieces that its bytes may begin with are looked up, and then
 * the pieces that continue those of full length. The cost of a match depends on the first bytes of the message, and
 * hardly on the number of topics. A holder has each topic at most once. Of very long topics only the head is cut into pieces,
 * and the tail hangs on the stem at its end.
 */
export class TopicTrie<T extends object> {
  readonly #pieces = new PieceTable(place => this.#moved(place))
  readonly #holders = new TopicHolders<T>(this.#pieces)
  readonly #stems = new Register<Stem>()
  readonly #root = new Stem(NOWHERE)
  readonly #long = new LongTopics<T>()
  /** For each byte, bit n is set when a piece of n bytes ends with it, or did so before. It avoids most look-ups. */
  readonly #ends = new Int32Array(256)

  constructor() {
    this.#stems.add(this.#root)
  }

  /**
   * Adds a topic of a holder.
   *
   * @returns "first" when nobody held the topic, "added" when others did, "known" when this holder did
   */
  add(topic: Uint8Array, holder: T): "first" | "added" | "known" {
    if (topic.length > LONGEST_HEAD) return this.#addLong(topic, holder)
    let parent = ROOT
    let at = 0
    for (; topic.length - at > LONGEST_PIECE; at += LONGEST_PIECE)
      parent = this.#stemOf(this.#grow(parent, topic, at, LONGEST_PIECE))
    return this.#holders.add(this.#grow(parent, topic, at, topic.length - at), holder)
  }

  /**
   * Removes a topic of a holder.
   *
   * @returns "last" when nobody holds the topic any more, "removed" when others do, "unknown" when this holder didn't
   */
  remove(topic: Uint8Array, holder: T): "last" | "removed" | "unknown" {
    if (topic.length > LONGEST_HEAD) return this.#removeLong(topic, holder)
    const place = this.#find(topic)
    return place === NOWHERE ? "unknown" : this.#release(place, holder)
  }

  /**
   * Removes the topics of a holder. The cost depends on how much is removed, not on the size of the tree.
   *
   * @param released is called with each topic; `last` is true when nobody holds it any more
   * @param most the method stops when it has removed about this many pieces
   * @returns true when the holder has no topics any more
   */
  removeAll(
    holder: T,
    released?: (topic: Uint8Array, last: boolean) => void,
    most = Number.POSITIVE_INFINITY,
  ): boolean {
    let left = most
    for (let tail = this.#long.anyOf(holder); tail !== undefined; tail = this.#long.anyOf(holder)) {
      if (left <= 0) return false
      const topic = released && this.#spellLong(tail)
      const before = this.size
      const result = this.#releaseLong(tail, holder)
      if (topic !== undefined) released?.(topic, result === "last")
      left -= 1 + before - this.size
    }
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

  /** Calls `visit` with the holders of every topic that the bytes start with, once per topic and holder. */
  match(bytes: Uint8Array, visit: (holder: T) => void): void {
    this.#search(bytes, visit)
  }

  /** True when the bytes start with a topic that somebody holds. */
  matches(bytes: Uint8Array): boolean {
    return this.#search(bytes, undefined)
  }

  /** This is the number of pieces. */
  get size(): number {
    return this.#pieces.size
  }

  /** Returns true when a topic was found. Without `visit` it stops at the first one. */
  #search(bytes: Uint8Array, visit: ((holder: T) => void) | undefined): boolean {
    const ends = this.#ends
    const pieces = this.#pieces
    let found = this.#searchEmpty(visit)
    let parent = ROOT
    for (let at = 0; parent !== 0; at += LONGEST_PIECE) {
      if (at === LONGEST_HEAD) return this.#long.visit(parent, bytes, at, visit) || found
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

  /** Does the same for the empty topic, with which all messages start. */
  #searchEmpty(visit: ((holder: T) => void) | undefined): boolean {
    if ((this.#root.lengths & 1) === 0) return false
    const place = this.#pieces.find(EMPTY_KEY, ROOT, NO_BYTES, 0)
    return place !== NOWHERE && this.#holders.visit(place, visit)
  }

  #addLong(topic: Uint8Array, holder: T): "first" | "added" | "known" {
    let parent = ROOT
    for (let at = 0; at < LONGEST_HEAD; at += LONGEST_PIECE)
      parent = this.#stemOf(this.#grow(parent, topic, at, LONGEST_PIECE))
    const result = this.#long.add(parent, topic.subarray(LONGEST_HEAD), holder)
    if (result === "first") this.#stems.get(parent).continuations++
    return result
  }

  #removeLong(topic: Uint8Array, holder: T): "last" | "removed" | "unknown" {
    const place = this.#find(topic.subarray(0, LONGEST_HEAD))
    const stem = place === NOWHERE ? 0 : this.#pieces.get(place, STEM)
    const tail = stem === 0 ? undefined : this.#long.get(stem, topic.subarray(LONGEST_HEAD), holder)
    return tail === undefined ? "unknown" : this.#releaseLong(tail, holder)
  }

  #releaseLong(tail: Tail<T>, holder: T): "last" | "removed" {
    const result = this.#long.remove(tail, holder)
    if (result === "removed") return result
    const stem = this.#stems.get(tail.stem)
    if (--stem.continuations === 0) {
      this.#stems.delete(tail.stem)
      this.#pieces.set(stem.place, STEM, 0)
      this.#prune(stem.place)
    }
    return result
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

  /** Returns the place of a piece, and adds the piece if it is missing. */
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

  /** Returns the number of the stem at the end of a piece, and makes the stem if it is missing. */
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

  /** Removes the piece, and those before it, as far as nobody needs them any more. */
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

  /** Returns the topic that ends with this piece. */
  #spell(last: Place): Uint8Array {
    const pieces = [this.#pieces.bytesOf(last)]
    for (let number = this.#pieces.parentOf(last); number !== ROOT; ) {
      const { place } = this.#stems.get(number)
      pieces.push(this.#pieces.bytesOf(place))
      number = this.#pieces.parentOf(place)
    }
    return Buffer.concat(pieces.reverse())
  }

  #spellLong({ stem, bytes }: Tail<T>): Uint8Array {
    return Buffer.concat([this.#spell(this.#stems.get(stem).place), bytes])
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
