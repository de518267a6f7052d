import { quoted, ZmqError } from "../../src/base/errors.ts"
import { LONGEST_ROUTING_ID } from "../../src/base/limits.ts"
import type { Pipe } from "../../src/contracts/pattern.ts"

/** A peer is named by its routing id. The key is the same as a Latin-1 string, with one character per byte. */
interface Name {
  readonly id: Uint8Array
  readonly key: string
}

/**
 * A routing table finds the pipe of a routing id (RFC 28, zmq_setsockopt(3), ZMQ_ROUTING_ID). A peer has the id that
 * connect() has given it, or else the id that it tells. A peer without either gets five bytes that begin with a zero, and
 * that no other peer has.
 */
export class RoutingTable {
  readonly #pipes = new Map<string, Pipe>()
  /**
   * A pipe keeps its name after it has left or lost its id, because it may still have unread messages. The map is weak, so
   * that the name goes with the pipe.
   */
  readonly #names = new WeakMap<Pipe, Name>()
  #nextId = Math.floor(Math.random() * 2 ** 32)

  get size(): number {
    return this.#pipes.size
  }

  get pipes(): Iterable<Pipe> {
    return this.#pipes.values()
  }

  /** Returns the pipe that is addressed by the id. */
  find(id: Uint8Array): Pipe | undefined {
    return this.#pipes.get(keyOf(id))
  }

  /** Returns the pipe's id, also after it has left. Returns undefined when it has none. */
  idOf(pipe: Pipe): Uint8Array | undefined {
    return this.#names.get(pipe)?.id
  }

  /** Returns the pipe's id in the form of {@link keyOf}. */
  keyOf(pipe: Pipe): string | undefined {
    return this.#names.get(pipe)?.key
  }

  /**
   * Gives the pipe its id, once its peer is known.
   *
   * @param handover decides which pipe is closed when another one has the id: true closes the other, false this one
   * @returns false when this pipe was closed
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
    // Its unread messages are kept, because most likely the same peer has come again.
    owner?.fail(new ZmqError("ECONNABORTED", { reason }), "kept")
    return true
  }

  /** The pipe can't be addressed any more. */
  leave(pipe: Pipe): void {
    if (this.#isOwner(pipe)) this.#pipes.delete(this.#names.get(pipe)!.key)
  }

  #isOwner(pipe: Pipe): boolean {
    const name = this.#names.get(pipe)
    return name !== undefined && this.#pipes.get(name.key) === pipe
  }

  /** Returns an id that no peer has. It must look for one, because a peer may tell an id that looks like ours. */
  #unusedId(): Uint8Array {
    for (;;) {
      const id = Buffer.alloc(5)
      id.writeUInt32BE(this.#nextId, 1)
      this.#nextId = (this.#nextId + 1) >>> 0
      if (!this.#pipes.has(keyOf(id))) return id
    }
  }
}

/** Returns the id that connect() has given, or that the peer has told. An empty one counts as none. */
function givenId({ connectRoutingId, peer }: Pipe): Uint8Array | undefined {
  const id = connectRoutingId ?? peer?.routingId
  return id === undefined || id.length === 0 ? undefined : id
}

/** Returns the id as a string, which can be compared. An id that is too long for a peer has a key that no peer has. */
export function keyOf(id: Uint8Array): string {
  if (id.length <= LONGEST_ROUTING_ID) return Buffer.prototype.latin1Slice.call(id)
  return Buffer.prototype.latin1Slice.call(id, 0, LONGEST_ROUTING_ID + 1)
}
