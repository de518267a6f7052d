import { protocolError } from "../../base/errors.ts"
import type { LocalPeer, RemotePeer } from "../../contracts/connection.ts"
import { parseCommand, parseMetadata, readyCommand, refused, unexpected } from "../command.ts"
import { EMPTY } from "../frame.ts"
import type { Gate, Mechanism } from "../mechanism.ts"
import { RoutingIds } from "./routing-ids.ts"

const UNKNOWN: RemotePeer = { socketType: undefined, routingId: EMPTY }

/**
 * This is the mechanism without security (RFC 37, "NULL"). Each side sends READY, and is ready when it has the other's. It
 * sends without waiting, unless a gate makes it wait.
 */
export class NullMechanism implements Mechanism {
  readonly name = "NULL"
  readonly asServer = false
  readonly #local: LocalPeer
  readonly #gate: Gate | undefined
  #sent = false
  #received: RemotePeer | undefined

  constructor(local: LocalPeer, gate?: Gate) {
    this.#local = local
    this.#gate = gate
  }

  get status(): "handshaking" | "ready" {
    return this.#sent && this.#received !== undefined ? "ready" : "handshaking"
  }

  get peer(): RemotePeer {
    return this.#received ?? UNKNOWN
  }

  next(): Uint8Array | undefined {
    if (this.#sent || this.#gate?.opensFor(this.#received) === false) return undefined
    this.#sent = true
    return readyCommand(this.#local)
  }

  older(socketType: string | undefined): Mechanism {
    return new RoutingIds(this.#local, socketType, this.#gate)
  }

  receive(body: Buffer): void {
    const command = parseCommand(body)
    if (command === undefined) throw malformed(body)
    if (this.#received !== undefined) throw unexpected(command)
    if (command.name === "ERROR") throw refused(command)
    if (command.name !== "READY") throw unexpected(command)
    this.#received = parseMetadata(command.data)
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
