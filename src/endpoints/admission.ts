import { protocolError, quoted, ZmqError } from "../base/errors.ts"
import type { SocketType } from "../base/socket-types.ts"
import type { RemotePeer } from "../contracts/connection.ts"

/**
 * Who may come in: the only place that checks a peer's socket type and counts pipes.
 *
 * A place is taken by connect() from the call on, by an accepted peer from its admission on, and is given back when
 * the last connection on it has closed, lingering included. That is what zmq_socket(3) says of PAIR.
 */
export class Admission {
  #taken = 0

  constructor(readonly type: SocketType) {}

  get full(): boolean {
    return this.#taken >= this.type.maxPipes
  }

  /** Takes a place. Throws EISCONN when there is none. */
  claim(): void {
    if (this.full) throw this.refusal()
    this.#taken++
  }

  release(): void {
    this.#taken--
  }

  refusal(address?: string): ZmqError {
    const reason = `a ${this.type.name} socket has at most one peer`
    return new ZmqError("EISCONN", address === undefined ? { reason } : { address, reason })
  }

  /** Throws when the peer's socket type doesn't go with ours. A peer that tells no type is let in, as by libzmq. */
  check(peer: RemotePeer): void {
    const theirs = peer.socketType
    if (theirs === undefined || this.type.peers.includes(theirs)) return
    throw protocolError(
      "ERR_ZMTP_INVALID_METADATA",
      `a ${this.type.name} socket can't talk to a ${quoted(theirs)} socket`,
    )
  }
}
