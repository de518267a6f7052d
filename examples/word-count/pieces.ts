/**
 * Reading and counting one piece of a file.
 *
 * Who counts a word at a cut: the piece in which the word begins. So a piece looks at the one byte before
 * it, to see whether its first bytes belong to a word that began earlier, and reads on behind its end until
 * its last word is complete. ("Word" is here the run of bytes that words.ts speaks of.)
 *
 * Synchronous on purpose: many small reads are several times as fast so, and nothing else waits for long,
 * because callers pause between pieces.
 */
import { closeSync, openSync, readSync } from "node:fs"
import { join } from "node:path"
import type { Piece } from "./protocol.ts"
import { isSeparator, type WordCounter } from "./words.ts"

export interface Reading {
  readonly bytes: Uint8Array
  /** Where the piece begins and ends within the bytes. */
  readonly begin: number
  readonly limit: number
  /** The file is shorter than it was when it was listed. */
  readonly short: boolean
}

/** Throws the system's error when the file cannot be opened or read. */
export function readPiece(folder: string, piece: Piece): Reading {
  const handle = openSync(join(folder, piece.file), "r")
  try {
    const start = Math.max(0, piece.from - 1)
    const bytes = readRange(handle, start, piece.to)
    const begin = Math.min(piece.from - start, bytes.length)
    const short = bytes.length < piece.to - start
    const ending = short ? [] : readEnding(handle, bytes, piece)
    const all = ending.length === 0 ? bytes : Buffer.concat([bytes, ...ending])
    return { bytes: all, begin, limit: bytes.length, short }
  } finally {
    closeSync(handle)
  }
}

/** Counts the piece whatever its length is now; returns the number of bytes that it holds. */
export function countReading(counter: WordCounter, reading: Reading): number {
  counter.count(reading.bytes, reading.begin, reading.limit)
  return reading.limit - reading.begin
}

/** What follows the piece, until a separator: the end of its last word. */
function readEnding(handle: number, bytes: Uint8Array, piece: Piece): Uint8Array[] {
  const ending: Uint8Array[] = []
  // Without any separator, the byte before the piece included, it is the middle of somebody else's word.
  const ours = piece.from === 0 || bytes.some(isSeparator)
  let last = ours ? bytes.at(-1) : undefined
  let at = piece.to
  for (let step = 64; !isSeparator(last) && at < piece.size; step *= 2) {
    const more = readRange(handle, at, Math.min(at + step, piece.size))
    if (more.length === 0) break
    ending.push(more)
    at += more.length
    last = more.find(isSeparator) ?? more.at(-1)
  }
  return ending
}

function readRange(handle: number, from: number, to: number): Buffer {
  const buffer = Buffer.allocUnsafe(to - from)
  let length = 0
  while (length < buffer.length) {
    const read = readSync(handle, buffer, length, buffer.length - length, from + length)
    if (read === 0) break
    length += read
  }
  return buffer.subarray(0, length)
}
