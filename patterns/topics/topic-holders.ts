import { HELD_BY, HOLDER_SLOT, type PieceTable, type Place } from "./piece-table.ts"
import { Register } from "./register.ts"

/** This number marks the end of the list of empty slots. */
const NONE = 2 ** 31 - 1

/** A holding lists the places of all the topics that one holder holds. Each place has a slot. */
class Holding<T> {
  readonly holder: T
  number = 0
  count = 0
  /** A slot has a place. An empty slot has the number of the next empty one, with its bits inverted (~). */
  readonly #slots: Place[] = []
  #free = NONE
  /** All slots before this one are empty. */
  #start = 0

  constructor(holder: T) {
    this.holder = holder
  }

  /** This is the place in the first slot that isn't empty. */
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

/** A topic with several holders has a group. The group has, for each holder, the slot of the topic. */
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
 * This class knows the holders of each topic. A topic is given by the place of its last piece. The field HELD_BY of that
 * piece is
 *
 * - 0 when the topic has no holder
 * - positive when it has one: the holder's number; HOLDER_SLOT then is the topic's slot in the holding
 * - negative when it has several: the negated number of their group
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

  /** Calls `visit` with each holder of the topic. Returns true when there is any. */
  visit(place: Place, visit: ((holder: T) => void) | undefined): boolean {
    const by = this.#pieces.get(place, HELD_BY)
    if (by === 0) return false
    if (visit === undefined) return true
    if (by > 0) visit(this.#singles.get(by).holder)
    else for (const member of this.#groups.get(-by).members) visit(member)
    return true
  }

  /** A piece was moved to this place. */
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

  /** Makes a group for a topic that had one holder until now. */
  #makeGroup(place: Place, holding: Holding<T>): HolderGroup<T> {
    const group = new HolderGroup<T>()
    group.add(holding, this.#pieces.get(place, HOLDER_SLOT))
    this.#pieces.set(place, HELD_BY, -this.#groups.add(group))
    return group
  }

  /** Ends the group of a topic that has only one holder left. */
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
