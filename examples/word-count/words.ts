/**
 * What a word is, and the loop that counts them. Workers and --verify share it.
 *
 * A word is a maximal run of letters of any script with their combining marks, in lower case:
 * "Don't" is "don" and "t", "utf8" is "utf", "naïve" is one word.
 *
 * The loop works on bytes. It looks for runs of ASCII letters and of bytes above 0x7f, which in UTF-8 are
 * the parts of all other characters. Most runs are plain ASCII and are words as they stand; only the others
 * are decoded, and split at whatever is no letter. No separator of runs ever stands within a character, so
 * a text may be cut anywhere as long as each run is counted on one side of the cut (see pieces.ts).
 */
import { AsciiTable } from "./ascii-table.ts"
import type { Counts } from "./protocol.ts"

const LETTERS = /\p{L}[\p{L}\p{M}]*/gu
const decoder = new TextDecoder()

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
  readonly #ascii = new AsciiTable(FOLD)
  readonly #others = new Map<string, number>()

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
      let seen = 0
      do {
        hash = Math.imul(hash ^ byte, 0x01000193)
        seen |= byte
        at++
        byte = at < end ? FOLD[bytes[at]!]! : 0
      } while (byte !== 0)
      if (seen < 0x80) this.#ascii.add(bytes, start, at, hash)
      else this.#countDecoded(bytes.subarray(start, at))
    }
  }

  #countDecoded(run: Uint8Array): void {
    for (const letters of decoder.decode(run).match(LETTERS) ?? []) {
      const word = letters.toLowerCase()
      this.#others.set(word, (this.#others.get(word) ?? 0) + 1)
    }
  }

  /** All counts since the last time; begins anew. */
  take(): Counts {
    const { words, counts } = this.#ascii.take()
    for (const [word, count] of this.#others) {
      words.push(word)
      counts.push(count)
    }
    this.#others.clear()
    return { words, counts }
  }
}
