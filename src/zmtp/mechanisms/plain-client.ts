import { ZmqError } from "../../base/errors.ts"
import { transitions } from "../../base/transitions.ts"
import type { LocalPeer, RemotePeer } from "../../contracts/connection.ts"
import { type Command, command, metadataOf, parseMetadata, refused, unexpected } from "../command.ts"
import type { Mechanism, MechanismHost } from "../mechanism.ts"
import { UNKNOWN_PEER } from "../remote-peer.ts"
import { malformed, parsePlain } from "./plain.ts"

type State =
  | { readonly name: "sendingHello" | "awaitingWelcome" | "sendingInitiate" | "awaitingReady" }
  /** The server is ready, and our gate may still be closed. */
  | { readonly name: "answered" | "ready"; readonly peer: RemotePeer }

const following = transitions<State["name"]>("a PLAIN client", {
  sendingHello: ["awaitingWelcome"],
  awaitingWelcome: ["sendingInitiate"],
  sendingInitiate: ["awaitingReady"],
  awaitingReady: ["answered"],
  answered: ["ready"],
  ready: [],
})

/** A PLAIN client tells a server its name and its password, as they are (RFC 24). It has no proof of who the server is. */
export class PlainClient implements Mechanism {
  readonly name = "PLAIN"
  readonly asServer = false
  readonly #local: LocalPeer
  readonly #host: Pick<MechanismHost, "gate">
  readonly #hello: Uint8Array
  #state: State = { name: "sendingHello" }

  /** @param username has at most 255 bytes, and so has the password */
  constructor(
    local: LocalPeer,
    host: Pick<MechanismHost, "gate">,
    username: Uint8Array,
    password: Uint8Array,
  ) {
    this.#local = local
    this.#host = host
    this.#hello = Buffer.concat([sized(username), sized(password)])
  }

  get status(): "handshaking" | "ready" {
    return this.#state.name === "ready" ? "ready" : "handshaking"
  }

  get peer(): RemotePeer {
    return this.#state.name === "ready" ? this.#state.peer : UNKNOWN_PEER
  }

  next(): Uint8Array | undefined {
    const state = this.#state
    switch (state.name) {
      case "sendingHello":
        this.#become({ name: "awaitingWelcome" })
        return command("HELLO", this.#hello)
      case "sendingInitiate":
        this.#become({ name: "awaitingReady" })
        return command("INITIATE", metadataOf(this.#local))
      case "answered":
        if (this.#host.gate?.opensFor(state.peer) !== false) this.#become({ name: "ready", peer: state.peer })
        return undefined
      default:
        return undefined
    }
  }

  receive(body: Buffer): void {
    if (this.#state.name === "answered")
      throw new ZmqError("EAGAIN", { reason: "a PLAIN server sends before it can be taken" })
    const command = parsePlain(body)
    if (command.name === "ERROR" && this.#state.name !== "sendingHello") throw refused(command)
    this.#answered(command)
  }

  #answered(command: Command): void {
    if (this.#state.name === "awaitingWelcome" && command.name === "WELCOME") {
      if (command.data.length > 0) throw malformed("WELCOME", "a WELCOME command with data")
      this.#become({ name: "sendingInitiate" })
    } else if (this.#state.name === "awaitingReady" && command.name === "READY")
      this.#become({ name: "answered", peer: parseMetadata(command.data) })
    else throw unexpected(command)
  }

  #become(next: State): void {
    this.#state = following(this.#state, next)
  }
}

/** Puts the number of the bytes before them. */
function sized(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(bytes.length), bytes])
}
