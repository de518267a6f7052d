import { together } from "../base/acceptance.ts"
import { sharedAbort } from "../base/runtime.ts"
import { TimeLimit } from "../base/time-limit.ts"
import type { ByteStream, Connection, LocalPeer } from "../contracts/connection.ts"
import type { Acceptance, Credentials, PeerIdentity, Verdict } from "../contracts/security.ts"
import type { MakeMechanism, MechanismHost } from "../zmtp/mechanism.ts"
import { NullMechanism } from "../zmtp/mechanisms/null.ts"
import { refusalBy } from "../zmtp/mechanisms/refusal.ts"
import type { GateControl, Handshake, HandshakeGate } from "./handshake.ts"
import { tooSlow } from "./handshake-errors.ts"
import { ZmtpConnection } from "./zmtp-connection.ts"
import type { ZmtpOptions } from "./zmtp-options.ts"

/** The peer answers this many times: with three pieces of its greeting, and at most twice for the mechanism. */
const ROUNDS = 5

const makeNull: MakeMechanism = (local, host) => new NullMechanism(local, host)

/** Where nobody can tell who a peer is, no peer is let in. */
const nobody = async (): Promise<Verdict> => ({ name: "refused", status: 500 })

/** An upgrade makes one connection of one byte stream, and has what is needed until then. */
export class Upgrade implements MechanismHost, GateControl {
  gate: HandshakeGate | undefined
  verdict: Verdict | undefined
  readonly examinesNull: boolean
  readonly #stream: ByteStream
  readonly #local: LocalPeer
  readonly #options: ZmtpOptions
  readonly #handshake: Handshake
  readonly #resolve: (connection: Connection) => void
  readonly #reject: (failure: unknown) => void
  readonly #abort = (): void => this.refuse(this.#handshake.signal?.reason)
  #limit: TimeLimit | undefined
  /** It exists once the code of its mechanism is there. */
  #link: ZmtpConnection | undefined
  #wake = (): void => {}
  /** Exists from the first question on. */
  #examination: AbortController | undefined
  /** Is set once a verdict has let the peer in. */
  #known: Acceptance | undefined
  #mechanism: PeerIdentity["mechanism"] = "NULL"
  #over = false

  constructor(
    stream: ByteStream,
    local: LocalPeer,
    options: ZmtpOptions,
    handshake: Handshake,
    resolve: (connection: Connection) => void,
    reject: (failure: unknown) => void,
  ) {
    this.#stream = stream
    this.#local = local
    this.#options = options
    this.#handshake = handshake
    this.#resolve = resolve
    this.#reject = reject
    this.examinesNull = handshake.examinesNull === true
  }

  begin(): void {
    const { signal, mechanism = makeNull } = this.#handshake
    const interval = this.#options.handshakeInterval
    const expire = () => this.refuse(this.gate?.obstacle ?? tooSlow(interval))
    if (interval > 0) this.#limit = new TimeLimit(interval, expire, ROUNDS)
    signal?.addEventListener("abort", this.#abort)
    if (signal?.aborted) this.#abort()
    if (typeof mechanism === "function") this.#shakeHands(mechanism)
    // A failure is taken even when nobody waits for it any more.
    else
      void mechanism.then(
        make => this.#shakeHands(make),
        failure => this.refuse(failure),
      )
  }

  wake(): void {
    this.#wake()
  }

  refuse(failure: unknown): void {
    if (this.#link !== undefined) this.#link.refuse(failure)
    else if (!this.#over) {
      this.#stream.destroy()
      this.#settle(failure)
    }
  }

  examine(credentials: Credentials): void {
    const { examine = nobody } = this.#handshake
    this.#ask(examine(credentials, this.#signal), verdict => {
      this.verdict = verdict
      this.#wake()
    })
  }

  #shakeHands(make: MakeMechanism): void {
    if (this.#over) return
    const makeMechanism = (peer: LocalPeer, wake: () => void) => {
      this.#wake = wake
      this.gate = this.#handshake.openGate?.(this)
      const mechanism = make(peer, this)
      this.#mechanism = mechanism.name as PeerIdentity["mechanism"]
      return mechanism
    }
    const settle = (failure?: unknown) => this.#settle(failure)
    const link = new ZmtpConnection(this.#stream, this.#local, this.#options, makeMechanism, settle)
    this.#link = link
    const { admit } = this.#handshake
    if (admit === undefined) {
      link.start()
      return
    }
    link.hold()
    this.#ask(admit(this.#signal), verdict => {
      const refusal = refusalBy(verdict)
      if (refusal === undefined) link.start()
      else link.refused(refusal)
    })
  }

  get #signal(): AbortSignal {
    this.#examination ??= sharedAbort()
    return this.#examination.signal
  }

  #ask(question: Promise<Verdict>, told: (verdict: Verdict) => void): void {
    void question.then(verdict => {
      if (this.#over) return
      if (verdict.name === "accepted") this.#known = together(this.#known ?? {}, verdict)
      told(verdict)
    })
  }

  /** A connection without security has no identity, unless somebody was asked about it. That saves memory. */
  #finish(link: ZmtpConnection): void {
    const mechanism = this.#mechanism
    const { userId, metadata = {} } = this.#known ?? {}
    if (mechanism !== "NULL" || this.#known !== undefined)
      link.identity = { mechanism, remote: link.remote, userId, metadata }
    if (userId !== undefined || Object.keys(metadata).length > 0) link.sender = link.identity
    this.#resolve(link)
  }

  #settle(failure: unknown): void {
    this.#over = true
    this.#limit?.stop()
    this.#handshake.signal?.removeEventListener("abort", this.#abort)
    this.gate?.close()
    if (failure === undefined) this.#finish(this.#link!)
    else {
      this.#examination?.abort(failure)
      this.#reject(failure)
    }
  }
}
