/**
 * What a word is, and the loop that counts them. Workers, sink and --verify share it.
 *
 * A word is a maximal run of letters of any script with their combining marks, in lower case:
 * "Don't" is "don" and "t", "utf8" is "utf", "naïve" is one word.
 *
 * The loop works on bytes. It looks for runs of ASCII letters and of bytes above 0x7f, which in UTF-8 are the
 * parts of all other characters. Most runs are plain ASCII, and are words as they stand; the others are split at
 * whatever is no letter, but only in the end, once per distinct run. As no character holds a separator of runs,
 * a text may be cut anywhere, if each run is counted on one side of the cut (see pieces.ts).
 */
import { RunTable, type Tally } from "./run-table.ts"

const LETTERS = /\p{L}[\p{L}\p{M}]*/gu
const decoder = new TextDecoder()

/** Per byte: 0 when it separates runs, else the byte itself, ASCII letters in lower case. */
const FOLD = Uint8Array.from({ length: 256 }, (_, byte) => {
  const lower = byte | 0x20
  if (byte >= 0x80) return byte
  return lower >= 0x61 && lower <= 0x7a ? lower : 0
})

export function isSeparator(byte: number | undefined): boolean {
  return byte === undefined || FOLD[byte] === 0
}

export class WordCounter {
  readonly #table = new RunTable(FOLD)

  /** Counts the runs that begin within begin…limit; the last one may go on behind the limit. */
  count(bytes: Uint8Array, begin: number, limit: number): void {
    let at = begin
    // This run began before us: it is the business of the piece before.
    if (begin > 0 && !isSeparator(bytes[begin - 1])) while (!isSeparator(bytes[at])) at++
    this.#scan(bytes, at, limit)
  }

  /** Adds what another one has counted. */
  add({ runs, counts }: Tally): void {
    this.#scan(runs, 0, runs.length, counts)
  }

  /** All counts since the last time; begins anew. */
  take(): Tally {
    const tally = this.#table.tally()
    this.#table.clear()
    return tally
  }

  /** All counts as words. */
  words(): Map<string, number> {
    const words = new Map<string, number>()
    const { runs, counts } = this.#table.tally()
    const texts = decoder.decode(runs).split("\n")
    for (let i = 0; i < counts.length; i++) {
      for (const letters of texts[i]!.match(LETTERS) ?? []) {
        const word = letters.toLowerCase()
        words.set(word, (words.get(word) ?? 0) + counts[i]!)
      }
    }
    return words
  }

  /** Every run once or, with counts, so many times as the next one says. */
  #scan(bytes: Uint8Array, begin: number, limit: number, counts?: Float64Array): void {
    const end = bytes.length
    let at = begin
    let runs = 0
    while (at < limit) {
      let byte = FOLD[bytes[at]!]!
      if (byte === 0) {
        at++
        continue
      }
      const start = at
      let hash = 0
      do {
        hash = Math.imul(hash ^ byte, 0x01000193)
        at++
        byte = at < end ? FOLD[bytes[at]!]! : 0
      } while (byte !== 0)
      this.#table.add(bytes, start, at, hash, counts === undefined ? 1 : (counts[runs++] ?? 0))
    }
  }
}
