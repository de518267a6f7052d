import type { Control } from "../../src/contracts/message.ts"
import type { Pipe } from "../../src/contracts/pattern.ts"
import { latin1 } from "./subscription-message.ts"

/**
 * These topics have changed while the publisher took no controls. Each is there with what the publisher knows: true when
 * it holds the topic for subscribed. Topics are Latin-1 strings, which sort like their bytes.
 */
type Untold = Map<string, boolean>

/**
 * This class has the topics of a subscriber, and sends them to each publisher at each new connection (RFC 29). A publisher
 * that takes no controls is told the difference later. So what waits for it is bounded by the topics themselves, however
 * often they change.
 */
export class Subscriptions {
  /** Holds each publisher with what it is to be told later, if anything. */
  readonly #publishers = new Map<Pipe, Untold | undefined>()
  /** The numbers tell how often each topic was subscribed to. */
  readonly #counts = new Map<string, number>()

  attach(pipe: Pipe): void {
    this.#publishers.set(pipe, undefined)
  }

  detach(pipe: Pipe): void {
    this.#publishers.delete(pipe)
  }

  /** Sends all topics, because publishers keep subscriptions only for one connection. */
  connected(pipe: Pipe): void {
    const keys = [...this.#counts.keys()].sort((a, b) => (a < b ? -1 : 1))
    this.#tellAll(pipe, new Map(keys.map(key => [key, false])))
  }

  /** The publisher takes controls again. */
  writable(pipe: Pipe): void {
    const untold = this.#publishers.get(pipe)
    if (untold !== undefined) this.#tellAll(pipe, untold)
  }

  /** Adds a topic and sends it to the publishers, every time it is added, as libzmq does. */
  add(topic: Uint8Array): void {
    const key = latin1(topic)
    const count = this.#counts.get(key) ?? 0
    this.#counts.set(key, count + 1)
    this.#tell("subscribe", key, count === 0)
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
    this.#tell("cancel", key, true)
    return true
  }

  /** @param isNews false when the publishers know the topic already */
  #tell(type: Control["type"], key: string, isNews: boolean): void {
    for (const [pipe, untold] of this.#publishers) {
      if (untold === undefined && pipe.control(controlOf(type, key))) continue
      const later: Untold = untold ?? new Map()
      this.#publishers.set(pipe, later)
      if (!isNews) continue
      // A topic that has changed back need not be told.
      if (!later.delete(key)) later.set(key, type === "cancel")
    }
  }

  /** Tells a publisher what it doesn't know, as far as it takes controls now. */
  #tellAll(pipe: Pipe, untold: Untold): void {
    this.#publishers.set(pipe, undefined)
    for (const [key, known] of untold) {
      if (pipe.control(controlOf(known ? "cancel" : "subscribe", key))) untold.delete(key)
      else {
        this.#publishers.set(pipe, untold)
        return
      }
    }
  }
}

function controlOf(type: Control["type"], key: string): Control {
  return { type, topic: Buffer.from(key, "latin1") }
}
