import { LONGEST_TOPIC } from "../src/base/limits.ts"
import type { Control, Message } from "../src/contracts/message.ts"
import type { Pattern, Pipe } from "../src/contracts/pattern.ts"
import {
  expelForLength,
  expelForTopics,
  type PublisherOptions,
  SUBSCRIPTION_BUDGET,
  Subscribers,
} from "./topics/subscribers.ts"
import { parseSubscription } from "./topics/subscription-message.ts"

/** A PUB sends each message to all peers that subscribe to a prefix of its first part (zmq_socket(3), RFC 29). */
export class PubPattern implements Pattern {
  readonly #subscribers: Subscribers

  constructor(options: PublisherOptions, budget: number = SUBSCRIPTION_BUDGET) {
    this.#subscribers = new Subscribers(options, budget)
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

  disconnected(pipe: Pipe): void {
    this.#subscribers.disconnected(pipe)
  }

  /** Changes the peer's subscriptions. A peer that exceeds its budget is removed, and its later controls are ignored. */
  control(pipe: Pipe, control: Control): void {
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
    if (!subscribers.isOverdrawn(peer)) return
    this.disconnected(pipe)
    expelForTopics(peer)
  }

  /**
   * Reads subscriptions that are sent as messages, as peers of old ZMTP versions and XSUB sockets do. Each part may be
   * one. Other parts are dropped.
   */
  readable(pipe: Pipe): void {
    for (let message = pipe.tryRead(); message !== undefined; message = pipe.tryRead()) {
      for (const part of message) {
        const control = parseSubscription(part)
        if (control !== undefined) this.control(pipe, control)
      }
    }
  }

  writable(): void {}

  tidy(): boolean {
    return this.#subscribers.topics.tidy()
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
}
