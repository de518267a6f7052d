import { ZmqError } from "../src/base/errors.ts"
import { LONGEST_TOPIC } from "../src/base/limits.ts"
import type { Control, Message } from "../src/contracts/message.ts"
import type { Pattern, Pipe } from "../src/contracts/pattern.ts"
import type { FanOutPeer } from "./routing/distributor.ts"
import {
  expelForLength,
  expelForTopics,
  type PublisherOptions,
  SUBSCRIPTION_BUDGET,
  Subscribers,
} from "./topics/subscribers.ts"
import { checkTopic, latin1, subscriptionMessage, takeSubscriptions } from "./topics/subscription-message.ts"
import { TopicLedger } from "./topics/topic-ledger.ts"
import { Inbox, type Notice } from "./topics/xpub-queue.ts"

export interface XPublisherOptions extends PublisherOptions {
  /**
   * Which subscriptions are received as messages: the first of each topic and the end of its last one; all
   * subscriptions (ZMQ_XPUB_VERBOSE); all of both (ZMQ_XPUB_VERBOSER).
   */
  readonly verbosity: null | "allSubs" | "allSubsUnsubs"
  /** The program decides what is subscribed to (ZMQ_XPUB_MANUAL). */
  readonly manual: boolean
  /** Sent to each new peer, whatever it subscribes to; nothing when empty (ZMQ_XPUB_WELCOME_MSG). */
  readonly welcomeMessage: Uint8Array
  /** How much of what lost connections left in a pipe is kept; 0 for no limit (ZMQ_RCVHWM). */
  readonly receiveHighWaterMark: number
}

/** So many connections may leave all the messages that they could bring in. */
const MOST_LEFT = 64

/**
 * XPUB: a PUB that receives its peers' subscriptions, as messages `01 topic` and `00 topic`, and what else they send
 * (zmq_socket(3), RFC 29). Subscriptions take effect when they come, received or not.
 */
export class XPubPattern implements Pattern {
  readonly #options: XPublisherOptions
  readonly #subscribers: Subscribers
  /** What the peers asked for in manual mode. */
  readonly #requests = new TopicLedger((topic, peer) => this.#notify("cancel", topic, peer, "peer"))
  readonly #inbox = new Inbox()
  readonly #attached = new Set<Pipe>()
  /** Whose notice was received last. */
  #asker: FanOutPeer | undefined

  constructor(options: XPublisherOptions, budget: number = SUBSCRIPTION_BUDGET) {
    this.#options = options
    this.#subscribers = new Subscribers(options, budget, (topic, peer, last) => {
      if (options.manual) return
      if (last || options.verbosity === "allSubsUnsubs")
        this.#notify("cancel", topic, peer, last ? "topic" : undefined)
    })
  }

  /**
   * In manual mode: subscribes the peer whose notice was received last, unless it has left. EINVAL in any other mode,
   * EMSGSIZE for a topic that is too long.
   */
  subscribe(topic: Uint8Array): void {
    const asker = this.#mustBeManual()
    checkTopic(topic)
    if (asker !== undefined) this.#subscribers.topics.add(topic, asker)
  }

  /** The opposite of subscribe(). An unknown topic is no error. */
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

  /** What is unread is of that connection: its subscriptions are void, and must not pass for the next one's. */
  disconnected(pipe: Pipe): void {
    const peer = this.#subscribers.disconnected(pipe)
    if (peer !== undefined) this.#requests.leave(peer)
    if (this.#attached.has(pipe)) this.#readToTheEnd(pipe)
  }

  control(pipe: Pipe, control: Control): void {
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
    if (!this.#subscribers.isOverdrawn(peer)) return
    this.disconnected(pipe)
    expelForTopics(peer)
  }

  /** One message of a peer is in the inbox at a time; the others stay in the pipe, which holds the peer back. */
  readable(pipe: Pipe): void {
    if (this.#attached.has(pipe) && !this.#inbox.holds(pipe)) this.#read(pipe)
  }

  writable(): void {}

  tidy(): boolean {
    const tasks = [this.#subscribers.topics.tidy(), this.#requests.tidy()]
    return tasks.includes(true)
  }

  canSend(): boolean {
    return this.#subscribers.canSend()
  }

  canReceive(): boolean {
    return this.#inbox.size > 0
  }

  trySend(message: Message): boolean {
    return this.#subscribers.trySend(message)
  }

  tryReceive(): Message | undefined {
    const entry = this.#inbox.take()
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

  #add(topic: Uint8Array, peer: FanOutPeer): void {
    const first = this.#subscribers.topics.add(topic, peer) === "first"
    if (first || this.#options.verbosity !== null)
      this.#notify("subscribe", topic, peer, first ? "topic" : undefined)
  }

  /** The end of what never began is told too, as by libzmq. */
  #remove(topic: Uint8Array, peer: FanOutPeer): void {
    const result = this.#subscribers.topics.remove(topic, peer)
    if (result !== "removed" || this.#options.verbosity === "allSubsUnsubs")
      this.#notify("cancel", topic, peer, result === "last" ? "topic" : undefined)
  }

  #request(type: Control["type"], topic: Uint8Array, peer: FanOutPeer): void {
    const result = type === "subscribe" ? this.#requests.add(topic, peer) : this.#requests.remove(topic, peer)
    this.#notify(type, topic, peer, result === "known" || result === "unknown" ? undefined : "peer")
  }

  #notify(type: Notice["type"], topic: Uint8Array, peer: FanOutPeer, changes: Notice["changes"]): void {
    this.#inbox.notify({ type, topic: latin1(topic), peer, changes })
  }

  #mustBeManual(): FanOutPeer | undefined {
    if (!this.#options.manual) throw new ZmqError("EINVAL")
    return this.#asker?.gone ? undefined : this.#asker
  }

  /** What lost connections leave is kept, but peers come and go: not when so many have left theirs already. */
  #readToTheEnd(pipe: Pipe): void {
    const { receiveHighWaterMark } = this.#options
    if (receiveHighWaterMark > 0 && this.#inbox.data > receiveHighWaterMark * MOST_LEFT) {
      this.#inbox.drop(pipe)
      while (pipe.tryRead() !== undefined);
    }
    while (this.#read(pipe));
  }

  /** Reads up to the next data; false when there is none. */
  #read(pipe: Pipe): boolean {
    for (let message = pipe.tryRead(); message !== undefined; message = pipe.tryRead()) {
      const data = takeSubscriptions(message, control => this.control(pipe, control))
      if (data.length === 0) continue
      this.#inbox.deliver(pipe, data, this.#options.receiveHighWaterMark || undefined)
      return true
    }
    return false
  }
}
