import { memoryOf } from "../base/message-size.ts"
import type { Message } from "../contracts/message.ts"
import type { Holds } from "../lifetime/holds.ts"
import { type Waiter, Waiters, type WaitLimits } from "./waiters.ts"

/** This is the one peer that a message is for; undefined when any peer will do. */
export type Addressee = string | undefined

/** This queue holds the calls of send() that wait for one addressee. */
export class SendQueue {
  readonly addressee: Addressee
  readonly waiters: Waiters<Message, void>
  /** The messages of the waiting calls take this many bytes of memory. */
  bytes = 0
  /**
   * True when the addressee was not there when the first call came, and no other peer was there either. Such calls are
   * tried again when any peer comes. The others are rejected as soon as their addressee leaves.
   */
  unknown = false

  constructor(
    addressee: Addressee,
    holds: Holds,
    onExpired: (queue: SendQueue, waiter: Waiter<Message, void>) => void,
    onAbandoned: (queue: SendQueue, waiter: Waiter<Message, void>) => void,
  ) {
    this.addressee = addressee
    this.waiters = new Waiters(
      waiter => onExpired(this, waiter),
      waiter => onAbandoned(this, waiter),
      holds,
    )
  }
}

/**
 * This class holds all calls of send() that wait. Each addressee has a queue of its own, because a peer that takes no
 * messages must only delay the messages for itself. All messages without an addressee share one queue.
 */
export class SendQueues {
  readonly #create: (addressee: Addressee) => SendQueue
  /** Holds the queues by addressee. No queue here is empty. */
  readonly #queues = new Map<Addressee, SendQueue>()
  /** Holds the queues whose addressee was not there. */
  readonly #unknown = new Set<SendQueue>()

  constructor(create: (addressee: Addressee) => SendQueue) {
    this.#create = create
  }

  /** True when no call waits. */
  get idle(): boolean {
    return this.#queues.size === 0
  }

  get all(): Iterable<SendQueue> {
    return this.#queues.values()
  }

  /** Returns the queues whose addressee was not there when their first call came. */
  get unknown(): ReadonlySet<SendQueue> {
    return this.#unknown
  }

  /** Returns the queue of an addressee; undefined when no call waits for it. */
  get(addressee: Addressee): SendQueue | undefined {
    return this.#queues.get(addressee)
  }

  /** @param unknown true when the addressee isn't there */
  wait(addressee: Addressee, unknown: boolean, message: Message, limits: WaitLimits): Promise<void> {
    const queue = this.#queues.get(addressee) ?? this.#create(addressee)
    this.#queues.set(addressee, queue)
    if (unknown && queue.waiters.length === 0) {
      queue.unknown = true
      this.#unknown.add(queue)
    }
    queue.bytes += memoryOf(message)
    return queue.waiters.wait(message, limits)
  }

  /** Is called when the addressee is there. */
  found(queue: SendQueue): void {
    queue.unknown = false
    this.#unknown.delete(queue)
  }

  /** Must be called when a waiter has left the queue, because an empty queue is removed. */
  left(queue: SendQueue, waiter: Waiter<Message, void>): void {
    queue.bytes -= memoryOf(waiter.item)
    if (queue.waiters.length > 0) return
    this.#queues.delete(queue.addressee)
    this.#unknown.delete(queue)
  }
}
