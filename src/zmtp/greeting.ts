import { protocolError, quoted, strangerError } from "../base/errors.ts"
import { allocate, asBuffer } from "../base/runtime.ts"
import type { LocalPeer } from "../contracts/connection.ts"
import type { Mechanism } from "./mechanism.ts"
import { numberOf, typeOf } from "./type-numbers.ts"

/** Every ZMTP 3 greeting has this length (RFC 37, "Greeting"). */
const GREETING_SIZE = 64
/** A greeting of version 2, and of version 1 if it has one, ends behind its socket type (RFC 15, "Framing"). */
const OLD_GREETING_SIZE = 12

const SIGNATURE_SIZE = 10
const ID_SIZE_AT = 7
const FLAGS_AT = 9
const VERSION_AT = 10
const MINOR_AT = 11
const MECHANISM_AT = 12
const MECHANISM_SIZE = 20
const AS_SERVER_AT = 32

/** The two ends speak one of these dialects. "1.0 bare" is version 1 of a peer that sends no version. */
export type Dialect = "1.0 bare" | "1.0" | "2.0" | "3.0" | "3.1"

/** Returns true for the dialects without commands. Their handshake is a routing id, and then messages follow. */
export function isOld(dialect: Dialect): boolean {
  return dialect < "3"
}

/** This is the content of the peer's greeting. */
export interface Greeting {
  readonly dialect: Dialect
  /** Old peers send the number of their socket type in the greeting. */
  readonly socketType: string | undefined
  /** These bytes came instead of a greeting, from a peer of the dialect "1.0 bare". */
  readonly first: Uint8Array | undefined
}

/**
 * Makes the 64 bytes with which this end opens (RFC 37, "Greeting"). The version is always 3.1. The padding is the size of
 * the routing id and flags, as in libzmq, because the oldest peers read the signature as the header of the id's frame.
 */
export function encodeGreeting(mechanism: string, asServer: boolean, routingIdSize = 0): Uint8Array {
  const greeting = allocate(GREETING_SIZE).fill(0)
  greeting[0] = 0xff
  greeting.writeUInt16BE(routingIdSize + 1, ID_SIZE_AT)
  greeting[FLAGS_AT] = 0x7f
  greeting[VERSION_AT] = 3
  greeting[MINOR_AT] = 1
  greeting.write(mechanism, MECHANISM_AT, MECHANISM_SIZE, "latin1")
  greeting[AS_SERVER_AT] = asServer ? 1 : 0
  return greeting
}

/**
 * This class exchanges the two greetings. Ours is sent in three pieces, as libzmq's is, each once the peer's bytes show
 * that it understands that piece. The peer's is collected, byte by byte if need be. It is refused as soon as one byte is
 * wrong, because a stranger often sends less than 64 bytes and then waits. The padding, the as-server flag and the filler
 * are ignored, as in libzmq. A major version beyond 3 counts as 3.1.
 */
export class GreetingExchange {
  readonly #mechanism: string
  readonly #takesOld: boolean
  readonly #number: number
  readonly #ours: Uint8Array
  #sent = 0
  readonly #bytes = allocate(GREETING_SIZE).fill(0)
  #length = 0
  #dialect: Dialect | undefined

  constructor(mechanism: Pick<Mechanism, "name" | "asServer" | "older">, local: LocalPeer) {
    this.#mechanism = mechanism.name
    this.#takesOld = mechanism.older !== undefined
    this.#number = numberOf(local.socketType)
    this.#ours = encodeGreeting(mechanism.name, mechanism.asServer, local.routingId.length)
  }

  /** This is the dialect, as soon as the peer's bytes show it. */
  get dialect(): Dialect | undefined {
    return this.#dialect
  }

