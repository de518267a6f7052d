import { protocolError, ZmqError } from "../src/base/errors.ts"
import { LONGEST_TOPIC } from "../src/base/limits.ts"
import type { Control, Message } from "../src/contracts/message.ts"
import type { Pattern, Pipe } from "../src/contracts/pattern.ts"
import type { FanOutPeer } from "./routing/distributor.ts"
import { Requests } from "./topics/requests.ts"
import {
  expelForLength,
  expelForTopics,
  type PublisherOptions,
  SUBSCRIPTION_BUDGET,
  Subscribers,
} from "./topics/subscribers.ts"
import {
  checkTopic,
  isData,
  latin1,
  subscriptionMessage,
  withoutSubscriptions,
} from "./topics/subscription-message.ts"
import { TopicBudget } from "./topics/topic-budget.ts"

import { TopicLedger } from "./topics/topic-ledger.ts"
import { type Notice, XPubQueue } from "./topics/xpub-queue.ts"

export interface XPublisherOptions extends PublisherOptions {
  /**
   * Decides which subscriptions and cancellations are received as messages.
   *
   * - null: the first subscription to a topic, and the cancellation of its last one
   * - allSubs: all subscriptions, and the cancellation of the last one to a topic (ZMQ_XPUB_VERBOSE)
   * - allSubsUnsubs: all subscriptions and all cancellations (ZMQ_XPUB_VERBOSER)
   */
  readonly verbosity: null | "allSubs" | "allSubsUnsubs"
  /** True when the program decides which topics its peers are subscribed to (ZMQ_XPUB_MANUAL). */
  readonly manual: boolean
  /** This message is sent to each new peer, whatever its topics, unless it is empty (ZMQ_XPUB_WELCOME_MSG). */
  readonly welcomeMessage: Uint8Array
  /** At most this many messages of a pipe's lost connections are kept. With 0 there is no limit (ZMQ_RCVHWM). */
  readonly receiveHighWaterMark: number
}

/** Lost connections may leave at most this many times the high-water mark of unread messages. */
const MOST_LEFT = 64

/**
 * An XPUB is a PUB that receives its peers' subscriptions as messages `01 topic` and `00 topic` (zmq_socket(3), RFC 29). It
 * receives other messages of its peers too. A subscription takes effect when it arrives, even before the program has
 * received it.
 */
