/**
 * A byte transport as a stranger would write it: `loop://name`, in memory, in pieces of random size that arrive in
 * later turns. It imports the contracts and the error class only.
 */

import { ZmqError } from "../../src/base/errors.ts"
import type { ByteSink, ByteStream } from "../../src/contracts/connection.ts"
import type { Accept, Listener, Transport, TransportHost } from "../../src/contracts/transport.ts"
import { Random } from "../suites/random.ts"

/** What may be on its way before write() asks to wait. */
const ROOM = 100_000

interface Bound {
  readonly host: TransportHost
  readonly accept: Accept
}

/** @param seed of the sizes of the pieces */
export function homeMade(seed?: number): Transport {
  const names = new Map<string, Bound>()
  const random = new Random(seed)
  return {
    scheme: "loop",
    checkConnect: checkName,
    checkBind: checkName,

    async dial(name, host) {
      const bound = names.get(name)
      if (host.signal.aborted) throw new ZmqError("ECONNABORTED", { address: `loop://${name}` })
      host.report({ type: "connect:delay" })
      if (bound === undefined) {
        host.report({ type: "close" })
        throw new ZmqError("ECONNREFUSED", { address: `loop://${name}` })
      }
      const [near, far] = LoopStream.pair(`loop://${name}`, random)
      bound.accept(bound.host.upgrade(far))
      return host.upgrade(near)
    },

    async listen(name, host, accept): Promise<Listener> {
      const endpoint = `loop://${name}`
      if (names.has(name)) throw new ZmqError("EADDRINUSE", { address: endpoint })
      const bound = { host, accept }
      names.set(name, bound)
      host.report({ type: "bind", address: endpoint })
      return {
        endpoint,
        async close() {
          if (names.get(name) !== bound) return
          names.delete(name)
          host.report({ type: "close", address: endpoint })
        },
      }
    },
  }
}

function checkName(name: string): void {
  if (!/^[a-z0-9-]+$/.test(name)) throw new ZmqError("EINVAL", { address: `loop://${name}` })
}

class LoopStream implements ByteStream {
  #other: LoopStream = this
  #sink: ByteSink | undefined
  #phase: "open" | "ended" | "closed" = "open"
  #paused = false
  #error: Error | undefined
  /** On its way to this end. */
  #incoming: Uint8Array[] = []
  #size = 0
  #busy = false
  #owesDrain = false

  private constructor(
    readonly local: string,
    readonly remote: string,
    readonly random: Random,
  ) {}

  static pair(name: string, random: Random): [LoopStream, LoopStream] {
    const near = new LoopStream(`${name}#near`, name, random)
    const far = new LoopStream(name, `${name}#near`, random)
    near.#other = far
    far.#other = near
    return [near, far]
  }

  open(sink: ByteSink): void {
    this.#sink = sink
    this.#work()
    this.#other.#work()
  }

  write(chunks: readonly Uint8Array[]): boolean {
    const other = this.#other
    if (this.#phase !== "open" || other.#phase === "closed") return true
    for (const chunk of chunks) other.#take(chunk)
    other.#work()
    this.#owesDrain ||= other.#size > ROOM
    return !this.#owesDrain
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#work()
  }

  end(): void {
    if (this.#phase !== "open") return
    this.#phase = "ended"
    this.#discard()
    this.#other.#work()
    this.#work()
  }

  destroy(error?: Error): void {
    if (this.#phase === "closed") return
    this.#error = error
    this.#phase = "closed"
    this.#discard()
    this.#other.#work()
    this.#work()
  }

  #take(chunk: Uint8Array): void {
    if (this.#phase !== "open" || chunk.length === 0) return
    this.#incoming.push(chunk)
    this.#size += chunk.length
  }

  #discard(): void {
    this.#incoming = []
    this.#size = 0
  }

  /** Looks in the next turn what there is to do. */
  #work(): void {
    if (this.#busy) return
    this.#busy = true
    setImmediate(() => {
      this.#busy = false
      if (this.#sink !== undefined) this.#step(this.#sink)
    })
  }

  #step(sink: ByteSink): void {
    for (let i = 0; i < 20 && this.#phase === "open" && !this.#paused && this.#size > 0; i++)
      sink.data(this.#cut())
    if (this.#isOver()) this.#close(sink)
    else this.#goOn(sink)
  }

  #goOn(sink: ByteSink): void {
    if (this.#owesDrain && this.#other.#size === 0) {
      this.#owesDrain = false
      sink.drain()
    }
    if (this.#size === 0) this.#other.#work()
    else if (!this.#paused) this.#work()
  }

  #isOver(): boolean {
    if (this.#phase === "closed") return true
    if (this.#other.#phase === "open") return this.#phase === "ended" && this.#other.#size === 0
    return this.#size === 0 || this.#phase === "ended"
  }

  #close(sink: ByteSink): void {
    this.#phase = "closed"
    this.#sink = undefined
    this.#discard()
    this.#other.#work()
    sink.closed(this.#error)
  }

  /** A piece from the front. */
  #cut(): Uint8Array {
    const first = this.#incoming[0]!
    const length = Math.min(first.length, 1 + this.random.below(this.random.chance(0.1) ? 16 : 65_536))
    if (length === first.length) this.#incoming.shift()
    else this.#incoming[0] = first.subarray(length)
    this.#size -= length
    return first.subarray(0, length)
  }
}