  /** This is the peer's greeting once it is complete; undefined before. */
  get result(): Greeting | undefined {
    const dialect = this.#dialect
    if (dialect === undefined || this.#length < sizeOf(dialect)) return undefined
    if (dialect === "1.0 bare")
      return { dialect, socketType: undefined, first: this.#bytes.subarray(0, this.#length) }
    return {
      dialect,
      socketType: isOld(dialect) ? typeOf(this.#bytes[MINOR_AT]!) : undefined,
      first: undefined,
    }
  }

  /** Returns the next piece of our greeting, if one is due. */
  next(): Uint8Array | undefined {
    const end = this.#due()
    if (end <= this.#sent) return undefined
    const piece = this.#ours.subarray(this.#sent, end)
    this.#sent = end
    return piece
  }

  /** Takes the bytes that belong to the greeting, and returns how many those were. Throws for a peer that speaks no known dialect. */
  feed(chunk: Uint8Array): number {
    let taken = 0
    while (this.result === undefined && taken < chunk.length) {
      const wanted = this.#dialect === undefined ? VERSION_AT + 1 : sizeOf(this.#dialect)
      const count = Math.min(wanted - this.#length, chunk.length - taken)
      asBuffer(chunk).copy(this.#bytes, this.#length, taken, taken + count)
      this.#length += count
      taken += count
      this.#check()
    }
    return taken
  }

  /** Returns how many bytes of our greeting may be sent by now. */
  #due(): number {
    const dialect = this.#dialect
    const isVersioned = this.#length >= SIGNATURE_SIZE && (this.#bytes[FLAGS_AT]! & 1) === 1
    if (dialect === "1.0 bare" || !isVersioned) return SIGNATURE_SIZE
    return dialect === undefined ? VERSION_AT + 1 : sizeOf(dialect)
  }

  #check(): void {
    const bytes = this.#bytes
    const length = this.#length
    if (length > 0 && bytes[0] !== 0xff) this.#checkShortId()
    else if (length > FLAGS_AT && (bytes[FLAGS_AT]! & 1) === 0) this.#checkLongId()
    else if (length > VERSION_AT) this.#dialect ??= this.#versioned(bytes[VERSION_AT]!)
    if (length > MINOR_AT && this.#dialect === "3.1" && bytes[VERSION_AT] === 3 && bytes[MINOR_AT] === 0)
      this.#dialect = "3.0"
    if (length >= AS_SERVER_AT) this.#checkMechanism()
  }

  #versioned(major: number): Dialect {
    if (major > 2) return "3.1"
    if (major === 2) throw notZmtp("its version byte is 0x02, which no version has")
    return this.#old(major === 0 ? "1.0" : "2.0")
  }

  #old(dialect: Dialect): Dialect {
    const version = `it speaks ZMTP ${dialect.slice(0, 3)}`
    if (this.#mechanism !== "NULL") throw notZmtp(`${version}, which has no ${this.#mechanism}`)
    if (!this.#takesOld) throw notZmtp(`${version}, which has no authentication`)
    if (this.#number < 0) throw notZmtp(`${version}, where this socket's type has no number`)
    this.#ours[MINOR_AT] = this.#number
    return dialect
  }

  /** Checks the frame of a short routing id. The id must not begin with a 0, because other protocols are known by that. */
  #checkShortId(): void {
    const bytes = this.#bytes
    const length = this.#length
    const size = bytes[0]!
    if (size === 0 || (length > 1 && bytes[1] !== 0) || (length > 2 && size > 1 && bytes[2] === 0))
      throw notZmtp(`its first byte is ${hex(size)}`)
    if (length > (size === 1 ? 1 : 2)) this.#dialect ??= this.#old("1.0 bare")
  }

  /** The frame of a routing id of 254 or 255 bytes. */
  #checkLongId(): void {
    const bytes = this.#bytes
    const size = bytes.readUIntBE(3, 6)
    const isId = bytes[FLAGS_AT] === 0 && bytes.readUInt16BE(1) === 0 && (size === 255 || size === 256)
    if (!isId || (this.#length > VERSION_AT && bytes[VERSION_AT] === 0))
      throw notZmtp(`its tenth byte is ${hex(bytes[FLAGS_AT]!)}`)
    if (this.#length > VERSION_AT) this.#dialect ??= this.#old("1.0 bare")
  }

  /** Checks all twenty bytes, because "NULL" followed by anything but NULs is another mechanism. */
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

/** Returns how many bytes the greeting has in a dialect. */
function sizeOf(dialect: Dialect): number {
  if (dialect === "1.0 bare") return 0
  return isOld(dialect) ? OLD_GREETING_SIZE : GREETING_SIZE
}

function notZmtp(why: string): Error {
  return strangerError(`not a ZMTP 3 peer: ${why}`)
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`
}
