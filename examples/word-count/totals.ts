import { WordCounter } from "./words.ts"

/** What the job is about. The sink fills it with what the workers counted, --verify with what it counts itself. */
export class Totals {
  readonly counter = new WordCounter()
  bytes = 0
  /** Files that could not be read when their turn came, path to reason. */
  readonly unreadable = new Map<string, string>()
  /** Files that had become shorter; what was left of them is counted. */
  readonly shorter = new Set<string>()
  #counts: Map<string, number> | undefined

  /** Every word and its count. To be asked for when all is counted. */
  get counts(): ReadonlyMap<string, number> {
    this.#counts ??= this.counter.words()
    return this.#counts
  }

  get words(): number {
    let sum = 0
    for (const count of this.counts.values()) sum += count
    return sum
  }

  get distinct(): number {
    return this.counts.size
  }

  /** The most frequent words; equally frequent ones in alphabetical order. */
  top(length: number): [word: string, count: number][] {
    return [...this.counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, length)
  }

  /** What is not the same, in words; empty when all is. */
  differences(other: Totals): string[] {
    const found: string[] = []
    const compare = (what: string, ours: number, theirs: number) => {
      if (ours !== theirs) found.push(`${what}: ${ours} and ${theirs}`)
    }
    compare("bytes", this.bytes, other.bytes)
    compare("words", this.words, other.words)
    compare("distinct words", this.distinct, other.distinct)
    compare("unreadable files", this.unreadable.size, other.unreadable.size)
    for (const [word, count] of this.counts) {
      if (found.length > 10) break
      compare(`"${word}"`, count, other.counts.get(word) ?? 0)
    }
    return found
  }
}
