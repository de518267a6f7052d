/** From a folder to work items. */
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from "node:fs"
import { join } from "node:path"
import { setImmediate as breathe } from "node:timers/promises"
import { Complaint, reasonOf } from "./complaint.ts"
import type { Item, Piece } from "./protocol.ts"

/** A file with a NUL among its first bytes is no text. */
const SNIFF = 1024
/** Of many tiny files, an item holds no more than this. */
const PIECES_PER_ITEM = 256
/** Version control's own storage is compressed, and nobody's text. */
const LEFT_OUT = ".git"

export interface TextFile {
  readonly path: string
  readonly size: number
}

export interface Listing {
  readonly files: TextFile[]
  bytes: number
  /** Regular files that are not text, and links and other things that are no files. */
  binary: number
  special: number
  /** Path to reason. */
  readonly unreadable: Map<string, string>
}

export function emptyListing(): Listing {
  return { files: [], bytes: 0, binary: 0, special: 0, unreadable: new Map() }
}

/** Throws a Complaint for what the user must put right. */
export function checkFolder(folder: string): void {
  let isFolder: boolean
  try {
    isFolder = statSync(folder).isDirectory()
  } catch (error) {
    throw new Complaint(`cannot open the folder ${folder}: ${reasonOf(error)}`)
  }
  if (!isFolder) throw new Complaint(`${folder} is not a folder`)
}

/** Walks the folder. Links are not followed: what they point to is counted where it lies. */
export async function listFolder(folder: string, signal: AbortSignal): Promise<Listing> {
  const listing = emptyListing()
  const folders = [""]
  let steps = 0
  while (folders.length > 0) {
    const parent = folders.pop()!
    for (const entry of entriesOf(folder, parent, listing)) {
      const path = join(parent, entry.name)
      if (entry.isDirectory()) {
        if (entry.name !== LEFT_OUT) folders.push(path)
      } else if (entry.isFile()) addFile(folder, path, listing)
      else listing.special++
      // Heartbeats and Ctrl-C must not wait for the end of a long walk.
      if (++steps % 100 === 0) await breathe()
      if (signal.aborted) return listing
    }
  }
  return listing
}

function entriesOf(folder: string, path: string, listing: Listing) {
  try {
    return readdirSync(join(folder, path), { withFileTypes: true })
  } catch (error) {
    listing.unreadable.set(join(path, "/"), reasonOf(error))
    return []
  }
}

function addFile(folder: string, path: string, listing: Listing): void {
  try {
    const { size, isText } = sniff(join(folder, path))
    if (!isText) {
      listing.binary++
      return
    }
    listing.files.push({ path, size })
    listing.bytes += size
  } catch (error) {
    listing.unreadable.set(path, reasonOf(error))
  }
}

function sniff(path: string): { size: number; isText: boolean } {
  const handle = openSync(path, "r")
  try {
    const head = Buffer.allocUnsafe(SNIFF)
    const length = readSync(handle, head, 0, SNIFF, 0)
    return { size: fstatSync(handle).size, isText: !head.subarray(0, length).includes(0) }
  } finally {
    closeSync(handle)
  }
}

/** Fills items to the brim, one file after the other; a file that does not fit goes on in the next item. */
export function cutIntoItems(files: readonly TextFile[], bytesPerItem: number): Item[] {
  const items: Item[] = []
  let pieces: Piece[] = []
  let room = bytesPerItem
  const flush = () => {
    if (pieces.length > 0) items.push({ id: items.length, pieces })
    pieces = []
    room = bytesPerItem
  }
  for (const { path, size } of files) {
    let from = 0
    // Once at least: an empty file is a file.
    do {
      const to = Math.min(size, from + room)
      pieces.push({ file: path, from, to, size })
      room -= to - from
      from = to
      if (room === 0 || pieces.length === PIECES_PER_ITEM) flush()
    } while (from < size)
  }
  flush()
  return items
}
