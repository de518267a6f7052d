import type { MessagePort } from "node:worker_threads"
import { atEndOfTurn, isExiting, type TurnTask } from "../../src/base/process-exit.ts"
import type { Control, Message } from "../../src/contracts/message.ts"
import type { Credit } from "./credit.ts"
import { type Item, isMessage, Packer } from "./parcel.ts"

/**
 * What one end of a link sends. A lone message is posted at once; those of a burst are gathered, and posted in one parcel
 * when the turn's microtasks are over: waking the other thread costs more than hundreds of messages.
 */
export class Outbox implements TurnTask {
  readonly #port: MessagePort
  readonly #credit: Credit
  readonly #failed: (error: Error) => void
  readonly #packer = new Packer()
  /** What was sent beyond the credit, from #next on. */
  #held: Item[] = []
  #next = 0
  /** Something was sent in this turn. */
  #gathering = false
  /** And more in the same turn. */
  #followed = false
  /** So it was in the last turn: the first message of the next one waits for those that follow. */
  #bursts = false

  /** @param failed hears of an error that lets nothing be posted any more */
  constructor(port: MessagePort, credit: Credit, failed: (error: Error) => void) {
    this.#port = port
    this.#credit = credit
    this.#failed = failed
  }

  /** Nothing waits for credit. */
  get empty(): boolean {
    return this.#held.length === 0
  }

  /** False when the next message would have to wait: creditGranted() says more once the peer has taken some. */
  send(message: Message): boolean {
    if (this.empty && this.#credit.has()) this.#put(message)
    else this.#hold(message.map(part => Buffer.from(part)))
    return this.#hasCredit()
  }

  control(control: Control): void {
    if (this.empty) this.#put(control)
    else this.#hold(control)
  }

  /** The peer has taken messages. True when the next message need not wait. */
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

  /** Forgets what wasn't posted. */
  drop(): void {
    this.#packer.clear()
    this.#held = []
    this.#next = 0
  }

  #hold(item: Item): void {
    this.#held.push(item)
    if (isExiting()) this.creditGranted()
  }

  /**
   * Who has to wait for the peer lets it have at once what it can go on with. A thread that exits waits for nobody, and
   * the other one gets the rest, which is bounded by our own high-water mark.
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
      // There is memory that can't be moved, such as WebAssembly's. Nothing was posted.
      const copied = this.#packer.pack(false)
      this.#port.postMessage(copied.parcel, copied.transfer)
    }
  }
}
