import { sharedAbort } from "../base/runtime.ts"
import { TimeLimit } from "../base/time-limit.ts"
import type { ByteStream, Connection, LocalPeer } from "../contracts/connection.ts"
import type { Credentials, Verdict } from "../contracts/security.ts"
import type { MakeMechanism, MechanismHost } from "../zmtp/mechanism.ts"
import { NullMechanism } from "../zmtp/mechanisms/null.ts"
import { refusalBy } from "../zmtp/mechanisms/refusal.ts"
import type { GateControl, Handshake, HandshakeGate } from "./handshake.ts"
import { tooSlow } from "./handshake-errors.ts"
import { ZmtpConnection, type ZmtpOptions } from "./zmtp-connection.ts"

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
    this.examinesNull = handshake.examines === "in NULL"
  }

  begin(): void {
    const { signal, mechanism = makeNull } = this.#handshake
    const interval = this.#options.handshakeInterval
    const expire = () => this.refuse(this.gate?.obstacle ?? tooSlow(interval))
    if (interval > 0) this.#limit = new TimeLimit(interval, expire, ROUNDS)
    signal?.addEventListener("abort", this.#abort)
    if (signal?.aborted) this.#abort()
    else if (typeof mechanism === "function") this.#shakeHands(mechanism)
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
    this.#ask(credentials, verdict => {
      this.verdict = verdict
      this.#wake()
    })
  }

  #shakeHands(make: MakeMechanism): void {
    if (this.#over) return
    const makeMechanism = (peer: LocalPeer, wake: () => void) => {
      this.#wake = wake
      this.gate = this.#handshake.openGate?.(this)
      return make(peer, this)
    }
    const settle = (failure?: unknown) => this.#settle(failure)
    const link = new ZmtpConnection(this.#stream, this.#local, this.#options, makeMechanism, settle)
    this.#link = link
    if (this.#handshake.examines !== "first") {
      link.start()
      return
    }
    link.hold()
    this.#ask({ mechanism: "NULL" }, verdict => {
      const refusal = refusalBy(verdict)
      if (refusal === undefined) link.start()
      else link.refuse(refusal)
    })
  }

  #ask(credentials: Credentials, told: (verdict: Verdict) => void): void {
    const { examine = nobody } = this.#handshake
    if (this.#over) return
    this.#examination = sharedAbort()
    void examine(credentials, this.#examination.signal).then(verdict => {
      if (!this.#over) told(verdict)
    })
  }

  #settle(failure: unknown): void {
    this.#over = true
    this.#limit?.stop()
    this.#handshake.signal?.removeEventListener("abort", this.#abort)
    this.gate?.close()
    if (failure === undefined) this.#resolve(this.#link!)
    else {
      this.#examination?.abort(failure)
      this.#reject(failure)
    }
  }
}
