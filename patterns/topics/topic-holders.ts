import { HELD_BY, type PieceTable, type Place, SEAT } from "./piece-table.ts"
import { Register } from "./register.ts"

/** Marks the end of the list of empty seats. */
const NONE = 2 ** 31 - 1

/** One holder, and the places of all the topics that it holds: each has a seat. */
class Holding<T> {
  readonly holder: T
  number = 0
  count = 0
  /** A place, or of an empty seat, inverted, the next one that is empty. */
  readonly #seats: Place[] = []
  #vacant = NONE
  /** No seat before this one is taken. */
  #start = 0

  constructor(holder: T) {
    this.holder = holder
  }

  /** In the order in which they came, but for those that took an empty seat. */
  get first(): Place | undefined {
    const seats = this.#seats
    while (this.#start < seats.length && seats[this.#start]! < 0) this.#start++
    return seats[this.#start]
  }

  sit(place: Place): number {
    this.count++
    const seat = Math.min(this.#vacant, this.#seats.length)
    if (seat < this.#seats.length) this.#vacant = ~this.#seats[seat]!
    this.#seats[seat] = place
    this.#start = Math.min(this.#start, seat)
    return seat
  }

  rise(seat: number): void {
    this.count--
    this.#seats[seat] = ~this.#vacant
    this.#vacant = seat
  }

  move(seat: number, place: Place): void {
    this.#seats[seat] = place
  }
}

/** The holders of a topic that has more than one, each with the topic's seat. */
class Crowd<T> {
  readonly seats = new Map<Holding<T>, number>()
  #members: readonly T[] | undefined

  /** Made anew after a change: going through a list is much faster than through a map. */
  get members(): readonly T[] {
    this.#members ??= Array.from(this.seats.keys(), ({ holder }) => holder)
    return this.#members
  }

  join(holding: Holding<T>, seat: number): void {
    this.seats.set(holding, seat)
    this.#members = undefined
  }

  leave(holding: Holding<T>): void {
    this.seats.delete(holding)
    this.#members = undefined
  }
}

/**
 * Who holds which topics, which are given by the places of their last pieces. What such a piece is HELD_BY: 0 is nobody,
 * above it is the number of the only holder, with whom it has the SEAT; below it, negated, that of a crowd.
 */
export class TopicHolders<T extends object> {
  readonly #pieces: PieceTable
  readonly #holdings = new Map<T, Holding<T>>()
  readonly #singles = new Register<Holding<T>>()
  readonly #crowds = new Register<Crowd<T>>()

  constructor(pieces: PieceTable) {
    this.#pieces = pieces
  }

  add(place: Place, holder: T): "first" | "added" | "known" {
    const holding = this.#holdingOf(holder)
    const by = this.#pieces.get(place, HELD_BY)
    if (by === holding.number) return "known"
    if (by === 0) {
      this.#holdAlone(place, holding, holding.sit(place))
      return "first"
    }
    const crowd = by < 0 ? this.#crowds.get(-by) : this.#gather(place, this.#singles.get(by))
    if (crowd.seats.has(holding)) return "known"
    crowd.join(holding, holding.sit(place))
    return "added"
  }

  remove(place: Place, holder: T): "last" | "removed" | "unknown" {
    const holding = this.#holdings.get(holder)
    const by = this.#pieces.get(place, HELD_BY)
    if (holding === undefined) return "unknown"
    if (by === holding.number) {
      this.#pieces.set(place, HELD_BY, 0)
      this.#dismiss(holding, this.#pieces.get(place, SEAT))
      return "last"
    }
    const crowd = by < 0 ? this.#crowds.get(-by) : undefined
    const seat = crowd?.seats.get(holding)
    if (crowd === undefined || seat === undefined) return "unknown"
    crowd.leave(holding)
    if (crowd.seats.size === 1) this.#disperse(place, crowd)
    this.#dismiss(holding, seat)
    return "removed"
  }

  /** One of the topics that it holds. */
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
    else for (const member of this.#crowds.get(-by).members) visit(member)
    return true
  }

  /** A topic is at this place now. */
  moved(place: Place): void {
    const by = this.#pieces.get(place, HELD_BY)
    if (by > 0) this.#singles.get(by).move(this.#pieces.get(place, SEAT), place)
    else if (by < 0) for (const [holding, seat] of this.#crowds.get(-by).seats) holding.move(seat, place)
  }

  #holdingOf(holder: T): Holding<T> {
    const known = this.#holdings.get(holder)
    if (known !== undefined) return known
    const holding = new Holding(holder)
    holding.number = this.#singles.add(holding)
    this.#holdings.set(holder, holding)
    return holding
  }

  #holdAlone(place: Place, { number }: Holding<T>, seat: number): void {
    this.#pieces.set(place, HELD_BY, number)
    this.#pieces.set(place, SEAT, seat)
  }

  /** The only holder becomes the first of several. */
  #gather(place: Place, holding: Holding<T>): Crowd<T> {
    const crowd = new Crowd<T>()
    crowd.join(holding, this.#pieces.get(place, SEAT))
    this.#pieces.set(place, HELD_BY, -this.#crowds.add(crowd))
    return crowd
  }

  /** The last of several becomes the only holder. */
  #disperse(place: Place, { seats }: Crowd<T>): void {
    this.#crowds.delete(-this.#pieces.get(place, HELD_BY))
    for (const [holding, seat] of seats) this.#holdAlone(place, holding, seat)
  }

  #dismiss(holding: Holding<T>, seat: number): void {
    holding.rise(seat)
    if (holding.count > 0) return
    this.#holdings.delete(holding.holder)
    this.#singles.delete(holding.number)
  }
}
