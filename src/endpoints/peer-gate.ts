import type { ZmqError } from "../base/errors.ts"
import { TimeLimit } from "../base/time-limit.ts"
import { transitions } from "../base/transitions.ts"
import type { GateControl, HandshakeGate } from "../connections/upgrade-to-zmtp.ts"
import type { RemotePeer, Role } from "../contracts/connection.ts"
import type { Admission } from "./admission.ts"

/**
 * How long (ms) a connecting socket waits for the peer's READY before it says its own. A peer that says READY by itself
 * does so together with its greeting; a bound socket of ours with a gate waits for us.
 */
const PATIENCE = 100

type State =
  /** The peer hasn't told who it is. With a limit, we wait for that for a while only. */
  | { readonly name: "asking"; readonly limit?: TimeLimit }
  /** The peer has to wait. */
  | { readonly name: "holding"; readonly obstacle: ZmqError; readonly stopWaiting: () => void }
  /** The peer may come in; who it is doesn't matter any more. */
  | { readonly name: "open" }
  | { readonly name: "closed" }

const following = transitions<State["name"]>("a gate", {
  asking: ["asking", "holding", "open", "closed"],
  holding: ["open", "closed"],
  open: ["closed"],
  closed: ["closed"],
})

/**
 * Lets a handshake end once its peer can be taken (RFC 28: a routing id is one peer's). A peer whose routing id is in use
 * waits: as long as it hasn't heard READY it keeps what it has to send.
 */
export class PeerGate implements HandshakeGate {
  readonly #admission: Admission
  readonly #role: Role
  readonly #control: GateControl
  readonly #conflictOf: (peer: RemotePeer) => ZmqError | undefined
  readonly #delayed: (obstacle: ZmqError) => void
  #state: State = { name: "asking" }

  /**
   * @param conflictOf says what keeps a peer from being taken now
   * @param delayed hears why the peer has to wait, once
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
    const goOn = () => {
      this.#become({ name: "open" })
      this.#control.wake()
    }
    this.#become({ name: "asking", limit: new TimeLimit(PATIENCE, goOn) })
  }

  #judge(peer: RemotePeer): void {
    this.#admission.check(peer)
    // What connect() made has its slot already.
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
