import { protocolError } from "../../src/base/errors.ts"
import { LONGEST_TOPIC } from "../../src/base/limits.ts"
import type { Control, Message } from "../../src/contracts/message.ts"
import type { Pipe } from "../../src/contracts/pattern.ts"
import { Distributor, type FanOutPeer } from "../routing/distributor.ts"
import type { TopicBudget } from "./topic-budget.ts"
import { type Released, TopicLedger } from "./topic-ledger.ts"

export interface PublisherOptions {
  /**
   * A message may be for a subscriber whose pipe is full. If this is true, the message is refused for all. If it is false,
   * that subscriber misses it (ZMQ_XPUB_NODROP).
   */
  readonly noDrop: boolean
  /** True when a message goes to the peers that have not subscribed to it (ZMQ_INVERT_MATCHING). */
  readonly invertMatching: boolean
}

/** The subscriptions of all peers of a socket may cost this many bytes. See TopicLedger for the cost of a topic. */
export const SUBSCRIPTION_BUDGET = 512 * 1024 * 1024

/**
 * This class has the peers of a publisher, and their subscriptions (zmq_socket(3), RFC 29). A message goes to all peers that
 * subscribe to a prefix of its first part. Sending waits for no peer. A peer is here from connected() to disconnected(),
 * because subscriptions belong to one connection.
 */
export class Subscribers {
  readonly topics: TopicLedger
  readonly #options: PublisherOptions
  readonly #budget: TopicBudget
  readonly #peers = new Distributor()

  constructor(options: PublisherOptions, budget: TopicBudget, released?: Released) {
    this.topics = new TopicLedger(budget, released)
    this.#options = options
    this.#budget = budget
  }

  /** Returns the present peer of the pipe. */
  get(pipe: Pipe): FanOutPeer | undefined {
    return this.#peers.get(pipe)
  }

  connected(pipe: Pipe): void {
    this.#peers.add(pipe)
  }

  disconnected(pipe: Pipe): FanOutPeer | undefined {
    const peer = this.#peers.remove(pipe)
    if (peer === undefined) return undefined
    this.#budget.release(peer)
    this.topics.leave(peer)
    return peer
  }

  /**
   * Returns the peer whose connection must be closed because all cost too much together. It is the one that costs most,
   * so that a peer with few topics has nothing to fear from others. Undefined while the budget is kept.
   */
  overdrawn(): FanOutPeer | undefined {
    if (!this.#budget.exceeded) return undefined
    let most: FanOutPeer | undefined
    for (const peer of this.#peers.peers) if (most === undefined || peer.cost > most.cost) most = peer
    return most
  }

  /** With noDrop, true only if every peer has room, because the peers of a message aren't known before. */
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

/** Closes the connection of a peer whose topics cost too much. The caller has removed the peer before. */
export function expelForTopics({ pipe }: FanOutPeer): void {
  pipe.fail(protocolError("ERR_ZMTP_UNSPECIFIED", "the peer has subscribed to too many topics"))
}

/** Closes the connection of a peer that has subscribed to too long a topic, or has cancelled one. */
export function expelForLength({ pipe }: FanOutPeer, { topic }: Control): void {
  const reason = `a topic of ${topic.length} bytes, where ${LONGEST_TOPIC} are allowed`
  pipe.fail(protocolError("ERR_ZMTP_UNSPECIFIED", reason))
}
