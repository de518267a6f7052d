import { reasonOf } from "./complaint.ts"
import { countReading, readPiece } from "./pieces.ts"
import type { Counted, Item, Piece } from "./protocol.ts"
import { Totals } from "./totals.ts"

/** Adds up what the workers counted. Is shown each item once. */
export class Sink {
  readonly totals = new Totals()
  /** Files of which the last piece is counted. */
  files = 0
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  add(item: Item, { bytes, runs, counts, failed }: Counted): void {
    this.totals.counter.add({ runs, counts })
    this.totals.bytes += bytes
    for (const index of failed) this.#lookAgain(item.pieces[index]!)
    for (const piece of item.pieces) if (piece.to === piece.size) this.files++
  }

  /**
   * A worker could not read this. If its file has vanished since it was listed, we cannot either; but another
   * machine may just lack the file, or have it in another state, and that must not change the totals.
   */
  #lookAgain(piece: Piece): void {
    try {
      const reading = readPiece(this.#folder, piece)
      this.totals.bytes += countReading(this.totals.counter, reading)
      if (reading.short) this.totals.shorter.add(piece.file)
    } catch (error) {
      this.totals.unreadable.set(piece.file, reasonOf(error))
    }
  }
}
