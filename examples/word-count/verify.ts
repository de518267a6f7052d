import { statSync } from "node:fs"
import { join } from "node:path"
import { setImmediate as breathe } from "node:timers/promises"
import { reasonOf } from "./complaint.ts"
import { cutIntoItems, type Listing } from "./folder.ts"
import { countReading, readPiece } from "./pieces.ts"
import { Totals } from "./totals.ts"

/** So large that hardly a file is cut, or the cuts would not be tested. */
const BYTES_AT_ONCE = 64 * 1024 * 1024

/** The same count in this process alone, without sockets. */
export async function countAlone(folder: string, listing: Listing, signal: AbortSignal): Promise<Totals> {
  const totals = new Totals()
  for (const { path, size } of listing.files) {
    for (const { pieces } of cutIntoItems([{ path, size }], BYTES_AT_ONCE)) {
      try {
        const reading = readPiece(folder, pieces[0]!)
        totals.bytes += countReading(totals.counter, reading)
        if (reading.short) totals.shorter.add(path)
      } catch (error) {
        totals.unreadable.set(path, reasonOf(error))
      }
    }
    await breathe()
    if (signal.aborted) break
  }
  return totals
}

/** Files that are not what they were at that time, in milliseconds since 1970. */
export function changedSince(folder: string, listing: Listing, time: number): string[] {
  return listing.files
    .map(file => file.path)
    .filter(path => {
      const stat = statSync(join(folder, path), { throwIfNoEntry: false })
      return !stat || stat.mtimeMs > time
    })
}