export class XPubPattern implements Pattern {
  readonly #options: XPublisherOptions
  readonly #subscribers: Subscribers
  /** In manual mode, these are the topics that the peers have asked for. */
  readonly #wanted: TopicLedger
  readonly #queue: XPubQueue
  readonly #attached = new Set<Pipe>()
  readonly #requests = new Requests({
    isData,
    apply: (pipe, control) => this.#apply(pipe, control),
    take: (pipe, data) => this.#take(pipe, data),
    onLeft: () => this.onWorkLeft?.(),
  })
  /** The program has received a notice of this peer last. */
  #asker: FanOutPeer | undefined
  onWorkLeft: (() => void) | undefined

  constructor(options: XPublisherOptions, budget: number = SUBSCRIPTION_BUDGET) {
    this.#options = options
    const shared = new TopicBudget(budget)
    this.#wanted = new TopicLedger(shared, (topic, peer) => this.#notify("cancel", topic, peer, "peer"))
    this.#queue = new XPubQueue(shared)
    this.#subscribers = new Subscribers(options, shared, (topic, peer, last) => {
      if (options.manual) return
      if (last || options.verbosity === "allSubsUnsubs")
        this.#notify("cancel", topic, peer, last ? "topic" : undefined)
    })
  }

  /**
   * Subscribes the peer whose notice was received last, unless it has left. Throws EINVAL unless the mode is manual, and
   * EMSGSIZE for a topic that is too long.
   */
  subscribe(topic: Uint8Array): void {
    const asker = this.#mustBeManual()
    checkTopic(topic)
    if (asker !== undefined) this.#subscribers.topics.add(topic, asker)
  }

  /** Takes the topic from the peer whose notice was received last. An unknown topic is no error. */
  unsubscribe(topic: Uint8Array): void {
    const asker = this.#mustBeManual()
    if (asker !== undefined) this.#subscribers.topics.remove(topic, asker)
  }

  attach(pipe: Pipe): void {
    this.#attached.add(pipe)
  }

  detach(pipe: Pipe): void {
    this.disconnected(pipe)
    this.#attached.delete(pipe)
  }

  connected(pipe: Pipe): void {
    this.disconnected(pipe)
    this.#subscribers.connected(pipe)
    const { welcomeMessage } = this.#options
    if (welcomeMessage.length > 0) pipe.tryWrite([welcomeMessage])
    this.readable(pipe)
  }

  /**
   * Reads the pipe to its end, because its unread messages are of the connection that has ended. Subscriptions among
   * them must not count for the next connection.
   */
  disconnected(pipe: Pipe): void {
    const peer = this.#subscribers.disconnected(pipe)
    if (peer !== undefined) this.#wanted.leave(peer)
    if (this.#attached.has(pipe)) this.#readToTheEnd(pipe)
  }

  control(pipe: Pipe, control: Control): void {
    this.#requests.control(pipe, control)
  }

  /** Reads the pipe until the queue has one of its messages. The others stay in the pipe, which holds the peer back. */
  readable(pipe: Pipe): void {
    if (pipe.readsLeftovers) this.#readToTheEnd(pipe)
    else if (this.#attached.has(pipe) && !this.#queue.holds(pipe)) this.#requests.read(pipe)
  }

  writable(): void {}

  tidy(): boolean {
    const tasks = [this.#requests.tidy(), this.#subscribers.topics.tidy(), this.#wanted.tidy()]
    return tasks.includes(true)
  }

  canSend(): boolean {
    return this.#subscribers.canSend()
  }

  canReceive(): boolean {
    return this.#queue.size > 0
  }

  trySend(message: Message): boolean {
    return this.#subscribers.trySend(message)
  }

  tryReceive(): Message | undefined {
    const entry = this.#queue.take()
    if (entry === undefined) return undefined
    if (entry.type === "data") {
      this.readable(entry.pipe)
      return entry.message
    }
    this.#asker = entry.peer
    return [subscriptionMessage(entry.type, entry.topic)]
  }

  refusal(): "EAGAIN" {
    return "EAGAIN"
  }

  #apply(pipe: Pipe, control: Control): void {
    const peer = this.#subscribers.get(pipe)
    if (peer === undefined) return
    const { type, topic } = control
    if (topic.length > LONGEST_TOPIC) {
      this.disconnected(pipe)
      expelForLength(peer, control)
      return
    }
    if (this.#options.manual) this.#request(type, topic, peer)
    else if (type === "subscribe") this.#add(topic, peer)
    else this.#remove(topic, peer)
    this.#keepBudget()
  }

  #add(topic: Uint8Array, peer: FanOutPeer): void {
    const first = this.#subscribers.topics.add(topic, peer) === "first"
    if (first || this.#options.verbosity !== null)
      this.#notify("subscribe", topic, peer, first ? "topic" : undefined)
  }

  /** Ends a subscription. The cancellation of an unknown topic is a notice too, as in libzmq. */
  #remove(topic: Uint8Array, peer: FanOutPeer): void {
    const result = this.#subscribers.topics.remove(topic, peer)
    if (result !== "removed" || this.#options.verbosity === "allSubsUnsubs")
      this.#notify("cancel", topic, peer, result === "last" ? "topic" : undefined)
  }

  #request(type: Control["type"], topic: Uint8Array, peer: FanOutPeer): void {
    const result = type === "subscribe" ? this.#wanted.add(topic, peer) : this.#wanted.remove(topic, peer)
    this.#notify(type, topic, peer, result === "known" || result === "unknown" ? undefined : "peer")
  }

  #notify(type: Notice["type"], topic: Uint8Array, peer: FanOutPeer, changes: Notice["changes"]): void {
    this.#queue.notify({ type, topic: latin1(topic), peer, changes })
  }

  #mustBeManual(): FanOutPeer | undefined {
    if (!this.#options.manual) throw new ZmqError("EINVAL")
    return this.#asker?.gone ? undefined : this.#asker
  }

  /** Reads all messages of the pipe into the queue, or drops them if lost connections have left too many already. */
  #readToTheEnd(pipe: Pipe): void {
    const { receiveHighWaterMark } = this.#options
    if (receiveHighWaterMark > 0 && this.#queue.data > receiveHighWaterMark * MOST_LEFT) {
      this.#queue.drop(pipe)
      while (pipe.tryRead() !== undefined);
    }
    this.#take(pipe, this.#requests.forget(pipe))
    for (let message = pipe.tryRead(); message !== undefined; message = pipe.tryRead())
      this.#take(pipe, withoutSubscriptions(message))
  }

  /** Returns false for data, because one message of a pipe is taken at a time. */
  #take(pipe: Pipe, data: Message): boolean {
    if (data.length === 0) return true
    if (!this.#queue.hasRoomFor(data.length)) {
      pipe.fail(protocolError("EMSGSIZE", "unread messages of too many parts"))
      return false
    }
    this.#queue.deliver(pipe, data, this.#options.receiveHighWaterMark || undefined)
    return false
  }

  #keepBudget(): void {
    for (let peer = this.#subscribers.overdrawn(); peer !== undefined; peer = this.#subscribers.overdrawn()) {
      this.disconnected(peer.pipe)
      expelForTopics(peer)
    }
  }
}
