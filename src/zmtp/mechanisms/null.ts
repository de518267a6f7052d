import { protocolError } from "../../base/errors.ts"
import type { LocalPeer, RemotePeer } from "../../contracts/connection.ts"
import { parseCommand, parseMetadata, readyCommand, refused, unexpected } from "../command.ts"
import type { Mechanism, MechanismHost } from "../mechanism.ts"
import { UNKNOWN_PEER } from "../remote-peer.ts"
import { refusalBy, refusalCommand } from "./refusal.ts"
import { RoutingIds } from "./routing-ids.ts"

const UNAIDED: MechanismHost = { gate: undefined, examinesNull: false, verdict: undefined, examine() {} }

/**
 * This is the mechanism without security (RFC 37, "NULL"). Each side sends READY, and is ready when it has the other's. It
 * sends without waiting, unless a gate or an authenticator makes it wait.
 */
export class NullMechanism implements Mechanism {
  readonly name = "NULL"
  readonly asServer = false
  /** Old peers can't be told that they are refused, so that an authenticator is not asked about them. */
  readonly older: Mechanism["older"]
  readonly #local: LocalPeer
  readonly #host: MechanismHost
  #examined = false
  #sent = false
  #received: RemotePeer | undefined

  constructor(local: LocalPeer, host: MechanismHost = UNAIDED) {
    this.#local = local
    this.#host = host
    if (!host.examinesNull) this.older = socketType => new RoutingIds(local, socketType, host.gate)
  }

  get status(): "handshaking" | "ready" {
    return this.#sent && this.refusal === undefined && this.#received !== undefined ? "ready" : "handshaking"
  }

  get peer(): RemotePeer {
    return this.#received ?? UNKNOWN_PEER
  }

  get refusal(): Error | undefined {
    return this.#host.examinesNull ? refusalBy(this.#host.verdict) : undefined
  }

  next(): Uint8Array | undefined {
    if (this.#sent) return undefined
    if (this.#host.examinesNull) {
      if (!this.#examined) this.#examine()
      if (this.#host.verdict === undefined) return undefined
      if (this.refusal !== undefined) return this.#refuse()
    }
    if (this.#host.gate?.opensFor(this.#received) === false) return undefined
    this.#sent = true
    return readyCommand(this.#local)
  }

  receive(body: Buffer): void {
    const command = parseCommand(body)
    if (command === undefined) throw malformed(body)
    if (this.#received !== undefined) throw unexpected(command)
    if (command.name === "ERROR") throw refused(command)
    if (command.name !== "READY") throw unexpected(command)
    this.#received = parseMetadata(command.data)
  }

  #examine(): void {
    this.#examined = true
    this.#host.examine({ mechanism: "NULL" })
  }

  #refuse(): Uint8Array | undefined {
    this.#sent = true
    return refusalCommand(this.#host.verdict)
  }
}

/** Makes the error for a malformed command. The beginning of its name, if cut off, says which command was meant. */
function malformed(body: Buffer): Error {
  const text = body.toString("latin1")
  const starts = (name: string) => text.length > 1 && `\x05${name}`.startsWith(text)
  if (starts("READY")) return protocolError("ERR_ZMTP_MALFORMED_COMMAND_READY", "READY is cut off")
  if (starts("ERROR")) return protocolError("ERR_ZMTP_MALFORMED_COMMAND_ERROR", "ERROR is cut off")
  return protocolError("ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED", "a command without a whole name")
}
