import { MANY_PARTS, MOST_PARTS_TOGETHER } from "../base/limits.ts"

/** An unfinished message of many parts. */
export interface PartHolder {
  /** It has this many parts so far. */
  readonly parts: number
  /** It must be dropped, because it has most of all that are too many together. */
  overdrawn(): void
}

/**
 * The unfinished messages of all connections of a thread share a budget of parts. It is needed because the memory of a small
 * part is a hundred times what the peer has sent for it. Messages of few parts are not counted.
 */
class PartBudget {
  readonly #holders = new Set<PartHolder>()

  /** The holder has {@link MANY_PARTS} more. Returns false when it is the one that has too many itself. */
  charge(holder: PartHolder): boolean {
    this.#holders.add(holder)
    let together = 0
    let most = holder
    for (const other of this.#holders) {
      together += other.parts
      if (other.parts > most.parts) most = other
    }
    if (together <= MOST_PARTS_TOGETHER) return true
    this.release(most)
    if (most !== holder) most.overdrawn()
    return most !== holder
  }

  /** The holder is finished or dropped. */
  release(holder: PartHolder): void {
    this.#holders.delete(holder)
  }
}

export const partBudget = new PartBudget()
