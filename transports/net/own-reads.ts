import { Socket as NetSocket, type SocketConstructorOpts } from "node:net"
import { afterMicrotasks, allocate } from "../../src/base/runtime.ts"

/** An intake takes the bytes that a socket receives. */
export interface Intake {
  /** Returns the memory for the next bytes; undefined for any memory. It is called after each call of the others. */
  vacancy(): Uint8Array | undefined
  /** Is called when `count` bytes were read into the memory that vacancy() returned last. */
  filled(count: number): void
  /** Is called with bytes that are valid only until it returns. */
  data(chunk: Uint8Array): void
}

/** Node's sockets have this member beyond their types. */
interface Inside {
  _handle?: { useUserBuffer?: unknown } | null
}

const SCRATCH_SIZE = 64 * 1024
/** A read after one into a vacancy is this short, because it should bring the next header only. */
const HEADER_READ_SIZE = 4 * 1024

let scratch: Buffer | undefined

/**
 * Returns the memory into which all connections of this thread are read, one after the other. It is shared, because then
 * an idle connection holds no buffer, and Node doesn't allocate 64 KiB for each read.
 */
function sharedScratch(): Buffer {
  scratch ??= allocate(SCRATCH_SIZE)
  return scratch
}

/**
 * This class is the reading side of a new, paused socket. It reads into our own memory where the runtime allows that.
 * Node offers it (`onread`) only when a socket is made, and not for sockets that a server accepts. So the connection's
 * handle moves to a new socket.
 */
export class OwnReads {
  /** This socket replaces the given one. */
  readonly socket: NetSocket
  readonly #intake: Intake
  #paused = true
  /** The next bytes go here; undefined when they go into the scratch memory. */
  #vacancy: Uint8Array | undefined
  #wasVacancy = false
  /**
   * Holds the bytes that were read during a pause, because Node may read once more. A number says how many bytes of the
   * vacancy were filled; an array is a copy.
   */
  #late: number | Uint8Array | undefined

  constructor(given: NetSocket, intake: Intake) {
    this.#intake = intake
    const early = given.readableLength > 0 ? (given.read() as Buffer | null) : null
    const successor = this.#successorOf(given)
    this.socket = successor ?? given
    // This event brings the bytes that came before, and all bytes on a runtime without `onread`.
    if (successor === undefined || early !== null) this.socket.on("data", chunk => intake.data(chunk))
    if (early !== null) this.socket.unshift(early)
  }

  pause(): void {
    this.#paused = true
    this.socket.pause()
  }

  resume(): void {
    this.#paused = false
    if (this.#late === undefined) this.socket.resume()
    else afterMicrotasks(() => this.#deliverLate())
  }

  #deliverLate(): void {
    const late = this.#late
    if (this.#paused || late === undefined) return
    this.#late = undefined
    if (typeof late === "number") this.#intake.filled(late)
    else this.#intake.data(late)
    if (!this.#paused) this.socket.resume()
  }

  #successorOf(given: NetSocket): NetSocket | undefined {
    const inside = given as unknown as Inside
    const handle = inside._handle
    if (given.destroyed || typeof handle?.useUserBuffer !== "function") return undefined
    inside._handle = null
    const onread = {
      buffer: () => this.#place(),
      callback: (count: number, buffer: Uint8Array) => this.#received(count, buffer),
    }
    const options = { handle, allowHalfOpen: true, pauseOnCreate: true, onread }
    const successor = new NetSocket(options as SocketConstructorOpts)
    // Without its handle this closes no connection. A server then counts one connection less.
    given.destroy()
    return successor
  }

  /** Returns the memory for the next read. */
  #place(): Uint8Array {
    this.#vacancy = this.#paused ? undefined : this.#intake.vacancy()
    if (this.#vacancy !== undefined) return this.#vacancy
    return this.#wasVacancy ? sharedScratch().subarray(0, HEADER_READ_SIZE) : sharedScratch()
  }

  /** Passes on the bytes of a read. Returns false to stop the reading. */
  #received(count: number, buffer: Uint8Array): boolean {
    this.#wasVacancy = this.#vacancy !== undefined
    if (this.#paused) {
      this.#late = this.#wasVacancy ? count : new Uint8Array(buffer.subarray(0, count))
      return false
    }
    if (this.#wasVacancy) this.#intake.filled(count)
    else this.#intake.data(buffer.subarray(0, count))
    return true
  }
}
