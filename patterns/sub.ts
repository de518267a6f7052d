import type { Control, Message, Pattern, Pipe } from "../src/contracts.ts"
import { FairQueue } from "./fair-queue.ts"
import { latin1, TopicTrie } from "./topic-trie.ts"

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
export class Sub implements Pattern {
  readonly #options: SubscriberOptions
  readonly #publishers = new Set<Pipe>()
  readonly #incoming = new FairQueue()
  /** How often each topic was subscribed to; topics as Latin-1 strings, which sort like their bytes. */
  readonly #counts = new Map<string, number>()
  readonly #topics = new TopicTrie<object>()
  /** Looked ahead by canReceive(), because only an opened message shows whether it matches. */
  #next: Message | undefined

  constructor(options: SubscriberOptions) {
    this.#options = options
  }

  /** Every time told to the publishers, duplicates too: that is what libzmq sends. */
  subscribe(topic: Uint8Array): void {
    const key = latin1(topic)
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
    this.#topics.add(topic, OURSELVES)
    this.#tell("subscribe", key)
  }

  /** Told to the publishers once it was called as often as subscribe(). An unknown topic is no error. */
  unsubscribe(topic: Uint8Array): void {
    const key = latin1(topic)
    const count = this.#counts.get(key)
    if (count === undefined) return
    if (count > 1) {
      this.#counts.set(key, count - 1)
      return
    }
    this.#counts.delete(key)
    this.#topics.remove(topic, OURSELVES)
    this.#tell("cancel", key)
  }

  attach(pipe: Pipe): void {
    this.#publishers.add(pipe)
    this.#incoming.attach(pipe)
  }

  detach(pipe: Pipe): void {
    this.#publishers.delete(pipe)
    this.#incoming.detach(pipe)
  }

  /** Publishers forget us with each connection. */
  connected(pipe: Pipe): void {
    const keys = [...this.#counts.keys()].sort((a, b) => (a < b ? -1 : 1))
    for (const key of keys) pipe.control(controlOf("subscribe", key))
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
    return first !== undefined && this.#topics.matches(first) !== this.#options.invertMatching
  }

  #tell(type: Control["type"], key: string): void {
    for (const pipe of this.#publishers) pipe.control(controlOf(type, key))
  }
}

function controlOf(type: Control["type"], key: string): Control {
  return { type, topic: Buffer.from(key, "latin1") }
}
