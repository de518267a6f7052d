import { HELD_BY, HOLDER_SLOT, type PieceTable, type Place } from "./piece-table.ts"
import { Register } from "./register.ts"

/** Marks the end of the list of empty slots. */
const NONE = 2 ** 31 - 1

/** A holding lists the places of all the topics that one holder holds. Each place has a slot. */
class Holding<T> {
  readonly holder: T
  number = 0
  count = 0
  /** A slot has a place, or when it is empty, inverted, the number of the next empty one. */
  readonly #slots: Place[] = []
  #free = NONE
  /** No slot before this one is taken. */
  #start = 0

  constructor(holder: T) {
    this.holder = holder
  }

  /** Topics come in the order in which they were added, but for those that took an empty slot. */
  get first(): Place | undefined {
    const slots = this.#slots
    while (this.#start < slots.length && slots[this.#start]! < 0) this.#start++
    return slots[this.#start]
  }

  take(place: Place): number {
    this.count++
    const slot = Math.min(this.#free, this.#slots.length)
    if (slot < this.#slots.length) this.#free = ~this.#slots[slot]!
    this.#slots[slot] = place
    this.#start = Math.min(this.#start, slot)
    return slot
  }

  free(slot: number): void {
    this.count--
    this.#slots[slot] = ~this.#free
    this.#free = slot
  }

  move(slot: number, place: Place): void {
    this.#slots[slot] = place
  }
}

/** A topic with several holders has a group of them, each with the topic's slot. */
class HolderGroup<T> {
  readonly slots = new Map<Holding<T>, number>()
  #members: readonly T[] | undefined

  /** This list is made anew after a change, because going through a list is much faster than through a map. */
  get members(): readonly T[] {
    this.#members ??= Array.from(this.slots.keys(), ({ holder }) => holder)
    return this.#members
  }

  add(holding: Holding<T>, slot: number): void {
    this.slots.set(holding, slot)
    this.#members = undefined
  }

  remove(holding: Holding<T>): void {
    this.slots.delete(holding)
    this.#members = undefined
  }
}

/**
 * This says who holds which topics; a topic is given by the place of its last piece. Such a piece is HELD_BY: 0 for nobody;
 * above it, the number of the only holder, with whom it has the HOLDER_SLOT; below it, negated, the number of a group.
 */
export class TopicHolders<T extends object> {
  readonly #pieces: PieceTable
  readonly #holdings = new Map<T, Holding<T>>()
  readonly #singles = new Register<Holding<T>>()
  readonly #groups = new Register<HolderGroup<T>>()

  constructor(pieces: PieceTable) {
    this.#pieces = pieces
  }

  add(place: Place, holder: T): "first" | "added" | "known" {
    const holding = this.#holdingOf(holder)
    const by = this.#pieces.get(place, HELD_BY)
    if (by === holding.number) return "known"
    if (by === 0) {
      this.#holdAlone(place, holding, holding.take(place))
      return "first"
    }
    const group = by < 0 ? this.#groups.get(-by) : this.#makeGroup(place, this.#singles.get(by))
    if (group.slots.has(holding)) return "known"
    group.add(holding, holding.take(place))
    return "added"
  }

  remove(place: Place, holder: T): "last" | "removed" | "unknown" {
    const holding = this.#holdings.get(holder)
    const by = this.#pieces.get(place, HELD_BY)
    if (holding === undefined) return "unknown"
    if (by === holding.number) {
      this.#pieces.set(place, HELD_BY, 0)
      this.#release(holding, this.#pieces.get(place, HOLDER_SLOT))
      return "last"
    }
    const group = by < 0 ? this.#groups.get(-by) : undefined
    const slot = group?.slots.get(holding)
    if (group === undefined || slot === undefined) return "unknown"
    group.remove(holding)
    if (group.slots.size === 1) this.#endGroup(place, group)
    this.#release(holding, slot)
    return "removed"
  }

  /** Returns one of the topics that the holder has. */
  firstOf(holder: T): Place | undefined {
    return this.#holdings.get(holder)?.first
  }

  isHeld(place: Place): boolean {
    return this.#pieces.get(place, HELD_BY) !== 0
  }

  /** Tells whether the topic is held, and by whom. */
  visit(place: Place, visit: ((holder: T) => void) | undefined): boolean {
    const by = this.#pieces.get(place, HELD_BY)
    if (by === 0) return false
    if (visit === undefined) return true
    if (by > 0) visit(this.#singles.get(by).holder)
    else for (const member of this.#groups.get(-by).members) visit(member)
    return true
  }

  /** A topic is at this place now. */
  moved(place: Place): void {
    const by = this.#pieces.get(place, HELD_BY)
    if (by > 0) this.#singles.get(by).move(this.#pieces.get(place, HOLDER_SLOT), place)
    else if (by < 0) for (const [holding, slot] of this.#groups.get(-by).slots) holding.move(slot, place)
  }

  #holdingOf(holder: T): Holding<T> {
    const known = this.#holdings.get(holder)
    if (known !== undefined) return known
    const holding = new Holding(holder)
    holding.number = this.#singles.add(holding)
    this.#holdings.set(holder, holding)
    return holding
  }

  #holdAlone(place: Place, { number }: Holding<T>, slot: number): void {
    this.#pieces.set(place, HELD_BY, number)
    this.#pieces.set(place, HOLDER_SLOT, slot)
  }

  /** The only holder becomes the first of several. */
  #makeGroup(place: Place, holding: Holding<T>): HolderGroup<T> {
    const group = new HolderGroup<T>()
    group.add(holding, this.#pieces.get(place, HOLDER_SLOT))
    this.#pieces.set(place, HELD_BY, -this.#groups.add(group))
    return group
  }

  /** The last of several becomes the only holder. */
  #endGroup(place: Place, { slots }: HolderGroup<T>): void {
    this.#groups.delete(-this.#pieces.get(place, HELD_BY))
    for (const [holding, slot] of slots) this.#holdAlone(place, holding, slot)
  }

  #release(holding: Holding<T>, slot: number): void {
    holding.free(slot)
    if (holding.count > 0) return
    this.#holdings.delete(holding.holder)
    this.#singles.delete(holding.number)
  }
}
