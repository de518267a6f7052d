import { LONGEST_TOPIC } from "../src/base/limits.ts"
import type { Control, Message } from "../src/contracts/message.ts"
import type { Pattern, Pipe } from "../src/contracts/pattern.ts"
import { Requests } from "./topics/requests.ts"
import {
  expelForLength,
  expelForTopics,
  type PublisherOptions,
  SUBSCRIPTION_BUDGET,
  Subscribers,
} from "./topics/subscribers.ts"
import { TopicBudget } from "./topics/topic-budget.ts"

/** A PUB sends each message to all peers that subscribe to a prefix of its first part (zmq_socket(3), RFC 29). */
export class PubPattern implements Pattern {
  readonly #subscribers: Subscribers
  /** Old peers, and XSUB of any age, subscribe by messages. Each part counts; what is no subscription is dropped. */
  readonly #requests = new Requests({
    isData: () => false,
    apply: (pipe, control) => this.#apply(pipe, control),
    take: () => true,
    onLeft: () => this.onWorkLeft?.(),
  })
  onWorkLeft: (() => void) | undefined

  constructor(options: PublisherOptions, budget: number = SUBSCRIPTION_BUDGET) {
    this.#subscribers = new Subscribers(options, new TopicBudget(budget))
  }

  attach(): void {}

  detach(pipe: Pipe): void {
    this.disconnected(pipe)
  }

  connected(pipe: Pipe): void {
    this.disconnected(pipe)
    this.#subscribers.connected(pipe)
    this.readable(pipe)
  }

  /** Drops the unread messages, because they must not count for the pipe's next connection. */
  disconnected(pipe: Pipe): void {
    if (this.#subscribers.disconnected(pipe) === undefined) return
    this.#requests.forget(pipe)
    dropAll(pipe)
  }

  control(pipe: Pipe, control: Control): void {
    this.#requests.control(pipe, control)
  }

  /** Reads subscriptions that are sent as messages. Other parts are dropped, and what a lost connection has left. */
  readable(pipe: Pipe): void {
    if (pipe.readsLeftovers) dropAll(pipe)
    else this.#requests.read(pipe)
  }

  writable(): void {}

  tidy(): boolean {
    const tasks = [this.#requests.tidy(), this.#subscribers.topics.tidy()]
    return tasks.includes(true)
  }

  canSend(): boolean {
    return this.#subscribers.canSend()
  }

  canReceive(): boolean {
    return false
  }

  trySend(message: Message): boolean {
    return this.#subscribers.trySend(message)
  }

  tryReceive(): undefined {
    return undefined
  }

  refusal(operation: "send" | "receive"): "EAGAIN" | "ENOTSUP" {
    return operation === "send" ? "EAGAIN" : "ENOTSUP"
  }

  /** A peer that exceeds its budget is no peer any more: all that it still asks for is ignored. */
  #apply(pipe: Pipe, control: Control): void {
    const subscribers = this.#subscribers
    const peer = subscribers.get(pipe)
    if (peer === undefined) return
    const { type, topic } = control
    if (topic.length > LONGEST_TOPIC) {
      this.disconnected(pipe)
      expelForLength(peer, control)
      return
    }
    if (type === "subscribe") subscribers.topics.add(topic, peer)
    else subscribers.topics.remove(topic, peer)
    this.#keepBudget()
  }

  #keepBudget(): void {
    for (let peer = this.#subscribers.overdrawn(); peer !== undefined; peer = this.#subscribers.overdrawn()) {
      this.disconnected(peer.pipe)
      expelForTopics(peer)
    }
  }
}

function dropAll(pipe: Pipe): void {
  while (pipe.tryRead() !== undefined);
}
