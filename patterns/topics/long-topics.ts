import { nextHash } from "./piece-table.ts"

/** This is what follows the head of a long topic. */
export interface Tail<T> {
  /** The number of the stem at the end of the head. */
  readonly stem: number
  readonly bytes: Buffer
  readonly hash: number
  readonly holders: Set<T>
}

/** These are the tails that follow one stem, by their lengths and then by their hashes. */
interface Tails<T> {
  readonly byLength: Map<number, Map<number, Tail<T>[]>>
  /** The lengths, in ascending order. */
  lengths: number[]
}

/**
 * This class holds the tails of long topics. A tail is one block of bytes, and is found by the hash of all of them, because
 * cutting it into pieces would take far longer than the peer takes to send it.
 */
export class LongTopics<T extends object> {
  readonly #byStem = new Map<number, Tails<T>>()
  readonly #byHolder = new Map<T, Set<Tail<T>>>()

  /** Adds a tail of a holder. It copies the bytes of one that nobody held. */
  add(stem: number, tail: Uint8Array, holder: T): "first" | "added" | "known" {
    const hash = hashOf(tail)
    const known = this.#find(stem, tail, hash)
    if (known?.holders.has(holder)) return "known"
    const entry = known ?? this.#insert({ stem, bytes: Buffer.from(tail), hash, holders: new Set() })
    entry.holders.add(holder)
    const own = this.#byHolder.get(holder)
    if (own === undefined) this.#byHolder.set(holder, new Set([entry]))
    else own.add(entry)
    return known === undefined ? "first" : "added"
  }

  /** Returns the tail if the holder has it. */
  get(stem: number, tail: Uint8Array, holder: T): Tail<T> | undefined {
    const entry = this.#find(stem, tail, hashOf(tail))
    return entry?.holders.has(holder) ? entry : undefined
  }

  /** Returns one of the tails that the holder has. */
  anyOf(holder: T): Tail<T> | undefined {
    return this.#byHolder.get(holder)?.values().next().value
  }

  /** Removes a tail of a holder that has it. */
  remove(tail: Tail<T>, holder: T): "last" | "removed" {
    const own = this.#byHolder.get(holder)
    own?.delete(tail)
    if (own?.size === 0) this.#byHolder.delete(holder)
    tail.holders.delete(holder)
    if (tail.holders.size > 0) return "removed"
    this.#delete(tail)
    return "last"
  }

  /**
   * Calls `visit` with the holders of each tail that the bytes have from index `at` on. Without `visit` it stops at the first.
   *
   * @returns true when there was one
   */
  visit(stem: number, bytes: Uint8Array, at: number, visit: ((holder: T) => void) | undefined): boolean {
    const tails = this.#byStem.get(stem)
    if (tails === undefined) return false
    let found = false
    let hash = 0
    let hashed = 0
    for (const length of tails.lengths) {
      if (length > bytes.length - at) break
      for (; hashed < length; hashed++) hash = nextHash(hash, bytes[at + hashed]!)
      const tail = matching(tails.byLength.get(length)!.get(hash), bytes.subarray(at, at + length))
      if (tail === undefined) continue
      found = true
      if (visit === undefined) return true
      for (const holder of tail.holders) visit(holder)
    }
    return found
  }

  #find(stem: number, tail: Uint8Array, hash: number): Tail<T> | undefined {
    return matching(this.#byStem.get(stem)?.byLength.get(tail.length)?.get(hash), tail)
  }

  #insert(tail: Tail<T>): Tail<T> {
    const { stem, bytes, hash } = tail
    const tails = this.#byStem.get(stem) ?? { byLength: new Map(), lengths: [] }
    this.#byStem.set(stem, tails)
    const byHash = tails.byLength.get(bytes.length) ?? new Map<number, Tail<T>[]>()
    if (byHash.size === 0) {
      tails.byLength.set(bytes.length, byHash)
      tails.lengths.splice(placeOf(tails.lengths, bytes.length), 0, bytes.length)
    }
    byHash.set(hash, [...(byHash.get(hash) ?? []), tail])
    return tail
  }

  #delete({ stem, bytes, hash }: Tail<T>): void {
    const tails = this.#byStem.get(stem)!
    const byHash = tails.byLength.get(bytes.length)!
    const others = byHash.get(hash)!.filter(other => !other.bytes.equals(bytes))
    if (others.length > 0) byHash.set(hash, others)
    else byHash.delete(hash)
    if (byHash.size > 0) return
    tails.byLength.delete(bytes.length)
    tails.lengths.splice(placeOf(tails.lengths, bytes.length), 1)
    if (tails.lengths.length === 0) this.#byStem.delete(stem)
  }
}

function hashOf(bytes: Uint8Array): number {
  let hash = 0
  for (let i = 0; i < bytes.length; i++) hash = nextHash(hash, bytes[i]!)
  return hash
}

function matching<T>(candidates: readonly Tail<T>[] | undefined, bytes: Uint8Array): Tail<T> | undefined {
  return candidates?.find(tail => tail.bytes.equals(bytes))
}

/** Returns the index of the first number that is not below this one. */
function placeOf(sorted: readonly number[], number: number): number {
  let low = 0
  for (let high = sorted.length; low < high; ) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < number) low = middle + 1
    else high = middle
  }
  return low
}
