import type { Hub } from "./hub.ts"
import type { Ledger } from "./ledger.ts"

/** Items that are dealt and not done, per worker: one at work, the others at hand. */
const ITEMS_PER_WORKER = 4

/**
 * Deals the items of a ledger out over a PUSH socket.
 *
 * The limit is counted here and not left to the high-water marks, because items are small: the buffers of
 * TCP alone would take thousands of them, for the first worker that comes, and nothing would be left for others.
 */
export class Ventilator {
  readonly #socket: Hub["work"]
  readonly #ledger: Ledger
  #isDealing = false

  constructor(socket: Hub["work"], ledger: Ledger) {
    this.#socket = socket
    this.#ledger = ledger
  }

  /** Deals what so many workers can use now. To be called whenever that, or the ledger, may have changed. */
  async deal(workers: number, beat: number): Promise<void> {
    // A send() waits as long as there is nobody to send to.
    if (this.#isDealing) return
    this.#isDealing = true
    try {
      while (this.#ledger.open < workers * ITEMS_PER_WORKER) {
        const item = this.#ledger.deal(beat)
        if (!item) break
        await this.#socket.send(item)
      }
    } catch (error) {
      if (!this.#socket.closed) throw error
    } finally {
      this.#isDealing = false
    }
  }
}
