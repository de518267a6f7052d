import { LONGEST_TOPIC } from "../src/base/limits.ts"
import type { Message } from "../src/contracts/message.ts"
import type { Pattern, Pipe } from "../src/contracts/pattern.ts"
import { FairQueue } from "./routing/fair-queue.ts"
import { checkTopic } from "./topics/subscription-message.ts"
import { Subscriptions } from "./topics/subscriptions.ts"
import { TopicTrie } from "./topics/topic-trie.ts"

export interface SubscriberOptions {
  /** True when the messages that don't match are received, instead of those that do (ZMQ_INVERT_MATCHING). */
  readonly invertMatching: boolean
}

/** This object holds our topics in the trie, which needs a holder for each topic. */
const OURSELVES = {}

/**
 * A SUB receives the messages that start with one of its topics, from its publishers in turn (zmq_socket(3), RFC 29).
 * Publishers filter the messages. The SUB filters again, because messages may still arrive after a topic was given up.
 */
export class SubPattern implements Pattern {
  readonly #options: SubscriberOptions
  readonly #subscriptions = new Subscriptions()
  readonly #incoming = new FairQueue()
  readonly #topics = new TopicTrie<object>()
  /** True while the empty topic is subscribed to, so that every message matches. */
  #everything = false
  /** canReceive() has read this message ahead, because only a message that was read shows whether it matches. */
  #next: Message | undefined

  constructor(options: SubscriberOptions) {
    this.#options = options
  }

  /** Subscribes to a topic. Throws EMSGSIZE for a topic that is too long for publishers. */
  subscribe(topic: Uint8Array): void {
    checkTopic(topic)
    this.#topics.add(topic, OURSELVES)
    this.#subscriptions.add(topic)
    if (topic.length === 0) this.#everything = true
  }

  /** Takes back one subscribe(). An unknown topic is no error. */
  unsubscribe(topic: Uint8Array): void {
    if (topic.length > LONGEST_TOPIC || !this.#subscriptions.remove(topic)) return
    this.#topics.remove(topic, OURSELVES)
    if (topic.length === 0) this.#everything = false
  }

  attach(pipe: Pipe): void {
    this.#subscriptions.attach(pipe)
    this.#incoming.attach(pipe)
  }

  detach(pipe: Pipe): void {
    this.#subscriptions.detach(pipe)
    this.#incoming.detach(pipe)
  }

  connected(pipe: Pipe): void {
    this.#subscriptions.connected(pipe)
  }

  readable(pipe: Pipe): void {
    this.#incoming.readable(pipe)
  }

  writable(pipe: Pipe): void {
    this.#subscriptions.writable(pipe)
  }

  canSend(): boolean {
    return false
  }

  canReceive(): boolean {
    this.#next = this.tryReceive()
    return this.#next !== undefined
  }

  trySend(): boolean {
    return false
  }

  /** Drops messages that don't match. The loop ends, because no message arrives while it runs. */
  tryReceive(): Message | undefined {
    let message = this.#next ?? this.#incoming.tryReceive()
    this.#next = undefined
    while (message !== undefined && !this.#wants(message)) message = this.#incoming.tryReceive()
    return message
  }

  refusal(operation: "send" | "receive"): "EAGAIN" | "ENOTSUP" {
    return operation === "receive" ? "EAGAIN" : "ENOTSUP"
  }

  #wants([first]: Message): boolean {
    if (first === undefined) return false
    return (this.#everything || this.#topics.matches(first)) !== this.#options.invertMatching
  }
}
