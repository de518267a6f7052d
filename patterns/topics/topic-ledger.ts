import type { FanOutPeer } from "../routing/distributor.ts"
import { LONGEST_PIECE } from "./piece-table.ts"
import { TopicTrie } from "./topic-trie.ts"

/** What a topic costs its peer: its length, and this much more for each of its pieces; a short one has one piece. */
const COST_PER_PIECE = 128

/** So many pieces of topics of a peer that left are forgotten at a time, so that nobody waits for it. */
const FORGOTTEN_PER_STEP = 200

/** Tells each topic of a peer that left, and whether no other peer has it. */
export type Released = (topic: Uint8Array, peer: FanOutPeer, last: boolean) => void

/**
 * Which peers have which topics. A peer may leave with millions of them: it is forgotten step by step, and what is
 * left of it meanwhile matches in vain.
 */
export class TopicLedger {
  readonly #released: Released | undefined
  readonly #topics = new TopicTrie<FanOutPeer>()
  /** Peers that are gone, but not their topics. */
  readonly #leaving: FanOutPeer[] = []

  constructor(released?: Released) {
    this.#released = released
  }

  /** "first" when nobody had the topic, "known" when this peer did. Charged to the peer. */
  add(topic: Uint8Array, peer: FanOutPeer): "first" | "added" | "known" {
    // More is forgotten than added: nobody fills the memory by coming and going.
    this.tidy()
    const result = this.#topics.add(topic, peer)
    if (result !== "known") peer.cost += costOf(topic)
    return result
  }

  /** "last" when nobody has the topic any more, "unknown" when this peer didn't. */
  remove(topic: Uint8Array, peer: FanOutPeer): "last" | "removed" | "unknown" {
    const result = this.#topics.remove(topic, peer)
    if (result !== "unknown") peer.cost -= costOf(topic)
    return result
  }

  /** The peer is gone. The first of its topics are forgotten at once, the others by tidy(). */
  leave(peer: FanOutPeer): void {
    this.#leaving.push(peer)
    this.tidy()
  }

  /** Forgets some topics; true while there are more. */
  tidy(): boolean {
    const [peer] = this.#leaving
    if (peer === undefined) return false
    const released = this.#released
    const tell = released && ((topic: Uint8Array, last: boolean) => released(topic, peer, last))
    if (this.#topics.removeAll(peer, tell, FORGOTTEN_PER_STEP)) this.#leaving.shift()
    return this.#leaving.length > 0
  }

  /** Visits the peers that have a topic which the bytes start with, perhaps repeatedly. */
  match(bytes: Uint8Array, visit: (peer: FanOutPeer) => void): void {
    this.#topics.match(bytes, visit)
  }
}

function costOf({ length }: Uint8Array): number {
  return length + COST_PER_PIECE * Math.max(1, Math.ceil(length / LONGEST_PIECE))
}
