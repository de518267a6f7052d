import type { Socket } from "node:net"
import { ZmqError } from "../../src/base/errors.ts"
import { TimeLimit } from "../../src/base/time-limit.ts"
import { givenUp } from "../common/abort.ts"

/** A proxy answers this many times: to the choice of a method, and to the request. */
const ROUNDS = 2

interface Wanted {
  readonly count: number
  resolve(bytes: Buffer): void
  reject(error: Error): void
}

/**
 * Reads exact numbers of bytes from a connected socket, for a dialogue that precedes the stream. The dialogue ends with
 * release(): the stream then gets the bytes that were received and not read. When the peer leaves, the time is up or the
 * signal is aborted, the socket is destroyed and every read rejects.
 */
export class ExactReader {
  readonly #socket: Socket
  readonly #release: () => void
  #received = Buffer.alloc(0)
  #wanted: Wanted | undefined
  #failure: Error | undefined

  /** @param timeout for the whole dialogue, in milliseconds; 0 for no limit */
  constructor(socket: Socket, endpoint: string, timeout: number, signal: AbortSignal) {
    this.#socket = socket
    const take = (chunk: Buffer) => this.#take(chunk)
    const left = () => this.#fail(new ZmqError("EPIPE", { address: endpoint }))
    const failed = (error: Error) => this.#fail(error)
    const abort = () => this.#fail(givenUp(endpoint))
    const expire = () => this.#fail(new ZmqError("ETIMEDOUT", { address: endpoint }))
    const limit = timeout > 0 ? new TimeLimit(timeout, expire, ROUNDS) : undefined
    socket.on("data", take).on("end", left).on("close", left).on("error", failed)
    signal.addEventListener("abort", abort)
    this.#release = () => {
      limit?.stop()
      signal.removeEventListener("abort", abort)
      socket.off("data", take).off("end", left).off("close", left).off("error", failed)
    }
    if (signal.aborted) abort()
  }

  /** Reads exactly `count` bytes. Only one read may be under way at a time. */
  read(count: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure)
      this.#wanted = { count, resolve, reject }
      this.#serve()
    })
  }

  /** Ends the dialogue, and leaves the socket paused. */
  release(): void {
    if (this.#failure !== undefined) return
    this.#release()
    this.#socket.pause()
    if (this.#received.length > 0) this.#socket.unshift(this.#received)
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    this.#serve()
  }

  /** Settles the read under way once its bytes are there. The socket is paused whenever no read needs more. */
  #serve(): void {
    const wanted = this.#wanted
    if (wanted === undefined) return
    if (this.#received.length < wanted.count) {
      this.#socket.resume()
      return
    }
    this.#socket.pause()
    this.#wanted = undefined
    const bytes = this.#received.subarray(0, wanted.count)
    this.#received = this.#received.subarray(wanted.count)
    wanted.resolve(bytes)
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#release()
    this.#socket.destroy()
    this.#wanted?.reject(error)
    this.#wanted = undefined
  }
}
