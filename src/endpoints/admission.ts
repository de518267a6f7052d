import { protocolError, quoted, ZmqError } from "../base/errors.ts"
import { asBuffer } from "../base/runtime.ts"
import type { SocketType } from "../base/socket-types.ts"
import type { RemotePeer } from "../contracts/connection.ts"
import type { Pattern } from "../contracts/pattern.ts"

/** This function returns true when the handshake has taken the routing id that it waited for. */
type Retry = () => boolean

/**
 * This class decides which peers are accepted. Only it checks a peer's socket type and counts pipes.
 *
 * connect() takes a slot when it is called, and an accepted peer takes one when it is admitted. A slot is free again when
 * its last connection has closed, after lingering. zmq_socket(3) says so for PAIR.
 */
export class Admission {
  #taken = 0
  /** Holds the handshakes that wait for a routing id, by that id. The latest of an id is the last. */
  readonly #waiting = new Map<string, Set<Retry>>()
  readonly #pattern: Pick<Pattern, "isTaken">

  constructor(
    readonly type: SocketType,
    pattern: Pick<Pattern, "isTaken">,
  ) {
    this.#pattern = pattern
  }

  get full(): boolean {
    return this.#taken >= this.type.maxPipes
  }

  /** True when there is no slot but one, so that the peer of that one can't be in anybody's way. */
  get hasOneSlot(): boolean {
    return this.#taken <= 1
  }

  /** True when the socket may refuse an accepted peer because of its routing id or of the other peers. */
  get isSelective(): boolean {
    return this.type.maxPipes < Number.POSITIVE_INFINITY || this.namesPeers
  }

  /** True when no two peers may have the same routing id. */
  get namesPeers(): boolean {
    return this.#pattern.isTaken !== undefined
  }

  /** Takes a slot. Throws EISCONN when there is none. */
  claim(): void {
    if (this.full) throw this.refusal()
    this.#taken++
  }

  release(): void {
    this.#taken--
  }

  refusal(address?: string): ZmqError {
    const reason = `a ${this.type.name} socket has at most one peer`
    return new ZmqError("EISCONN", { address, reason })
  }

  /** Throws when the peer's socket type doesn't go with ours. A peer that states no type is accepted, as by libzmq. */
  check(peer: RemotePeer): void {
    const theirs = peer.socketType
    if (theirs === undefined || this.type.peers.includes(theirs)) return
    throw protocolError(
      "ERR_ZMTP_INVALID_METADATA",
      `a ${this.type.name} socket can't talk to a ${quoted(theirs)} socket`,
    )
  }

  /** Returns EADDRINUSE while another peer has this one's routing id. That may change. */
  nameConflict({ routingId }: RemotePeer): ZmqError | undefined {
    if (routingId.length === 0 || this.#pattern.isTaken?.(routingId) !== true) return undefined
    return new ZmqError("EADDRINUSE", {
      reason: `another peer has the routing id ${quoted(keyOf(routingId))}`,
    })
  }

  /** Calls `retry` when the routing id may be free. The returned function ends that. */
  awaitName(routingId: Uint8Array, retry: Retry): () => void {
    const key = keyOf(routingId)
    const waiting = this.#waiting.get(key) ?? new Set<Retry>()
    this.#waiting.set(key, waiting.add(retry))
    return () => {
      waiting.delete(retry)
      if (waiting.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key)
    }
  }

  /** Is called when a peer has left. One of the handshakes that wait for its routing id may take it. */
  nameLeft(routingId: Uint8Array | undefined): void {
    if (this.#waiting.size > 0 && routingId !== undefined) serveOne(this.#waiting.get(keyOf(routingId)))
  }

  /** Is called when an option has changed, because every routing id may then be free to take. */
  rulesChanged(): void {
    for (const waiting of [...this.#waiting.values()]) serveOne(waiting)
  }
}

/** Tries the waiting handshakes, the latest first, because only the latest of several from one peer is still alive. */
function serveOne(waiting: ReadonlySet<Retry> = new Set()): void {
  for (const retry of [...waiting].reverse()) if (retry()) return
}

/** Returns a routing id as a string that can be compared, with one character for each byte. */
function keyOf(routingId: Uint8Array): string {
  return asBuffer(routingId).toString("latin1")
}
