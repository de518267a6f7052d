import { transitions } from "../../base/transitions.ts"
import type { LocalPeer, RemotePeer } from "../../contracts/connection.ts"
import { command, parseMetadata, readyCommand, unexpected } from "../command.ts"
import type { Mechanism, MechanismHost } from "../mechanism.ts"
import { UNKNOWN_PEER } from "../remote-peer.ts"
import { malformed, parsePlain } from "./plain.ts"
import { refusalBy, refusalCommand } from "./refusal.ts"

type State =
  | { readonly name: "awaitingHello" | "awaitingVerdict" | "awaitingInitiate" | "refused" }
  /** The peer has described itself, and our gate may still be closed. */
  | { readonly name: "initiated" | "ready"; readonly peer: RemotePeer }

const following = transitions<State["name"]>("a PLAIN server", {
  awaitingHello: ["awaitingVerdict"],
  awaitingVerdict: ["awaitingInitiate", "refused"],
  awaitingInitiate: ["initiated"],
  initiated: ["ready"],
  ready: [],
  refused: [],
})

const NOTHING = new Uint8Array(0)

/** A PLAIN server has each client's name and password examined (RFC 24). */
export class PlainServer implements Mechanism {
  readonly name = "PLAIN"
  readonly asServer = true
  readonly #local: LocalPeer
  readonly #host: MechanismHost
  #state: State = { name: "awaitingHello" }

  constructor(local: LocalPeer, host: MechanismHost) {
    this.#local = local
    this.#host = host
  }

  get status(): "handshaking" | "ready" {
    return this.#state.name === "ready" ? "ready" : "handshaking"
  }

  get peer(): RemotePeer {
    return this.#state.name === "ready" ? this.#state.peer : UNKNOWN_PEER
  }

  get refusal(): Error | undefined {
    return this.#state.name === "refused" ? refusalBy(this.#host.verdict) : undefined
  }

  next(): Uint8Array | undefined {
    const state = this.#state
    if (state.name === "awaitingVerdict") return this.#welcome()
    if (state.name !== "initiated" || this.#host.gate?.opensFor(state.peer) === false) return undefined
    this.#become({ name: "ready", peer: state.peer })
    return readyCommand(this.#local)
  }

  receive(body: Buffer): void {
    const command = parsePlain(body)
    if (this.#state.name === "awaitingHello" && command.name === "HELLO") this.#hello(command.data)
    else if (this.#state.name === "awaitingInitiate" && command.name === "INITIATE")
      this.#become({ name: "initiated", peer: parseMetadata(command.data) })
    else throw unexpected(command)
  }

  #hello(data: Buffer): void {
    const nameEnd = 1 + (data[0] ?? 0)
    const passwordEnd = nameEnd + 1 + (data[nameEnd] ?? 0)
    if (data.length === 0 || passwordEnd !== data.length)
      throw malformed("HELLO", "a HELLO command whose sizes don't add up")
    this.#become({ name: "awaitingVerdict" })
    // They are copied, because an authenticator may keep them, and the memory of the frame is shared.
    const username = Uint8Array.from(data.subarray(1, nameEnd))
    const password = Uint8Array.from(data.subarray(nameEnd + 1))
    this.#host.examine({ mechanism: "PLAIN", username, password })
  }

  #welcome(): Uint8Array | undefined {
    const { verdict } = this.#host
    if (verdict === undefined) return undefined
    this.#become({ name: verdict.name === "accepted" ? "awaitingInitiate" : "refused" })
    return verdict.name === "accepted" ? command("WELCOME", NOTHING) : refusalCommand(verdict)
  }

  #become(next: State): void {
    this.#state = following(this.#state, next)
  }
}
