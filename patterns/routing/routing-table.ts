import { quoted, ZmqError } from "../../src/base/errors.ts"
import { LONGEST_ROUTING_ID } from "../../src/base/limits.ts"
import type { Pipe } from "../../src/contracts/pattern.ts"

/** The name of a peer, and the same as a key: Latin-1, a character per byte. */
interface Name {
  readonly id: Uint8Array
  readonly key: string
}

/**
 * Who is addressed by which routing id (RFC 28, zmq_setsockopt(3), ZMQ_ROUTING_ID). A peer has the id that connect()
 * gave it, else the one that it tells, else five bytes that begin with a zero and that no other peer has.
 */
export class RoutingTable {
  readonly #pipes = new Map<string, Pipe>()
  /** Weak, so that what a pipe that left, or lost its id, still holds to read keeps its name until it is read. */
  readonly #names = new WeakMap<Pipe, Name>()
  #nextId = Math.floor(Math.random() * 2 ** 32)

  get size(): number {
    return this.#pipes.size
  }

  get pipes(): Iterable<Pipe> {
    return this.#pipes.values()
  }

  /** Who is addressed by the id. */
  find(id: Uint8Array): Pipe | undefined {
    return this.#pipes.get(keyOf(id))
  }

  /** The pipe's id, also after it has left; undefined for one that has none. */
  idOf(pipe: Pipe): Uint8Array | undefined {
    return this.#names.get(pipe)?.id
  }

  /** The same in the form of {@link keyOf}. */
  keyOf(pipe: Pipe): string | undefined {
    return this.#names.get(pipe)?.key
  }

  /**
   * Names the pipe, once its peer is known. An id has one owner: with handover the old one is closed, else the new one,
   * and false is returned.
   */
  enter(pipe: Pipe, handover: boolean): boolean {
    if (this.#isOwner(pipe)) return true
    const id = givenId(pipe) ?? this.#unusedId()
    const key = keyOf(id)
    const owner = this.#pipes.get(key)
    if (owner !== undefined && !handover) {
      pipe.fail(new ZmqError("EADDRINUSE", { reason: `another peer has the routing id ${quoted(key)}` }))
      return false
    }
    this.#pipes.set(key, pipe)
    this.#names.set(pipe, { id, key })
    const reason = `another peer took over the routing id ${quoted(key)}`
    // It is the same peer, most likely, so that what it sent before counts.
    owner?.fail(new ZmqError("ECONNABORTED", { reason }), "kept")
    return true
  }

  /** The pipe is addressed no more. */
  leave(pipe: Pipe): void {
    if (this.#isOwner(pipe)) this.#pipes.delete(this.#names.get(pipe)!.key)
  }

  #isOwner(pipe: Pipe): boolean {
    const name = this.#names.get(pipe)
    return name !== undefined && this.#pipes.get(name.key) === pipe
  }

  /** A peer may call itself anything, so that the next number may be in use. */
  #unusedId(): Uint8Array {
    for (;;) {
      const id = Buffer.alloc(5)
      id.writeUInt32BE(this.#nextId, 1)
      this.#nextId = (this.#nextId + 1) >>> 0
      if (!this.#pipes.has(keyOf(id))) return id
    }
  }
}

/** An empty id is none. */
function givenId({ connectRoutingId, peer }: Pipe): Uint8Array | undefined {
  const id = connectRoutingId ?? peer?.routingId
  return id === undefined || id.length === 0 ? undefined : id
}

/** An id in a form that can be compared. One that is too long to be a peer's has a key that is nobody's. */
export function keyOf(id: Uint8Array): string {
  if (id.length <= LONGEST_ROUTING_ID) return Buffer.prototype.latin1Slice.call(id)
  return Buffer.prototype.latin1Slice.call(id, 0, LONGEST_ROUTING_ID + 1)
}
