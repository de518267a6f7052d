import type { Message } from "../contracts/message.ts"
import type { Holds } from "../lifetime/holds.ts"
import { type Waiter, Waiters, type WaitLimits } from "./waiters.ts"

/** Whom alone a message is for; undefined where any peer will do. */
export type Addressee = string | undefined

/** Those who wait to send for the sake of one addressee. */
export class SendQueue {
  readonly addressee: Addressee
  readonly waiters: Waiters<Message, void>
  /**
   * True when they wait for somebody who wasn't there when they came, as nobody was. They are told when anybody comes;
   * others, whose addressee leaves, at once.
   */
  unknown = false

  constructor(
    addressee: Addressee,
    holds: Holds,
    onExpired: (queue: SendQueue, waiter: Waiter<Message, void>) => void,
    onAbandoned: (queue: SendQueue) => void,
  ) {
    this.addressee = addressee
    this.waiters = new Waiters(
      waiter => onExpired(this, waiter),
      () => onAbandoned(this),
      holds,
    )
  }
}

/**
 * Those who wait to send. Messages that are for one certain peer have a queue for each such peer, so that one that
 * doesn't take its messages keeps nobody waiting but those who have something for it; all others have one.
 */
export class SendQueues {
  readonly #create: (addressee: Addressee) => SendQueue
  /** By addressee; none is empty. */
  readonly #queues = new Map<Addressee, SendQueue>()
  /** Those whose addressee wasn't there. */
  readonly #unknown = new Set<SendQueue>()

  constructor(create: (addressee: Addressee) => SendQueue) {
    this.#create = create
  }

  /** True when nobody waits. */
  get idle(): boolean {
    return this.#queues.size === 0
  }

  get all(): Iterable<SendQueue> {
    return this.#queues.values()
  }

  /** The queues whose addressee wasn't there when somebody came to wait. */
  get unknown(): ReadonlySet<SendQueue> {
    return this.#unknown
  }

  /** Undefined when nobody waits for this addressee. */
  get(addressee: Addressee): SendQueue | undefined {
    return this.#queues.get(addressee)
  }

  /** @param unknown whether the addressee isn't there */
  wait(addressee: Addressee, unknown: boolean, message: Message, limits: WaitLimits): Promise<void> {
    const queue = this.#queues.get(addressee) ?? this.#create(addressee)
    this.#queues.set(addressee, queue)
    if (unknown && queue.waiters.length === 0) {
      queue.unknown = true
      this.#unknown.add(queue)
    }
    return queue.waiters.wait(message, limits)
  }

  /** The addressee is there now. */
  found(queue: SendQueue): void {
    queue.unknown = false
    this.#unknown.delete(queue)
  }

  /** To be called when a waiter has left. */
  left(queue: SendQueue): void {
    if (queue.waiters.length > 0) return
    this.#queues.delete(queue.addressee)
    this.#unknown.delete(queue)
  }
}
