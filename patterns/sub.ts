import { LONGEST_TOPIC } from "../src/base/limits.ts"
import type { Message } from "../src/contracts/message.ts"
import type { Pattern, Pipe } from "../src/contracts/pattern.ts"
import { FairQueue } from "./routing/fair-queue.ts"
import { checkTopic } from "./topics/subscription-message.ts"
import { Subscriptions } from "./topics/subscriptions.ts"
import { TopicTrie } from "./topics/topic-trie.ts"

export interface SubscriberOptions {
  /** Receive what does not match (ZMQ_INVERT_MATCHING). */
  readonly invertMatching: boolean
}

/** Holds our topics in the tree. */
const OURSELVES = {}

/**
 * SUB: receives what starts with a topic that it subscribed to, of each publisher in turn (zmq_socket(3), RFC 29).
 * Publishers filter; it is done again here, for what was under way when a topic was given up.
 */
export class SubPattern implements Pattern {
  readonly #options: SubscriberOptions
  readonly #subscriptions = new Subscriptions()
  readonly #incoming = new FairQueue()
  readonly #topics = new TopicTrie<object>()
  /** Subscribed to the topic without bytes: nothing has to be looked up. */
  #everything = false
  /** Looked ahead by canReceive(), because only an opened message shows whether it matches. */
  #next: Message | undefined

  constructor(options: SubscriberOptions) {
    this.#options = options
  }

  /** Throws EMSGSIZE for a topic that no publisher takes. */
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

  writable(): void {}

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

  /** Drops what doesn't match. That ends: no event comes in between, so there is no more than the pipes hold already. */
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
