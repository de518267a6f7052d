import type { Item } from "./protocol.ts"

/** Heartbeats after which an open item is dealt again; twice as many each time. */
const PATIENCE = 4

/** An item that was dealt and is not done. */
interface Deal {
  /** The heartbeat at which it was dealt. */
  readonly since: number
  /** Who announced that it works on it. Nobody: it lies in some queue, who knows whose. */
  holder?: string
}

/**
 * Which item waits, is dealt, is done. Knows no sockets and no clock.
 *
 * Whatever may be lost is dealt again, rather once too often than never, for finish() gives an item
 * out only once. So nothing hangs on whether a lost worker was really dead, or which queue an item was in.
 */
export class Ledger {
  readonly #items: readonly Item[]
  readonly #open = new Map<number, Deal>()
  readonly #done = new Set<number>()
  readonly #times: Uint8Array
  #again: Item[] = []
  #next = 0

  constructor(items: readonly Item[]) {
    this.#items = items
    this.#times = new Uint8Array(items.length)
  }

  get total(): number {
    return this.#items.length
  }

  get dealt(): number {
    return this.#next
  }

  get open(): number {
    return this.#open.size
  }

  get done(): number {
    return this.#done.size
  }

  get isFinished(): boolean {
    return this.#done.size === this.#items.length
  }

  /** The next item to deal. */
  deal(beat: number): Item | undefined {
    let item = this.#draw()
    // Somebody believed lost was heard of once more.
    while (item && this.#done.has(item.id)) item = this.#draw()
    if (!item) return undefined
    this.#times[item.id]!++
    this.#open.set(item.id, { since: beat })
    return item
  }

  taken(id: number, worker: string): void {
    const deal = this.#open.get(id)
    if (deal) deal.holder = worker
  }

  /** The item that is done by that; undefined when it was before, or there is none such. */
  finish(id: number): Item | undefined {
    const item = this.#items[id]
    if (!item || this.#done.has(id)) return undefined
    this.#done.add(id)
    this.#open.delete(id)
    return item
  }

  /** A worker is gone: what it held, and what nobody has announced yet, may be lost. Returns how many these are. */
  lose(worker: string): number {
    return this.#dealAgain(deal => deal.holder === undefined || deal.holder === worker)
  }

  /** For what is lost without anybody being lost, or lies with somebody who is stuck. */
  dealOverdue(beat: number): number {
    return this.#dealAgain(({ since }, id) => beat - since > PATIENCE * 2 ** (this.#times[id]! - 1))
  }

  #draw(): Item | undefined {
    return this.#again.pop() ?? (this.#next < this.#items.length ? this.#items[this.#next++] : undefined)
  }

  #dealAgain(isLost: (deal: Deal, id: number) => boolean): number {
    const before = this.#again.length
    for (const [id, deal] of this.#open) {
      if (!isLost(deal, id)) continue
      this.#open.delete(id)
      this.#again.push(this.#items[id]!)
    }
    return this.#again.length - before
  }
}
