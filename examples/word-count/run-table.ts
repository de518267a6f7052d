/**
 * A hash table from runs of bytes to counts that makes no string per occurrence: runs stay bytes until take().
 * That makes counting about three times as fast as a Map<string, number> fed by a regular expression.
 */
export class RunTable {
  readonly #fold: Uint8Array
  #slots = new Slots(1 << 14)
  /** The distinct runs one after the other, folded. */
  #text = new Uint8Array(1 << 17)
  #textEnd = 0

  constructor(fold: Uint8Array) {
    this.#fold = fold
  }

  /** One more occurrence of the run at start…end, whose folded bytes hash to that number. */
  add(bytes: Uint8Array, start: number, end: number, hash: number): void {
    const slots = this.#slots
    const length = end - start
    // The low bits choose the slot, and a product has its entropy in the high ones.
    const mixed = hash ^ (hash >>> 15)
    let slot = mixed & slots.mask
    while (slots.counts[slot] !== 0) {
      if (slots.hashes[slot] === mixed && slots.lengths[slot] === length && this.#same(slot, bytes, start)) {
        slots.counts[slot]!++
        return
      }
      slot = (slot + 1) & slots.mask
    }
    slots.fill(slot, mixed, this.#append(bytes, start, end), length, 1)
    // Half empty, or the search for a free slot becomes long.
    if (slots.used * 2 > slots.mask) this.#slots = slots.doubled()
  }

  /** Tells every distinct run and its count; the table is empty afterwards. */
  take(each: (run: string, count: number) => void): void {
    const text = Buffer.from(this.#text.buffer)
    const { mask, starts, lengths, counts } = this.#slots
    for (let slot = 0; slot <= mask; slot++) {
      if (counts[slot] === 0) continue
      each(text.toString("utf8", starts[slot]!, starts[slot]! + lengths[slot]!), counts[slot]!)
    }
    this.#slots.clear()
    this.#textEnd = 0
  }

  #same(slot: number, bytes: Uint8Array, start: number): boolean {
    const text = this.#text
    const fold = this.#fold
    const stored = this.#slots.starts[slot]!
    const length = this.#slots.lengths[slot]!
    for (let i = 0; i < length; i++) if (text[stored + i] !== fold[bytes[start + i]!]) return false
    return true
  }

  #append(bytes: Uint8Array, start: number, end: number): number {
    const at = this.#textEnd
    this.#textEnd += end - start
    if (this.#textEnd > this.#text.length) {
      const larger = new Uint8Array(this.#textEnd * 2)
      larger.set(this.#text)
      this.#text = larger
    }
    for (let i = start; i < end; i++) this.#text[at + i - start] = this.#fold[bytes[i]!]!
    return at
  }
}

/** Open addressing: parallel arrays, a power of two long. A slot whose count is 0 is free. */
class Slots {
  readonly mask: number
  readonly hashes: Int32Array
  readonly starts: Uint32Array
  readonly lengths: Uint32Array
  readonly counts: Uint32Array
  used = 0

  constructor(size: number) {
    this.mask = size - 1
    this.hashes = new Int32Array(size)
    this.starts = new Uint32Array(size)
    this.lengths = new Uint32Array(size)
    this.counts = new Uint32Array(size)
  }

  fill(slot: number, hash: number, start: number, length: number, count: number): void {
    this.hashes[slot] = hash
    this.starts[slot] = start
    this.lengths[slot] = length
    this.counts[slot] = count
    this.used++
  }

  doubled(): Slots {
    const larger = new Slots(this.counts.length * 2)
    for (let from = 0; from <= this.mask; from++) {
      if (this.counts[from] === 0) continue
      let to = this.hashes[from]! & larger.mask
      while (larger.counts[to] !== 0) to = (to + 1) & larger.mask
      larger.fill(to, this.hashes[from]!, this.starts[from]!, this.lengths[from]!, this.counts[from]!)
    }
    return larger
  }

  clear(): void {
    this.counts.fill(0)
    this.used = 0
  }
}
