import { noteMovedMemory } from "../../src/base/runtime.ts"
import { type Item, type Parcel, Unpacker } from "./parcel.ts"

/** This value is posted last: nothing follows it. */
export const END = null

/** The inbox holds the parcels that came to one end of a link. They stay packed until their items are taken. */
export class Inbox {
  /** Those from index #next on are still to be unpacked. */
  #parcels: (Parcel | typeof END)[] = []
  #next = 0
  #unpacker: Unpacker | undefined
  #ended = false

  /** True once END has come, whether it was taken or not. */
  get ended(): boolean {
    return this.#ended
  }

  add(parcel: Parcel | typeof END): void {
    this.#parcels.push(parcel)
    if (parcel === END) this.#ended = true
    if (Array.isArray(parcel)) noteMovedMemory()
  }

  /** Takes the next item. Returns undefined when there is none, and throws a RangeError for a malformed parcel. */
  take(): Item | typeof END | undefined {
    for (;;) {
      const item = this.#unpacker?.next()
      if (item !== undefined) return item
      if (this.#next === this.#parcels.length) break
      const parcel = this.#parcels[this.#next++]!
      if (parcel === END) return END
      this.#unpacker = new Unpacker(parcel)
    }
    this.drop()
    return undefined
  }

  drop(): void {
    this.#parcels = []
    this.#next = 0
    this.#unpacker = undefined
  }
}
