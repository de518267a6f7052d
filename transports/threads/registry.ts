import { types } from "node:util"

/** A claim says which thread holds a name, and which slot says so. */
export interface Claim {
  readonly slot: number
  readonly thread: number
  /** This is the content of the slot. Two claims of a slot with different threads or names have different words. */
  readonly word: bigint
}

export type TakeResult =
  | { readonly outcome: "held"; readonly claim: Claim }
  /** Another claim has the same hash; most likely it is of the same name. */
  | { readonly outcome: "rival"; readonly claim: Claim }
  | { readonly outcome: "full" }

/** This many names can be claimed at a time. */
const SLOTS = 4096

/** Three words precede the slots: the time of creation, a random number, and the count of slots ever used. */
const BIRTH = 0
const NONCE = 1
const USED = 2
const FIRST = 3

const SIZE = (FIRST + SLOTS) * 8

const FREE = 0n
const STATES = 3n
const PENDING = 1n
const HELD = 2n

const NAME_BITS = 31
const NAME_SHIFT = 32n
const THREAD_SHIFT = 2n

/**
 * The registry says which thread holds which name, in memory that all threads share. A slot is one word, made of the
 * name's hash, the thread's number and a state. It is changed by compare-and-exchange alone, because a thread may be
 * terminated at any point, and must leave no lock and no half-written claim behind.
 *
 * take() first writes its own pending claim, then looks at all others. When two threads claim a name at the same time,
 * at least the later writer sees the other claim. The claimant in the lower slot removes the other's pending claim; the
 * one in the higher slot withdraws its own. So no two claims of a name are ever both held.
 */
export class NameRegistry {
  readonly memory: SharedArrayBuffer
  readonly #words: BigInt64Array

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory
    this.#words = new BigInt64Array(memory)
  }

  /**
   * @param birth in nanoseconds, by a clock that all threads of the process read alike
   * @param nonce a random number, because two registries may have the same birth
   */
  static create(birth: bigint, nonce: number): NameRegistry {
    const registry = new NameRegistry(new SharedArrayBuffer(SIZE))
    registry.#words[BIRTH] = birth
    registry.#words[NONCE] = BigInt(nonce)
    return registry
  }

  /** Returns true when a registry can be in this memory. The check is needed because other code may send us anything. */
  static isMemory(value: unknown): value is SharedArrayBuffer {
    return types.isSharedArrayBuffer(value) && value.byteLength === SIZE
  }

  /** Returns true when this registry is older than the other: all threads adopt the older one. */
  precedes(other: NameRegistry): boolean {
    return this.#compare(other) < 0n
  }

  /** Returns true while the slot still holds the claim. */
  has({ slot, word }: Claim): boolean {
    return this.#load(slot) === word
  }

  holders(name: number): Claim[] {
    return this.#claims(word => nameOf(word) === name && (word & STATES) === HELD)
  }

  /**
   * Tries to claim a name.
   * @param name its hash
   * @param passed claims that were found to be of another name with the same hash
   */
  take(name: number, thread: number, passed: readonly Claim[] = []): TakeResult {
    for (;;) {
      const mine = this.#write(wordOf(name, thread, PENDING))
      if (mine === undefined) return { outcome: "full" }
      const rival = this.#rivalOf(mine, passed)
      if (rival !== undefined) {
        this.release(mine)
        return { outcome: "rival", claim: rival }
      }
      const held = wordOf(name, thread, HELD)
      if (this.#swap(mine, held)) return { outcome: "held", claim: { ...mine, word: held } }
      // A rival has removed the pending claim. The next round sees the rival's claim.
    }
  }

  release(claim: Claim): void {
    this.#swap(claim, FREE)
  }

  /** Returns all threads that hold names, or are about to. */
  threads(): Set<number> {
    return new Set(this.#claims(() => true).map(({ thread }) => thread))
  }

  /** Frees all names of a thread that has ended. */
  evict(thread: number): void {
    for (const claim of this.#claims(word => threadOf(word) === thread)) this.release(claim)
  }

  #rivalOf(mine: Claim, passed: readonly Claim[]): Claim | undefined {
    const name = nameOf(mine.word)
    for (const claim of this.#claims(word => nameOf(word) === name)) {
      if (claim.slot === mine.slot) continue
      if (passed.some(({ slot, word }) => slot === claim.slot && word === claim.word)) continue
      const rival = claim.slot < mine.slot ? claim : this.#knockOut(claim)
      if (rival !== undefined) return rival
    }
    return undefined
  }

  /** Removes a pending claim. Returns the slot's claim instead when one of the same name is there to stay. */
  #knockOut(claim: Claim): Claim | undefined {
    if ((claim.word & STATES) === PENDING && this.#swap(claim, FREE)) return undefined
    const word = this.#load(claim.slot)
    const same = nameOf(word) === nameOf(claim.word) && word !== FREE
    return same ? claimOf(claim.slot, word) : undefined
  }

  /** Returns those current claims that `choose` accepts. */
  #claims(choose: (word: bigint) => boolean): Claim[] {
    const claims: Claim[] = []
    const used = Math.min(SLOTS, Number(Atomics.load(this.#words, USED)))
    for (let slot = 0; slot < used; slot++) {
      const word = this.#load(slot)
      if (word !== FREE && choose(word)) claims.push(claimOf(slot, word))
    }
    return claims
  }

  /** Writes the word into the first free slot. Returns undefined when no slot is free. */
  #write(word: bigint): Claim | undefined {
    for (let slot = 0; slot < SLOTS; slot++) {
      if (Atomics.compareExchange(this.#words, FIRST + slot, FREE, word) !== FREE) continue
      this.#raiseUsed(BigInt(slot + 1))
      return claimOf(slot, word)
    }
    return undefined
  }

  #raiseUsed(to: bigint): void {
    for (let used = Atomics.load(this.#words, USED); used < to; ) {
      const seen = Atomics.compareExchange(this.#words, USED, used, to)
      if (seen === used) return
      used = seen
    }
  }

  #load(slot: number): bigint {
    return Atomics.load(this.#words, FIRST + slot)
  }

  #swap({ slot, word }: Claim, next: bigint): boolean {
    return Atomics.compareExchange(this.#words, FIRST + slot, word, next) === word
  }

  #compare(other: NameRegistry): bigint {
    const [mine, theirs] = [this.#words, other.#words]
    return mine[BIRTH]! - theirs[BIRTH]! || mine[NONCE]! - theirs[NONCE]!
  }
}

/** Returns the hash of a name (FNV-1a). Names that share a hash are told apart by asking the thread that holds them. */
export function hashOf(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return hash >>> (32 - NAME_BITS)
}

function wordOf(name: number, thread: number, state: bigint): bigint {
  return (BigInt(name) << NAME_SHIFT) | (BigInt(thread) << THREAD_SHIFT) | state
}

function claimOf(slot: number, word: bigint): Claim {
  return { slot, word, thread: threadOf(word) }
}

function nameOf(word: bigint): number {
  return Number(word >> NAME_SHIFT)
}

function threadOf(word: bigint): number {
  return Number((word & 0xffff_ffffn) >> THREAD_SHIFT)
}
