import type { ZmqError } from "../base/errors.ts"
import { TimeLimit } from "../base/time-limit.ts"
import { transitions } from "../base/transitions.ts"
import type { GateControl, HandshakeGate } from "../connections/handshake.ts"
import type { RemotePeer, Role } from "../contracts/connection.ts"
import type { Admission } from "./admission.ts"

/**
 * A connecting socket waits this many milliseconds for the peer's READY before it sends its own. Most peers send READY
 * together with their greeting. A bound socket of ours with a gate waits for our READY first. So nobody waits for a peer
 * that will be the only one.
 */
const PATIENCE = 100

type State =
  /** The peer hasn't sent its READY. With `limit` we wait only for some time. */
  | { readonly name: "asking"; readonly limit?: TimeLimit }
  /** The peer has to wait. */
  | { readonly name: "holding"; readonly obstacle: ZmqError; readonly stopWaiting: () => void }
  /** The peer may connect. */
  | { readonly name: "open" }
  | { readonly name: "closed" }

const following = transitions<State["name"]>("a gate", {
  asking: ["asking", "holding", "open", "closed"],
  holding: ["open", "closed"],
  open: ["closed"],
  closed: ["closed"],
})

/**
 * A peer gate lets a handshake end once its peer can be taken. A routing id belongs to one peer (RFC 28), so that a new
 * peer with an id that is in use waits. A peer keeps its messages until it has received READY, so that none is lost.
 */
export class PeerGate implements HandshakeGate {
  readonly #admission: Admission
  readonly #role: Role
  readonly #control: GateControl
  readonly #conflictOf: (peer: RemotePeer) => ZmqError | undefined
  readonly #delayed: (obstacle: ZmqError) => void
  #state: State = { name: "asking" }

  /**
   * @param conflictOf returns the error that keeps a peer from being taken now
   * @param delayed is called once, with the reason, when the peer has to wait
   */
  constructor(
    admission: Admission,
    role: Role,
    control: GateControl,
    conflictOf: (peer: RemotePeer) => ZmqError | undefined,
    delayed: (obstacle: ZmqError) => void,
  ) {
    this.#admission = admission
    this.#role = role
    this.#control = control
    this.#conflictOf = conflictOf
    this.#delayed = delayed
  }

  get obstacle(): ZmqError | undefined {
    return this.#state.name === "holding" ? this.#state.obstacle : undefined
  }

  opensFor(peer: RemotePeer | undefined): boolean {
    if (this.#state.name === "open") return true
    if (peer === undefined) this.#waitAWhile()
    else this.#judge(peer)
    return this.#isOpen
  }

  close(): void {
    this.#become({ name: "closed" })
  }

  get #isOpen(): boolean {
    return this.#state.name === "open"
  }

  #become(next: State): void {
    const former = this.#state
    this.#state = following(former, next)
    if (former.name === "asking") former.limit?.stop()
    else if (former.name === "holding") former.stopWaiting()
  }

  #waitAWhile(): void {
    if (this.#role === "bind" || this.#state.name !== "asking" || this.#state.limit !== undefined) return
    if (this.#admission.hasOneSlot) {
      this.#become({ name: "open" })
      return
    }
    const goOn = () => {
      this.#become({ name: "open" })
      this.#control.wake()
    }
    this.#become({ name: "asking", limit: new TimeLimit(PATIENCE, goOn) })
  }

  #judge(peer: RemotePeer): void {
    this.#admission.check(peer)
    // An endpoint made by connect() has its slot already.
    if (this.#role === "bind" && this.#admission.full) {
      this.#control.refuse(this.#admission.refusal())
      return
    }
    const obstacle = this.#conflictOf(peer)
    if (obstacle === undefined) this.#become({ name: "open" })
    else if (this.#state.name === "asking") this.#hold(peer, obstacle)
  }

  #hold(peer: RemotePeer, obstacle: ZmqError): void {
    const retry = () => {
      this.#control.wake()
      return this.#state.name !== "holding"
    }
    const stopWaiting = this.#admission.awaitName(peer.routingId, retry)
    this.#become({ name: "holding", obstacle, stopWaiting })
    this.#delayed(obstacle)
  }
}
