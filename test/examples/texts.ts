/** Folders of text to count. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const SENTENCES = [
  "The quick brown fox jumps over the lazy dog.\n",
  "Жизнь — это то, что с тобой происходит.\n",
  "naïve café: Don't panic; utf8 x1 Y2!\n",
  "吾輩は猫である。名前はまだ無い。\n",
]

const undo: (() => void)[] = []

/** For afterEach(). */
export function removeTexts(): void {
  for (const step of undo.splice(0).reverse()) step()
}

export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "word-count-"))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Some hundred kilobytes in files of all sizes, folders, an empty file, a link, and one that is not text. */
export function textFolder(): string {
  const folder = emptyFolder()
  for (let i = 0; i < 40; i++) {
    const parent = join(folder, `folder-${i % 4}`)
    mkdirSync(parent, { recursive: true })
    writeFileSync(join(parent, `text-${i}.txt`), textOf(i * i * 20))
  }
  writeFileSync(join(folder, "one-word.txt"), "a".repeat(10_000))
  writeFileSync(join(folder, "binary"), Uint8Array.of(1, 2, 0, 3))
  return folder
}

/** One file that takes a while. */
export function longFolder(): string {
  const folder = emptyFolder()
  writeFileSync(join(folder, "long.txt"), textOf(40_000_000))
  return folder
}

function textOf(length: number): string {
  const all = SENTENCES.join("")
  return all.repeat(Math.ceil(length / all.length)).slice(0, length)
}

/**
 * Adds a file that nobody can open, root included (whom permissions do not keep out): its path is longer than the
 * system takes. It is made under a short name and comes under a long one when a folder above it is renamed.
 */
export function addUnreadable(folder: string): void {
  const short = join(folder, "x")
  const long = join(folder, "x".repeat(200))
  let parent = short
  while (Buffer.byteLength(parent) < 4096 - 350) parent = join(parent, "y".repeat(50))
  mkdirSync(parent, { recursive: true })
  writeFileSync(join(parent, "z".repeat(4095 - 150 - Buffer.byteLength(parent))), "never to be seen")
  renameSync(short, long)
  undo.push(() => renameSync(long, short))
}
