import { protocolError } from "../../src/base/errors.ts"
import { LONGEST_TOPIC } from "../../src/base/limits.ts"
import type { Control, Message } from "../../src/contracts/message.ts"
import type { Pipe } from "../../src/contracts/pattern.ts"
import { Distributor, type FanOutPeer } from "../routing/distributor.ts"
import { type Released, TopicLedger } from "./topic-ledger.ts"

export interface PublisherOptions {
  /** When a subscriber is full, refuse the message for all rather than drop it for that one (ZMQ_XPUB_NODROP). */
  readonly noDrop: boolean
  /** Send to those who have not subscribed (ZMQ_INVERT_MATCHING). */
  readonly invertMatching: boolean
}

/** What one peer may have us remember, in bytes; see TopicLedger for what a topic costs. */
export const SUBSCRIPTION_BUDGET = 256 * 1024 * 1024

/**
 * The peers of a publisher: each message goes to all that have a prefix of its first part (zmq_socket(3), RFC 29).
 * Nobody is waited for. A peer counts from connected() to disconnected(): subscriptions belong to a connection.
 */
export class Subscribers {
  readonly topics: TopicLedger
  readonly #options: PublisherOptions
  readonly #budget: number
  readonly #peers = new Distributor()

  constructor(options: PublisherOptions, budget: number, released?: Released) {
    this.topics = new TopicLedger(released)
    this.#options = options
    this.#budget = budget
  }

  /** The peer of the moment. */
  get(pipe: Pipe): FanOutPeer | undefined {
    return this.#peers.get(pipe)
  }

  connected(pipe: Pipe): void {
    this.#peers.add(pipe)
  }

  disconnected(pipe: Pipe): FanOutPeer | undefined {
    const peer = this.#peers.remove(pipe)
    if (peer !== undefined) this.topics.leave(peer)
    return peer
  }

  /** True when the peer has more remembered than anybody may; it has to be expelled then. */
  isOverdrawn(peer: FanOutPeer): boolean {
    return peer.cost > this.#budget
  }

  /** With noDrop a guess on the safe side: which pipes matter is known only once there is a message. */
  canSend(): boolean {
    return !this.#options.noDrop || this.#peers.vacant
  }

  trySend(message: Message): boolean {
    const peers = this.#peers
    if (message[0] !== undefined) this.topics.match(message[0], peers.mark)
    if (this.#options.invertMatching) peers.invert()
    if (this.#options.noDrop && peers.isAnyFull()) {
      peers.unmark()
      return false
    }
    peers.send(message)
    return true
  }
}

/** Closes the connection of a peer whose topics take more than its budget; the caller has forgotten it. */
export function expelForTopics({ pipe }: FanOutPeer): void {
  pipe.fail(protocolError("ERR_ZMTP_UNSPECIFIED", "the peer has subscribed to too many topics"))
}

/** The same, of a peer that sends a topic which is too long to be remembered, or to have been. */
export function expelForLength({ pipe }: FanOutPeer, { topic }: Control): void {
  const reason = `a topic of ${topic.length} bytes, where ${LONGEST_TOPIC} are allowed`
  pipe.fail(protocolError("ERR_ZMTP_UNSPECIFIED", reason))
}
