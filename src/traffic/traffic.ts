import { ZmqError } from "../base/errors.ts"
import { ownMessage } from "../base/parts.ts"
import { inMicrotask } from "../base/runtime.ts"
import type { Message } from "../contracts/message.ts"
import type { Pattern } from "../contracts/pattern.ts"
import { Holds } from "../lifetime/holds.ts"
import { type Addressee, SendQueue, SendQueues } from "./send-queues.ts"
import type { TurnBudget } from "./turn-budget.ts"
import { type Waiter, Waiters } from "./waiters.ts"

/** These options are read at each call. Times are in milliseconds. */
export interface TrafficOptions {
  readonly sendTimeout: number
  readonly receiveTimeout: number
  /** At most this many calls wait to send to one addressee, beside the messages in its pipe; 0 means no limit. */
  readonly sendHighWaterMark: number
}

/** The messages of calls that wait for one addressee take at most this many bytes, and one message more. */
const MOST_WAITING_BYTES = 64 * 1024 * 1024

/** A wait rejects with this value when its iteration was left. */
const WITHDRAWN = Symbol("withdrawn")

/**
 * This class makes send() and receive() from a pattern that can only try. A call that can't be served at once waits, in
 * order of arrival, until the pattern's answer changes, the time is up, a signal aborts, or the socket closes.
 */
