import { Socket as NetSocket, type SocketConstructorOpts } from "node:net"
import { afterMicrotasks, allocate } from "../../src/base/runtime.ts"

/** Takes what a socket receives. */
export interface Intake {
  /** Memory that the next bytes shall be read into; undefined for any. Asked after each call of the others. */
  vacancy(): Uint8Array | undefined
  /** So many bytes are in the memory that vacancy() returned last. */
  filled(count: number): void
  /** Bytes that are there until this returns. */
  data(chunk: Uint8Array): void
}

/** What Node's sockets have beyond their types. */
interface Inside {
  _handle?: { useUserBuffer?: unknown } | null
}

const SCRATCH_SIZE = 64 * 1024
/** After a read into a vacancy little is expected but the next header, and much would have to be copied once more. */
const HEADER_READ_SIZE = 4 * 1024

let scratch: Buffer | undefined

/**
 * The memory that all connections of this thread are read into, one after the other: none holds a buffer of its own
 * while it waits, and Node doesn't take 64 KiB anew for each read.
 */
function sharedScratch(): Buffer {
  scratch ??= allocate(SCRATCH_SIZE)
  return scratch
}

/**
 * The reading side of a fresh, paused socket: into memory of ours where that can be. Node offers that (`onread`) when a
 * socket is made, but not for those that a server accepts; so the connection's handle moves to a socket made for it.
 */
export class OwnReads {
  /** Stands in for the one given. */
  readonly socket: NetSocket
  readonly #intake: Intake
  #paused = true
  /** Where the next bytes go, if not into the scratch memory. */
  #vacancy: Uint8Array | undefined
  #wasVacancy = false
  /** What was read though we had paused, as Node may do once: how much of the vacancy, or a copy. */
  #late: number | Uint8Array | undefined

  constructor(given: NetSocket, intake: Intake) {
    this.#intake = intake
    const early = given.readableLength > 0 ? (given.read() as Buffer | null) : null
    const successor = this.#successorOf(given)
    this.socket = successor ?? given
    // What came before, and whatever a runtime without `onread` receives.
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
    // Without its handle this closes nothing; a server counts one connection less.
    given.destroy()
    return successor
  }

  /** Where to read to next. */
  #place(): Uint8Array {
    this.#vacancy = this.#paused ? undefined : this.#intake.vacancy()
    if (this.#vacancy !== undefined) return this.#vacancy
    return this.#wasVacancy ? sharedScratch().subarray(0, HEADER_READ_SIZE) : sharedScratch()
  }

  /** False stops the reading. */
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
