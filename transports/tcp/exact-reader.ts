import type { Socket } from "node:net"
import { ZmqError } from "../../src/base/errors.ts"
import { TimeLimit } from "../../src/base/time-limit.ts"
import { givenUp } from "../common/abort.ts"

/** A proxy answers so often: to the choice of a method, and to the request. */
const ROUNDS = 2

interface Wanted {
  readonly count: number
  resolve(bytes: Buffer): void
  reject(error: Error): void
}

/**
 * Reads a connected socket by the byte, for a talk that comes before the stream proper. It ends with release(): what
 * was received and not read is the stream's. When the peer leaves, the time is up or the signal is aborted, the socket
 * is destroyed and every read rejects.
 */
export class ExactReader {
  readonly #socket: Socket
  readonly #release: () => void
  #received = Buffer.alloc(0)
  #wanted: Wanted | undefined
  #failure: Error | undefined

  /** @param timeout for the whole talk, in ms; 0 for ever */
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

  /** So many bytes, exactly. One read at a time. */
  read(count: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure)
      this.#wanted = { count, resolve, reject }
      this.#serve()
    })
  }

  /** Gives the socket back, paused. */
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

  /** Reads no further than is asked for: the rest waits in the socket. */
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