export class Traffic {
  readonly #pattern: Pattern
  readonly #options: TrafficOptions
  readonly #budget: TurnBudget
  readonly #senders: SendQueues
  /** Holds the calls that wait to receive, each with the iteration to which it belongs, if any. */
  readonly #receivers: Waiters<object | undefined, Message>
  /** Holds the queues that must be tried again. */
  readonly #due: SendQueue[] = []
  #serving = false
  #closed = false
  /** Ends an iteration when its wait failed because the socket was closed or the iteration left. Rethrows other errors. */
  readonly #endWhenClosed = (error: unknown): IteratorReturnResult<undefined> => {
    const isClosed = this.#closed && error instanceof ZmqError && error.code === "EAGAIN"
    if (isClosed || error === WITHDRAWN) return { value: undefined, done: true }
    throw error
  }
  /** Is called when the pattern's answer may have changed, while somebody else moves the messages; see handOver(). */
  #driver: (() => void) | undefined

  constructor(pattern: Pattern, options: TrafficOptions, budget: TurnBudget, holds = new Holds()) {
    this.#pattern = pattern
    this.#options = options
    this.#budget = budget
    this.#senders = new SendQueues(
      addressee =>
        new SendQueue(
          addressee,
          holds,
          (queue, waiter) => this.#lastSend(queue, waiter),
          (queue, waiter) => this.#sendersLeft(queue, waiter),
        ),
    )
    this.#receivers = new Waiters(
      waiter => this.#lastReceive(waiter),
      () => this.#serve(),
      holds,
    )
  }

  /** True when no call waits. */
  get idle(): boolean {
    return this.#senders.idle && this.#receivers.length === 0
  }

  /**
   * Lets somebody else move the messages until close(). No call may be waiting.
   * @param onChange is called whenever the pattern's answer may have changed. It must not send at once, because it may be
   *   called inside a connection's message() or control()
   */
  handOver(onChange: () => void): void {
    this.#driver = onChange
  }

  send(message: Message, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    if ((this.#senders.idle || this.#isFree(message)) && this.#pattern.trySend(message)) {
      if (this.#receivers.length > 0) this.#serve()
      return this.#budget.spend()
    }
    return this.#waitToSend(message, signal)
  }

  /** Returns false when the message can't be sent at once. Throws the pattern's reason when waiting would not help. */
  trySend(message: Message): boolean {
    if (!this.#senders.idle && !this.#isFree(message)) return false
    if (!this.#pattern.trySend(message)) return this.#mayWait("send", message)
    if (this.#receivers.length > 0) this.#serve()
    return true
  }

  receive(signal?: AbortSignal): Promise<Message> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    const message = this.#take()
    return message === undefined ? this.#waitForMessage(signal) : this.#budget.settle(message)
  }

  /** Returns undefined when there is no message yet. Throws the pattern's reason when waiting would not help. */
  tryReceive(): Message | undefined {
    const message = this.#take()
    if (message === undefined && this.#receivers.length === 0) this.#mayWait("receive")
    return message
  }

  /**
   * Does the same as receive() in the form that `for await` needs, because that saves a promise per message. It is done
   * when the socket is closed.
   * @param iteration the iteration to which the wait belongs, see {@link withdraw}
   */
  next(signal?: AbortSignal, iteration?: object): Promise<IteratorResult<Message, undefined>> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    const message = this.#take()
    if (message !== undefined) return this.#budget.settle({ value: message, done: false })
    return this.#waitForMessage(signal, iteration).then(
      value => ({ value, done: false }),
      this.#endWhenClosed,
    )
  }

  /** Does the same as next(), with all messages that are there at once, up to a limit. */
  nextBatch(
    limit: number,
    signal?: AbortSignal,
    iteration?: object,
  ): Promise<IteratorResult<Message[], undefined>> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    const message = this.#take()
    if (message !== undefined) return this.#batch(message, limit)
    return this.#waitForMessage(signal, iteration).then(
      first => this.#batch(first, limit),
      this.#endWhenClosed,
    )
  }

  /** Ends the waits of an iteration, which then take no message. */
  withdraw(iteration: object): void {
    this.#receivers.withdraw(iteration, WITHDRAWN)
  }

  /** Tries all waiting calls again, because the pattern's answer to any of them may have changed. */
  serveWaiting(): void {
    for (const queue of this.#senders.all) this.#due.push(queue)
    this.#serve()
  }

  /** Does the same as serveWaiting() when only messages to this addressee, or to any peer, are affected. */
  serveAddressee(addressee: Addressee): void {
    const queue = addressee === undefined ? undefined : this.#senders.get(addressee)
    if (queue !== undefined) this.#due.push(queue)
    this.#serve()
  }

  /**
   * Serves the calls that wait to receive. Senders are served in a microtask, because this is called inside a connection's
   * message() or control(), where nothing may be sent.
   */
  serveReceivers(): void {
    if (this.#serving) return
    this.#driver?.()
    while (this.#serveReceiver());
    if (!this.#senders.idle) this.#serveSendersSoon()
  }

  #serveSendersSoon(): void {
    if (this.#senders.get(undefined) !== undefined) inMicrotask(() => this.#serve())
  }

  /** Settles all waiting calls. Each one succeeds if that is possible after all; otherwise it gets the pattern's reason. */
  close(): void {
    this.#closed = true
    for (let waiter = this.#receivers.first; waiter; waiter = this.#receivers.first) this.#lastReceive(waiter)
    for (const queue of this.#senders.all) {
      const { waiters } = queue
      for (let waiter = waiters.first; waiter; waiter = waiters.first) this.#lastSend(queue, waiter)
    }
  }

  #take(): Message | undefined {
    if (this.#receivers.length > 0) return undefined
    const message = this.#pattern.tryReceive()
    if (message !== undefined && !this.#senders.idle) this.#serve()
    return message
  }

  /** Returns true when no earlier call waits to send to the same addressee. */
  #isFree(message: Message): boolean {
    return this.#senders.get(this.#pattern.addressee?.(message)) === undefined
  }

  #waitToSend(message: Message, signal: AbortSignal | undefined): Promise<void> {
    const { sendTimeout: timeout, sendHighWaterMark } = this.#options
    const addressee = this.#pattern.addressee?.(message)
    const isCrowded = addressee !== undefined && isFull(this.#senders.get(addressee), sendHighWaterMark)
    if (timeout === 0 || isCrowded || this.#isHopeless(message))
      return Promise.reject(this.#refusal("send", message))
    const unknown = this.#pattern.refusal("send", message) === "EHOSTUNREACH"
    return this.#senders.wait(addressee, unknown, ownMessage(message), { timeout, signal })
  }

  #batch(first: Message, limit: number): Promise<IteratorResult<Message[], undefined>> {
    const value = [first]
    while (value.length < limit) {
      const message = this.#take()
      if (message === undefined) break
      value.push(message)
    }
    return this.#budget.settle({ value, done: false }, value.length)
  }

  #waitForMessage(signal?: AbortSignal, iteration?: object): Promise<Message> {
    const timeout = this.#options.receiveTimeout
    if (timeout === 0) return Promise.reject(this.#refusal("receive"))
    return this.#receivers.wait(iteration, { timeout, signal })
  }

  /**
   * Serves receivers, senders to any peer, and the queues that are due. The pattern may report new room during that; the
   * loop then finds the queues that have become due.
   */
  #serve(): void {
    this.#noteDue()
    if (this.#serving) return
    this.#driver?.()
    this.#serving = true
    try {
      while (this.#serveReceiver() || this.#serveSender());
    } finally {
      this.#serving = false
      this.#due.length = 0
    }
  }

  #noteDue(): void {
    if (this.#senders.idle) return
    const anybody = this.#senders.get(undefined)
    if (anybody !== undefined) this.#due.push(anybody)
    const { unknown } = this.#senders
    if (unknown.size === 0 || !this.#isAnybodyThere) return
    // They are not spread over the arguments of one call, because there may be too many of them.
    for (const queue of unknown) this.#due.push(queue)
  }

  #serveReceiver(): boolean {
    const waiter = this.#receivers.first
    const message = waiter && this.#pattern.tryReceive()
    if (message === undefined) return false
    this.#receivers.leave(waiter!)
    waiter!.resolve(message)
    // Senders are tried again, because a REQ that has received may send.
    this.#noteDue()
    return true
  }

  #serveSender(): boolean {
    for (let queue = this.#due.at(-1); queue !== undefined; queue = this.#due.at(-1)) {
      if (this.#serveFirst(queue)) return true
      this.#due.pop()
    }
    return false
  }

  #serveFirst(queue: SendQueue): boolean {
    const waiter = queue.waiters.first
    if (waiter === undefined) return false
    const sent = this.#pattern.trySend(waiter.item)
    if (!sent && this.#mayWaitOn(waiter.item, queue)) return false
    this.#leave(queue, waiter)
    if (sent) waiter.resolve()
    else waiter.reject(this.#refusal("send", waiter.item))
    return true
  }

  #leave(queue: SendQueue, waiter: Waiter<Message, void>): boolean {
    const left = queue.waiters.leave(waiter)
    if (left) this.#senders.left(queue, waiter)
    return left
  }

  /** Is called when a signal took a waiter out. The next waiter is tried, because its message may be sendable. */
  #sendersLeft(queue: SendQueue, waiter: Waiter<Message, void>): void {
    this.#senders.left(queue, waiter)
    this.#due.push(queue)
    this.#serve()
  }

  #lastReceive(waiter: Waiter<object | undefined, Message>): void {
    const message = waiter === this.#receivers.first ? this.#pattern.tryReceive() : undefined
    if (!this.#receivers.leave(waiter)) return
    if (message === undefined) waiter.reject(this.#refusal("receive"))
    else waiter.resolve(message)
    this.#serve()
  }

  #lastSend(queue: SendQueue, waiter: Waiter<Message, void>): void {
    const sent = waiter === queue.waiters.first && this.#pattern.trySend(waiter.item)
    if (!this.#leave(queue, waiter)) return
    if (sent) waiter.resolve()
    else waiter.reject(this.#refusal("send", waiter.item))
    this.#due.push(queue)
    this.#serve()
  }

  /**
   * Returns true when waiting can't help: the message has an impossible form, or its addressee isn't there though other
   * peers are. While no peer is there, every message waits.
   */
  #isHopeless(message: Message): boolean {
    const code = this.#pattern.refusal("send", message)
    return code === "EINVAL" || code === "EMSGSIZE" || (code === "EHOSTUNREACH" && this.#isAnybodyThere)
  }

  get #isAnybodyThere(): boolean {
    return this.#pattern.canSend() || this.#pattern.hasPeer?.() === true
  }

  /** Returns true when a queued message may go on waiting. It may not when its addressee was there and has left. */
  #mayWaitOn(message: Message, queue: SendQueue): boolean {
    if (this.#pattern.refusal("send", message) === "EHOSTUNREACH")
      return queue.unknown && !this.#isAnybodyThere
    this.#senders.found(queue)
    return !this.#isHopeless(message)
  }

  /** Returns false when waiting may help. Throws the pattern's reason otherwise. */
  #mayWait(operation: "send" | "receive", message?: Message): false {
    const code = this.#pattern.refusal(operation, message)
    if (code !== "EAGAIN") throw new ZmqError(code)
    return false
  }

  #refusal(operation: "send" | "receive", message?: Message): ZmqError {
    return new ZmqError(this.#pattern.refusal(operation, message))
  }
}

function isFull(queue: SendQueue | undefined, highWaterMark: number): boolean {
  if (queue === undefined || highWaterMark === 0) return false
  return queue.waiters.length >= highWaterMark || queue.bytes >= MOST_WAITING_BYTES
}
