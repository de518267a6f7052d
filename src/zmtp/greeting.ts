import { protocolError, quoted, strangerError } from "../base/errors.ts"
import { allocate, asBuffer } from "../base/runtime.ts"

/** Every ZMTP 3 greeting has this length (RFC 37, "Greeting"). */
const GREETING_SIZE = 64

const VERSION_AT = 10
const MECHANISM_AT = 12
const MECHANISM_SIZE = 20
const AS_SERVER_AT = 32

/** The dialect of the peer: minor 0 takes subscriptions as messages, minor 1 as commands. */
export interface Greeting {
  readonly minor: 0 | 1
}

/**
 * The 64 bytes this end opens with: always version 3.1, and the padding libzmq sends when it is anonymous
 * (RFC 37, "Greeting").
 */
export function encodeGreeting(mechanism: string, asServer: boolean): Uint8Array {
  const greeting = allocate(GREETING_SIZE).fill(0)
  greeting[0] = 0xff
  greeting[8] = 0x01
  greeting[9] = 0x7f
  greeting[VERSION_AT] = 3
  greeting[VERSION_AT + 1] = 1
  greeting.write(mechanism, MECHANISM_AT, MECHANISM_SIZE, "latin1")
  greeting[AS_SERVER_AT] = asServer ? 1 : 0
  return greeting
}

/**
 * Collects the peer's greeting, byte by byte if need be, and refuses it as soon as one byte is wrong: what is no
 * ZMTP 3 peer often sends less than 64 bytes and then waits. The padding, the as-server flag and the filler are
 * never looked at, as in libzmq; nor is the minor version of a major one beyond 3, which counts as 3.1.
 */
export class GreetingParser {
  readonly #mechanism: string
  readonly #bytes = allocate(GREETING_SIZE).fill(0)
  #length = 0

  constructor(mechanism: string) {
    this.#mechanism = mechanism
  }

  /** The greeting, once it is complete. */
  get result(): Greeting | undefined {
    if (this.#length < GREETING_SIZE) return undefined
    const isOlder = this.#bytes[VERSION_AT] === 3 && this.#bytes[VERSION_AT + 1] === 0
    return { minor: isOlder ? 0 : 1 }
  }

  /** Takes what belongs to the greeting and says how many bytes that were. Throws for a peer of another kind. */
  feed(chunk: Uint8Array): number {
    const count = Math.min(GREETING_SIZE - this.#length, chunk.length)
    asBuffer(chunk).copy(this.#bytes, this.#length, 0, count)
    this.#length += count
    this.#check()
    return count
  }

  #check(): void {
    const bytes = this.#bytes
    if (this.#length > 0 && bytes[0] !== 0xff) throw notZmtp(`its first byte is ${hex(bytes[0]!)}`)
    if (this.#length > 9 && (bytes[9]! & 1) === 0) throw notZmtp(`its tenth byte is ${hex(bytes[9]!)}`)
    if (this.#length > VERSION_AT && bytes[VERSION_AT]! < 3)
      throw notZmtp(`it speaks version ${bytes[VERSION_AT]! === 0 ? 1 : 2}`)
    if (this.#length >= AS_SERVER_AT) this.#checkMechanism()
  }

  /** All twenty bytes count: "NULL" followed by anything but NULs is another mechanism. */
  #checkMechanism(): void {
    const field = this.#bytes.toString("latin1", MECHANISM_AT, AS_SERVER_AT)
    if (field === this.#mechanism.padEnd(MECHANISM_SIZE, "\0")) return
    const theirs = quoted(field.replace(/\0+$/, ""))
    throw protocolError(
      "ERR_ZMTP_MECHANISM_MISMATCH",
      `the peer's mechanism is ${theirs}, ours is ${JSON.stringify(this.#mechanism)}`,
    )
  }
}

function notZmtp(why: string): Error {
  return strangerError(`not a ZMTP 3 peer: ${why}`)
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`
}
