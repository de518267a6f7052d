import type { FanOutPeer } from "../routing/distributor.ts"

/**
 * All peers of a publisher together may have it remember so many bytes. Each peer has its share of the cost written down,
 * so that the one that costs most can be told when they are too many.
 */
export class TopicBudget {
  readonly #most: number
  #used = 0

  constructor(most: number) {
    this.#most = most
  }

  get exceeded(): boolean {
    return this.#used > this.#most
  }

  /** Adds to the cost of a peer, or takes off it. What lost peers have left behind is removed soon, and costs nothing. */
  charge(peer: FanOutPeer, bytes: number): void {
    if (peer.gone) return
    peer.cost += bytes
    this.#used += bytes
  }

  /** The peer is lost. */
  release(peer: FanOutPeer): void {
    this.#used -= peer.cost
    peer.cost = 0
  }
}
