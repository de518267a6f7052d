import { shared } from "../../src/base/ownership.ts"
import type { Message } from "../../src/contracts/message.ts"
import type { Pipe } from "../../src/contracts/pattern.ts"

let lastId = 0

/** A distributor has such an object for each peer. */
export class FanOutPeer {
  readonly id = ++lastId
  readonly pipe: Pipe
  /** True when the peer is chosen for the present message. Only the distributor sets this. */
  marked = false
  /** True once the peer was removed. It is never chosen again. */
  gone = false
  /** The peer's subscriptions take this many bytes. The publisher counts them. */
  cost = 0

  constructor(pipe: Pipe) {
    this.pipe = pipe
  }
}

/**
 * A distributor sends a message to several peers. mark() chooses the peers, and send() sends the message to each of them
 * once. A peer whose pipe is full doesn't get it (zmq_socket(3), PUB, "action in mute state: drop").
 */
export class Distributor {
  readonly #peers = new Map<Pipe, FanOutPeer>()
  /** The first #count entries are the chosen peers. The others are empty, and kept so that sending allocates nothing. */
  readonly #marked: (FanOutPeer | undefined)[] = []
  #count = 0

  get(pipe: Pipe): FanOutPeer | undefined {
    return this.#peers.get(pipe)
  }

  /** These are all that were added and not removed. */
  get peers(): Iterable<FanOutPeer> {
    return this.#peers.values()
  }

  add(pipe: Pipe): void {
    if (!this.#peers.has(pipe)) this.#peers.set(pipe, new FanOutPeer(pipe))
  }

  remove(pipe: Pipe): FanOutPeer | undefined {
    const peer = this.#peers.get(pipe)
    if (peer !== undefined) peer.gone = true
    this.#peers.delete(pipe)
    return peer
  }

  /** Chooses a peer, unless it is chosen already. It is a field, so that it can be passed as a callback. */
  readonly mark = (peer: FanOutPeer): void => {
    if (peer.marked || peer.gone) return
    peer.marked = true
    this.#marked[this.#count++] = peer
  }

  /** Chooses exactly the peers that were not chosen. */
  invert(): void {
    const unmarked: FanOutPeer[] = []
    for (const peer of this.#peers.values()) if (!peer.marked) unmarked.push(peer)
    this.unmark()
    for (const peer of unmarked) this.mark(peer)
  }

  unmark(): void {
    for (let i = 0; i < this.#count; i++) this.#take(i)
    this.#count = 0
  }

  /** True when every peer has room for a message. */
  get vacant(): boolean {
    for (const { pipe } of this.#peers.values()) if (!pipe.canWrite) return false
    return true
  }

  /** True when the pipe of a chosen peer is full. */
  isAnyFull(): boolean {
    for (let i = 0; i < this.#count; i++) if (this.#marked[i]?.pipe.canWrite === false) return true
    return false
  }

  send(message: Message): void {
    const each = this.#count > 1 ? shared(message) : message
    for (let i = 0; i < this.#count; i++) this.#take(i)?.pipe.tryWrite(each)
    this.#count = 0
  }

  sendToAll(message: Message): void {
    const each = shared(message)
    for (const { pipe } of this.#peers.values()) pipe.tryWrite(each)
  }

  #take(index: number): FanOutPeer | undefined {
    const peer = this.#marked[index]
    this.#marked[index] = undefined
    if (peer !== undefined) peer.marked = false
    return peer
  }
}
