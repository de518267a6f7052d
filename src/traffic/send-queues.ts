import type { Message } from "../contracts/message.ts"
import type { Holds } from "../lifetime/holds.ts"
import { type Waiter, Waiters, type WaitLimits } from "./waiters.ts"

export type SendQueue = Waiters<Message, void>

/**
 * Those who wait to send. Messages that are for one certain peer have a queue for each such peer, so that one that
 * doesn't take its messages keeps nobody waiting but those who have something for it; all others have one.
 */
export class SendQueues {
  readonly #addressee: (message: Message) => string | undefined
  readonly #expired: (queue: SendQueue, waiter: Waiter<Message, void>) => void
  readonly #onAbandoned: () => void
  readonly #holds: Holds
  /** By addressee. Empty ones are taken out when they are come across. */
  readonly #queues = new Map<string | undefined, SendQueue>()

  /**
   * @param addressee names whom alone a message is for
   * @param expired is asked when a waiter's time is up; it settles the waiter
   * @param onAbandoned is told when a signal took a waiter out
   */
  constructor(
    addressee: (message: Message) => string | undefined,
    expired: (queue: SendQueue, waiter: Waiter<Message, void>) => void,
    onAbandoned: () => void,
    holds: Holds,
  ) {
    this.#addressee = addressee
    this.#expired = expired
    this.#onAbandoned = onAbandoned
    this.#holds = holds
  }

  /** True when nobody waits. */
  get idle(): boolean {
    return this.#queues.size === 0 || this.waiting.next().done === true
  }

  /** The queues in which somebody waits. */
  get waiting(): IterableIterator<SendQueue> {
    return this.#waiting()
  }

  /** True when nobody is ahead of who has this to send. */
  isFree(message: Message): boolean {
    if (this.#queues.size === 0) return true
    const queue = this.#queues.get(this.#addressee(message))
    return queue === undefined || queue.length === 0
  }

  wait(message: Message, limits: WaitLimits): Promise<void> {
    const addressee = this.#addressee(message)
    const queue = this.#queues.get(addressee) ?? this.#create()
    this.#queues.set(addressee, queue)
    return queue.wait(message, limits)
  }

  *#waiting(): IterableIterator<SendQueue> {
    for (const [addressee, queue] of this.#queues) {
      if (queue.length > 0) yield queue
      else this.#queues.delete(addressee)
    }
  }

  #create(): SendQueue {
    const queue: SendQueue = new Waiters(
      waiter => this.#expired(queue, waiter),
      () => this.#onAbandoned(),
      this.#holds,
    )
    return queue
  }
}
