import { ZmqError } from "../../base/errors.ts"
import type { LocalPeer, RemotePeer } from "../../contracts/connection.ts"
import { checkedId } from "../command.ts"
import { EMPTY } from "../frame.ts"
import type { Gate, Mechanism } from "../mechanism.ts"
import { remotePeer } from "../remote-peer.ts"

/**
 * This is the handshake of ZMTP 1 and 2 (RFC 15, "Connections"). Each side sends its routing id as a message, and is ready
 * when it has the other's. A gate can't let such a peer wait, because the peer sends messages without waiting for our id.
 */
export class RoutingIds implements Mechanism {
  readonly name = "NULL"
  readonly asServer = false
  readonly #local: LocalPeer
  readonly #socketType: string | undefined
  readonly #gate: Gate | undefined
  #sent = false
  #received: RemotePeer | undefined

  /** @param socketType the peer's socket type, if its greeting has it */
  constructor(local: LocalPeer, socketType: string | undefined, gate?: Gate) {
    this.#local = local
    this.#socketType = socketType
    this.#gate = gate
  }

  get status(): "handshaking" | "ready" {
    return this.#sent && this.#received !== undefined ? "ready" : "handshaking"
  }

  get peer(): RemotePeer {
    return this.#received ?? remotePeer(this.#socketType, EMPTY)
  }

  next(): Uint8Array | undefined {
    if (this.#sent || this.#gate?.opensFor(this.#received) === false) return undefined
    this.#sent = true
    return this.#local.routingId
  }

  receive(body: Buffer): void {
    if (this.#received !== undefined)
      throw new ZmqError("EAGAIN", { reason: "a peer of ZMTP 1 or 2 sends before it can be taken" })
    this.#received = remotePeer(this.#socketType, checkedId(body))
  }
}
