import type { Control, Message, Pattern, Pipe } from "../src/contracts.ts"
import { protocolError } from "../src/errors.ts"
import { Distributor, type Outlet } from "./distributor.ts"
import { TopicTrie } from "./topic-trie.ts"

export interface PublisherOptions {
  /** When a subscriber is full, refuse the message for all rather than drop it for that one (ZMQ_XPUB_NODROP). */
  readonly noDrop: boolean
  /** Send to those who have not subscribed (ZMQ_INVERT_MATCHING). */
  readonly invertMatching: boolean
}

/** What one peer may have us remember, in bytes: the lengths of its topics, and this much more for each. */
const SUBSCRIPTION_BUDGET = 256 * 1024 * 1024
const COST_PER_TOPIC = 128

/**
 * A peer may leave with millions of topics. So many of them are forgotten at each step of ours, so that nobody waits
 * for it; what is left of them meanwhile matches in vain.
 */
const FORGOTTEN_PER_STEP = 200

const CANCEL = 0
const SUBSCRIBE = 1

/**
 * PUB: each message goes to all peers that subscribed to a prefix of its first part (zmq_socket(3), RFC 29).
 * Nobody is waited for. A peer counts from connected() to disconnected(): subscriptions belong to a connection.
 */
export class Pub implements Pattern {
  readonly #options: PublisherOptions
  readonly #budget: number
  readonly #peers = new Distributor()
  readonly #topics = new TopicTrie<Outlet>()
  /** Peers that are gone, but not their topics. */
  readonly #leaving: Outlet[] = []

  constructor(options: PublisherOptions, budget: number = SUBSCRIPTION_BUDGET) {
    this.#options = options
    this.#budget = budget
  }

  attach(): void {}

  detach(pipe: Pipe): void {
    this.disconnected(pipe)
  }

  connected(pipe: Pipe): void {
    this.disconnected(pipe)
    this.#peers.add(pipe)
    this.readable(pipe)
  }

  disconnected(pipe: Pipe): void {
    const peer = this.#peers.remove(pipe)
    if (peer === undefined) return
    this.#leaving.push(peer)
    this.#forget()
  }

  control(pipe: Pipe, { type, topic }: Control): void {
    if (this.#leaving.length > 0) this.#forget()
    const peer = this.#peers.get(pipe)
    if (peer === undefined) return
    if (type === "subscribe") this.#subscribe(peer, topic)
    else if (this.#topics.remove(topic, peer) !== "unknown") peer.cost -= COST_PER_TOPIC + topic.length
  }

  /** Old peers, and XSUB of any age, subscribe by messages: each part that starts with 1 or 0. The rest is dropped. */
  readable(pipe: Pipe): void {
    for (let message = pipe.tryRead(); message !== undefined; message = pipe.tryRead()) {
      for (const part of message) {
        if (part[0] === SUBSCRIBE) this.control(pipe, { type: "subscribe", topic: part.subarray(1) })
        else if (part[0] === CANCEL) this.control(pipe, { type: "cancel", topic: part.subarray(1) })
      }
    }
  }

  writable(): void {}

  /** With noDrop a guess on the safe side: which pipes matter is known only once there is a message. */
  canSend(): boolean {
    return !this.#options.noDrop || this.#peers.vacant
  }

  canReceive(): boolean {
    return false
  }

  trySend(message: Message): boolean {
    if (this.#leaving.length > 0) this.#forget()
    const peers = this.#peers
    if (message[0] !== undefined) this.#topics.match(message[0], peers.mark)
    if (this.#options.invertMatching) peers.invert()
    const full = this.#options.noDrop ? peers.full() : undefined
    if (full !== undefined) {
      // Offered in vain, because a pipe reports room only after it has refused a message.
      full.tryWrite(message)
      peers.unmark()
      return false
    }
    peers.send(message)
    return true
  }

  tryReceive(): undefined {
    return undefined
  }

  refusal(operation: "send" | "receive"): "EAGAIN" | "ENOTSUP" {
    return operation === "send" ? "EAGAIN" : "ENOTSUP"
  }

  #forget(): void {
    const peer = this.#leaving[0]
    if (peer !== undefined && this.#topics.removeAll(peer, undefined, FORGOTTEN_PER_STEP))
      this.#leaving.shift()
  }

  /** A peer that exceeds its budget is no peer any more: all that it still asks for is ignored. */
  #subscribe(peer: Outlet, topic: Uint8Array): void {
    if (this.#topics.add(topic, peer) === "known") return
    peer.cost += COST_PER_TOPIC + topic.length
    if (peer.cost <= this.#budget) return
    this.disconnected(peer.pipe)
    peer.pipe.fail(protocolError("ERR_ZMTP_UNSPECIFIED", "the peer has subscribed to too many topics"))
  }
}
