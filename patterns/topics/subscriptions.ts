import type { Control } from "../../src/contracts/message.ts"
import type { Pipe } from "../../src/contracts/pattern.ts"
import { latin1 } from "./subscription-message.ts"

/** This class has the topics of a subscriber, and sends them to each publisher at each new connection (RFC 29). */
export class Subscriptions {
  readonly #publishers = new Set<Pipe>()
  /** The numbers tell how often each topic was subscribed to. Topics are Latin-1 strings, which sort like their bytes. */
  readonly #counts = new Map<string, number>()

  attach(pipe: Pipe): void {
    this.#publishers.add(pipe)
  }

  detach(pipe: Pipe): void {
    this.#publishers.delete(pipe)
  }

  /** Sends all topics, because publishers keep subscriptions only for one connection. */
  connected(pipe: Pipe): void {
    const keys = [...this.#counts.keys()].sort((a, b) => (a < b ? -1 : 1))
    for (const key of keys) pipe.control(controlOf("subscribe", key))
  }

  /** Adds a topic and sends it to the publishers, every time it is added, as libzmq does. */
  add(topic: Uint8Array): void {
    const key = latin1(topic)
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
    this.#tell("subscribe", key)
  }

  /**
   * Takes back one add(). After the last one the topic is cancelled at the publishers. An unknown topic is no error.
   *
   * @returns true when the topic was cancelled
   */
  remove(topic: Uint8Array): boolean {
    const key = latin1(topic)
    const count = this.#counts.get(key)
    if (count === undefined) return false
    if (count > 1) {
      this.#counts.set(key, count - 1)
      return false
    }
    this.#counts.delete(key)
    this.#tell("cancel", key)
    return true
  }

  #tell(type: Control["type"], key: string): void {
    for (const pipe of this.#publishers) pipe.control(controlOf(type, key))
  }
}

function controlOf(type: Control["type"], key: string): Control {
  return { type, topic: Buffer.from(key, "latin1") }
}
