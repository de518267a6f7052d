/** Any byte that stands in no run. */
const SEPARATOR = 0x0a

/** Distinct runs of bytes, each followed by a separator, and how often each occurs, in the same order. */
export interface Tally {
  readonly runs: Uint8Array
  readonly counts: Float64Array
}

/**
 * A hash table from runs of bytes to counts (open addressing). It makes no strings, which makes counting some six
 * times as fast as a regular expression and a Map<string, number>, and lets the sink keep up with many workers.
 */
export class RunTable {
  /** What makes two bytes the same. */
  readonly #fold: Uint8Array
  /** A power of two long; holds the number of a run, or 0 where it is free. */
  #slots = new Uint32Array(1 << 14)
  /** The folded runs one after the other, each with its separator. */
  #text = new Uint8Array(1 << 17)
  /** Per run, beginning with 1: where it ends in the text (its separator included), its hash, its count. */
  #ends = new Uint32Array(1 << 13)
  #hashes = new Int32Array(1 << 13)
  #counts = new Float64Array(1 << 13)
  #last = 0

  constructor(fold: Uint8Array) {
    this.#fold = fold
  }

  /** The run at start…end, whose folded bytes hash to that number, occurs so many times more. */
  add(bytes: Uint8Array, start: number, end: number, hash: number, count: number): void {
    const mask = this.#slots.length - 1
    // The low bits choose the slot, and a product has its entropy in the high ones.
    const mixed = hash ^ (hash >>> 15)
    let slot = mixed & mask
    for (let run = this.#slots[slot]!; run !== 0; run = this.#slots[slot]!) {
      if (this.#hashes[run] === mixed && this.#isSame(run, bytes, start, end)) {
        this.#counts[run]! += count
        return
      }
      slot = (slot + 1) & mask
    }
    this.#slots[slot] = this.#append(bytes, start, end, mixed, count)
    // Half empty, or the search for a free slot becomes long.
    if (this.#last * 2 > mask) this.#widen()
  }

  /** All counts so far. */
  tally(): Tally {
    return {
      runs: this.#text.slice(0, this.#ends[this.#last]),
      counts: this.#counts.slice(1, this.#last + 1),
    }
  }

  clear(): void {
    this.#slots.fill(0)
    this.#last = 0
  }

  #isSame(run: number, bytes: Uint8Array, start: number, end: number): boolean {
    const text = this.#text
    const fold = this.#fold
    const from = this.#ends[run - 1]!
    if (this.#ends[run]! - from !== end - start + 1) return false
    for (let i = start; i < end; i++) if (text[from + i - start] !== fold[bytes[i]!]) return false
    return true
  }

  #append(bytes: Uint8Array, start: number, end: number, hash: number, count: number): number {
    let at = this.#ends[this.#last]!
    const run = ++this.#last
    if (run === this.#ends.length) this.#grow()
    if (at + end - start + 1 > this.#text.length) this.#text = larger(this.#text, 2 * (at + end - start + 1))
    for (let i = start; i < end; i++) this.#text[at++] = this.#fold[bytes[i]!]!
    this.#text[at++] = SEPARATOR
    this.#ends[run] = at
    this.#hashes[run] = hash
    this.#counts[run] = count
    return run
  }

  #grow(): void {
    const size = this.#ends.length * 2
    this.#ends = larger(this.#ends, size)
    this.#hashes = larger(this.#hashes, size)
    this.#counts = larger(this.#counts, size)
  }

  #widen(): void {
    const slots = new Uint32Array(this.#slots.length * 2)
    const mask = slots.length - 1
    for (let run = 1; run <= this.#last; run++) {
      let slot = this.#hashes[run]! & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = run
    }
    this.#slots = slots
  }
}

function larger<T extends Uint8Array | Uint32Array | Int32Array | Float64Array>(array: T, size: number): T {
  const copy = new (array.constructor as new (size: number) => T)(size)
  copy.set(array)
  return copy
}
