import { turnWork } from "../../src/base/turn-work.ts"
import type { FanOutPeer } from "../routing/distributor.ts"
import { LONGEST_PIECE } from "./piece-table.ts"
import type { TopicBudget } from "./topic-budget.ts"
import { TopicTrie } from "./topic-trie.ts"

/** A topic costs its length, and this much more for each of its pieces. A short topic has one piece. */
const COST_PER_PIECE = 128

/** About this many pieces of a lost peer's topics are removed in one step, so that nobody waits long. */
const FORGOTTEN_PER_STEP = 200
/** For each piece that may be added two are forgotten, so that nobody fills the memory by coming and going. */
const FORGOTTEN_PER_PIECE = 2

/** This is called with each topic of a lost peer. `last` is true when no other peer has the topic. */
export type Released = (topic: Uint8Array, peer: FanOutPeer, last: boolean) => void

/**
 * A topic ledger knows which peers have which topics. The topics of a lost peer are removed step by step, because there
 * may be millions. Until then they still match, but the distributor sends nothing to that peer.
 */
export class TopicLedger {
  readonly #budget: TopicBudget
  readonly #released: Released | undefined
  readonly #topics = new TopicTrie<FanOutPeer>()
  /** These peers are lost, but not all their topics are removed yet. */
  readonly #leaving: FanOutPeer[] = []

  constructor(budget: TopicBudget, released?: Released) {
    this.#budget = budget
    this.#released = released
  }

  /**
   * Adds a topic of a peer, and adds its cost to the peer's.
   *
   * @returns "first" when no peer had the topic, "added" when others had it, "known" when this peer had it
   */
  add(topic: Uint8Array, peer: FanOutPeer): "first" | "added" | "known" {
    if (this.#leaving.length > 0) this.#forget(FORGOTTEN_PER_PIECE * piecesOf(topic))
    const result = this.#topics.add(topic, peer)
    if (result !== "known") this.#budget.charge(peer, costOf(topic))
    return result
  }

  /**
   * Removes a topic of a peer, and takes its cost off the peer's.
   *
   * @returns "last" when no peer has the topic any more, "removed" when others have it, "unknown" when this peer didn't
   */
  remove(topic: Uint8Array, peer: FanOutPeer): "last" | "removed" | "unknown" {
    const result = this.#topics.remove(topic, peer)
    if (result !== "unknown") this.#budget.charge(peer, -costOf(topic))
    return result
  }

  /** The peer is lost. Its topics are removed by tidy(), some of them at once. */
  leave(peer: FanOutPeer): void {
    this.#leaving.push(peer)
    if (turnWork.left > 0) this.#forget(FORGOTTEN_PER_STEP)
  }

  /** Removes topics of lost peers, as many as the turn allows. Returns true while there are more. */
  tidy(): boolean {
    const end = turnWork.begin()
    while (this.#leaving.length > 0 && turnWork.left > end) this.#forget(FORGOTTEN_PER_STEP)
    turnWork.end()
    return this.#leaving.length > 0
  }

  #forget(most: number): void {
    const peer = this.#leaving[0]!
    const released = this.#released
    const tell = released && ((topic: Uint8Array, last: boolean) => released(topic, peer, last))
    const before = this.#topics.size
    if (this.#topics.removeAll(peer, tell, most)) this.#leaving.shift()
    turnWork.spend(1 + before - this.#topics.size)
  }

  /** Calls `visit` with each peer that has a prefix of the bytes as a topic. It may be called repeatedly with one peer. */
  match(bytes: Uint8Array, visit: (peer: FanOutPeer) => void): void {
    this.#topics.match(bytes, visit)
  }
}

function costOf(topic: Uint8Array): number {
  return topic.length + COST_PER_PIECE * piecesOf(topic)
}

function piecesOf({ length }: Uint8Array): number {
  return Math.max(1, Math.ceil(length / LONGEST_PIECE))
}
