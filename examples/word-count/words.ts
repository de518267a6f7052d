/**
 * What a word is, and the loop that counts them. Workers and --verify share it.
 *
 * A word is a maximal run of letters of any script with their combining marks, in lower case:
 * "Don't" is "don" and "t", "utf8" is "utf", "naïve" is one word.
 *
 * The loop works on bytes. It looks for runs of ASCII letters and of bytes above 0x7f, which in UTF-8 are the
 * parts of all other characters. Most runs are plain ASCII, and are words as they stand; the others are decoded,
 * once per distinct run, and split at whatever is no letter. As no character holds a separator of runs, a text
 * may be cut anywhere, if each run is counted on one side of the cut (see pieces.ts).
 */
import type { Counts } from "./protocol.ts"
import { RunTable } from "./run-table.ts"

const LETTERS = /\p{L}[\p{L}\p{M}]*/gu
const NOT_ASCII = /[^a-z]/

/** Per byte: 0 when it separates runs, else the byte itself, ASCII letters in lower case. */
export const FOLD = Uint8Array.from({ length: 256 }, (_, byte) => {
  const lower = byte | 0x20
  if (byte >= 0x80) return byte
  return lower >= 0x61 && lower <= 0x7a ? lower : 0
})

export function isSeparator(byte: number | undefined): boolean {
  return byte === undefined || FOLD[byte] === 0
}

export class WordCounter {
  readonly #runs = new RunTable(FOLD)

  /** Counts the runs that begin within begin…limit; the last one may go on behind the limit. */
  count(bytes: Uint8Array, begin: number, limit: number): void {
    const end = bytes.length
    let at = begin
    // This run began before us: it is the business of the piece before.
    if (begin > 0) while (at < end && !isSeparator(bytes[begin - 1]) && !isSeparator(bytes[at])) at++
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
      this.#runs.add(bytes, start, at, hash)
    }
  }

  /** All counts since the last time; begins anew. */
  take(): Counts {
    const words: string[] = []
    const counts: number[] = []
    this.#runs.take((run, count) => {
      for (const word of NOT_ASCII.test(run) ? lettersOf(run) : [run]) {
        words.push(word)
        counts.push(count)
      }
    })
    return { words, counts }
  }
}

function lettersOf(run: string): string[] {
  return (run.match(LETTERS) ?? []).map(word => word.toLowerCase())
}
