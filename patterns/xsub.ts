import type { Control, Message } from "../src/contracts/message.ts"
import type { Pattern, Pipe } from "../src/contracts/pattern.ts"
import { Distributor } from "./routing/distributor.ts"
import { FairQueue } from "./routing/fair-queue.ts"
import { hasLongTopic, takeSubscriptions } from "./topics/subscription-message.ts"
import { Subscriptions } from "./topics/subscriptions.ts"

/**
 * An XSUB is a SUB that subscribes by sending messages `01 topic` and `00 topic` (zmq_socket(3), RFC 29). It doesn't filter
 * received messages. Its other messages go to all its publishers, except those whose pipes are full.
 */
export class XSubPattern implements Pattern {
  readonly #subscriptions = new Subscriptions()
  readonly #publishers = new Distributor()
  readonly #incoming = new FairQueue()

  attach(pipe: Pipe): void {
    this.#subscriptions.attach(pipe)
    this.#publishers.add(pipe)
    this.#incoming.attach(pipe)
  }

  detach(pipe: Pipe): void {
    this.#subscriptions.detach(pipe)
    this.#publishers.remove(pipe)
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
    return true
  }

  canReceive(): boolean {
    return this.#incoming.canReceive()
  }

  trySend(message: Message): boolean {
    if (hasLongTopic(message)) return false
    const rest = takeSubscriptions(message, this.#apply)
    if (rest.length > 0) this.#publishers.sendToAll(rest)
    return true
  }

  tryReceive(): Message | undefined {
    return this.#incoming.tryReceive()
  }

  refusal(operation: "send" | "receive", message: Message = []): "EAGAIN" | "EMSGSIZE" {
    return operation === "send" && hasLongTopic(message) ? "EMSGSIZE" : "EAGAIN"
  }

  readonly #apply = ({ type, topic }: Control): void => {
    if (type === "subscribe") this.#subscriptions.add(topic)
    else this.#subscriptions.remove(topic)
  }
}
