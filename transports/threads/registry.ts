import { types } from "node:util"

/** A claim on a name: who holds it, and where that is written. */
export interface Claim {
  readonly slot: number
  readonly thread: number
  /** What the slot holds. No two claims of a slot that differ in their holder or name are alike. */
  readonly word: bigint
}

export type Taken =
  | { readonly outcome: "held"; readonly claim: Claim }
  /** Another claim has the same hash: the same name, most likely. */
  | { readonly outcome: "rival"; readonly claim: Claim }
  | { readonly outcome: "full" }

/** Names that can be claimed at a time. */
const SLOTS = 4096

/** Before the slots: when the registry was made, something random, and how many slots were ever used. */
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
 * Which thread holds which name, in memory that all threads share. A slot is one word, of the name's hash, the thread's
 * number and a state; it is changed by compare-and-exchange alone, so that a thread that is terminated at any point
 * leaves no lock behind and no half-written claim.
 *
 * take() first writes down its own pending claim, then looks at all others. Of two who claim a name at the same time at
 * least the later writer sees the other: the one in the lower slot knocks the other's pending claim out, the one in
 * the higher slot stands back. So no two claims of a name are ever both held.
 */
export class NameRegistry {
  readonly memory: SharedArrayBuffer
  readonly #words: BigInt64Array

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory
    this.#words = new BigInt64Array(memory)
  }

  /** @param birth nanoseconds, by a clock that all threads of the process read alike */
  static create(birth: bigint, nonce: number): NameRegistry {
    const registry = new NameRegistry(new SharedArrayBuffer(SIZE))
    registry.#words[BIRTH] = birth
    registry.#words[NONCE] = BigInt(nonce)
    return registry
  }

  /** Whether a thread can have made a registry of this. Anybody in the process may offer us anything. */
  static isMemory(value: unknown): value is SharedArrayBuffer {
    return types.isSharedArrayBuffer(value) && value.byteLength === SIZE
  }

  isSame(other: NameRegistry): boolean {
    return this.#compare(other) === 0n
  }

  /** Which of two registries that grew up apart all threads agree on: the older one. */
  precedes(other: NameRegistry): boolean {
    return this.#compare(other) < 0n
  }

  /** Whether the claim is still what its slot holds. */
  has({ slot, word }: Claim): boolean {
    return this.#load(slot) === word
  }

  holders(name: number): Claim[] {
    return this.#claims(word => nameOf(word) === name && (word & STATES) === HELD)
  }

  /** @param passed claims that were found to be of another name with the same hash */
  take(name: number, thread: number, passed: readonly Claim[] = []): Taken {
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
      // Knocked out: the one who did so is seen next time.
    }
  }

  release(claim: Claim): void {
    this.#swap(claim, FREE)
  }

  /** All threads that hold names, or are about to. */
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

  /** What is there instead, when the claim is held by now. */
  #knockOut(claim: Claim): Claim | undefined {
    if ((claim.word & STATES) === PENDING && this.#swap(claim, FREE)) return undefined
    const word = this.#load(claim.slot)
    const same = nameOf(word) === nameOf(claim.word) && word !== FREE
    return same ? claimOf(claim.slot, word) : undefined
  }

  /** All there are now, of those chosen. */
  #claims(choose: (word: bigint) => boolean): Claim[] {
    const claims: Claim[] = []
    const used = Math.min(SLOTS, Number(Atomics.load(this.#words, USED)))
    for (let slot = 0; slot < used; slot++) {
      const word = this.#load(slot)
      if (word !== FREE && choose(word)) claims.push(claimOf(slot, word))
    }
    return claims
  }

  /** Takes the first free slot; undefined when there is none. */
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

/** A name as the registry knows it (FNV-1a). Names that share a hash are told apart by asking who holds them. */
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
