import type { MessagePort } from "node:worker_threads"
import { atEndOfTurn, isExiting, type TurnTask } from "../../src/base/process-exit.ts"
import type { Control, Message } from "../../src/contracts/message.ts"
import type { Credit } from "./credit.ts"
import { type Item, isMessage, Packer } from "./parcel.ts"

/**
 * The outbox posts the messages that one end of a link sends. A single message is posted at once. The messages of a burst
 * are posted in one parcel when the turn's microtasks are over, because waking the other thread costs more than hundreds
 * of messages.
 */
export class Outbox implements TurnTask {
  readonly #port: MessagePort
  readonly #credit: Credit
  readonly #failed: (error: Error) => void
  readonly #packer = new Packer()
  /** Holds the items that were sent beyond the credit, from index #next on. */
  #held: Item[] = []
  #next = 0
  /** True when something was sent in this turn. */
  #gathering = false
  /** True when more than one item was sent in this turn. */
  #followed = false
  /** True when the last turn sent several items: then the first item of a turn waits for those that follow. */
  #bursts = false
  /** This many messages were dropped before they had credit. */
  #dropped = 0

  /** @param failed is called with an error after which nothing can be posted */
  constructor(port: MessagePort, credit: Credit, failed: (error: Error) => void) {
    this.#port = port
    this.#credit = credit
    this.#failed = failed
  }

  /** Messages that the other end is not known to have taken. */
  get unconfirmed(): number {
    return this.#dropped + this.#heldMessages + this.#credit.untaken
  }

  /** True when no item waits for credit. */
  get empty(): boolean {
    return this.#held.length === 0
  }

  /** This many items wait for credit. */
  get held(): number {
    return this.#held.length - this.#next
  }

  /** Returns false when the next message has to wait until creditGranted() returns true. */
  send(message: Message): boolean {
    if (this.empty && this.#credit.has()) this.#put(message)
    else this.#hold(message.map(part => Buffer.from(part)))
    return this.#hasCredit()
  }

  control(control: Control): void {
    if (this.empty) this.#put(control)
    else this.#hold(control)
  }

  /** Is called when the peer has taken messages. Returns true when the next message need not wait. */
  creditGranted(): boolean {
    const held = this.#held
    while (this.#next < held.length) {
      const item = held[this.#next]!
      if (isMessage(item) && !this.#hasCredit()) break
      this.#next++
      this.#put(item)
    }
    if (this.#next * 2 > held.length) this.#next -= held.splice(0, this.#next).length
    return this.empty && this.#hasCredit()
  }

  flush(): void {
    const packer = this.#packer
    if (packer.empty) return
    try {
      this.#post()
    } catch (error) {
      this.#failed(error as Error)
      return
    }
    this.#credit.posted()
    packer.clear()
  }

  endOfTurn(): void {
    this.#gathering = false
    this.#bursts = this.#followed
    this.#followed = false
    this.flush()
  }

  /** Drops all items that were not posted. */
  drop(): void {
    this.#dropped += this.#heldMessages
    this.#packer.clear()
    this.#held = []
    this.#next = 0
  }

  get #heldMessages(): number {
    let count = 0
    for (let at = this.#next; at < this.#held.length; at++) if (isMessage(this.#held[at]!)) count++
    return count
  }

  #hold(item: Item): void {
    this.#held.push(item)
    if (isExiting()) this.creditGranted()
  }

  /**
   * Returns true when a message may be sent now. Otherwise the gathered messages are posted first, because the peer
   * grants credit only for what it has. An exiting thread ignores the credit, because it can't wait; the rest that it
   * then sends is bounded by our own high-water mark.
   */
  #hasCredit(): boolean {
    if (this.#credit.has() || isExiting()) return true
    this.flush()
    return false
  }

  #put(item: Item): void {
    if (isMessage(item)) this.#credit.spend(this.#packer.addMessage(item))
    else this.#packer.addControl(item)
    this.#added()
  }

  #added(): void {
    if (this.#gathering) {
      this.#followed = true
      if (this.#packer.full) this.flush()
      return
    }
    this.#gathering = true
    atEndOfTurn(this)
    if (!this.#bursts) this.flush()
  }

  #post(): void {
    const { parcel, transfer } = this.#packer.pack(true)
    try {
      this.#port.postMessage(parcel, transfer)
    } catch {
      // Nothing was posted, because some memory can't be moved, such as WebAssembly's. So it is copied.
      const copied = this.#packer.pack(false)
      this.#port.postMessage(copied.parcel, copied.transfer)
    }
  }
}
