import { mayBeForged, protocolError } from "../../base/errors.ts"
import { bufferOver, copyInto } from "../../base/runtime.ts"
import {
  BOX_OVERHEAD,
  BOX_START,
  type Boxes,
  type BoxStream,
  PAYLOAD_START,
} from "../../security/box/boxes.ts"
import { unexpected } from "../command.ts"
import { COMMAND, EMPTY, MORE } from "../frame.ts"
import type { Protection } from "../mechanism.ts"
import { cryptographic, malformed, parseCurve } from "./curve.ts"

const NAME = Uint8Array.of(7, ..."MESSAGE".split("").map(letter => letter.charCodeAt(0)))
const OVERHEAD = BOX_START + BOX_OVERHEAD

/** Inside a box COMMAND has another bit than in a frame. libzmq has it so, though RFC 26 has commands in no box. */
const INNER_COMMAND = 0x02

/** Nothing is sealed by a key that was overwritten. */
const CLOSED: BoxStream = {
  seal() {
    throw new Error("the connection is closed")
  },
  open: () => -1,
  close() {},
}

/** The number of a nonce has 64 bits, in two halves. */
interface NonceNumber {
  high: number
  low: number
}

/**
 * This protects the traffic of a CURVE connection (RFC 26, "MESSAGE"). Each frame is the payload of a command MESSAGE. The
 * numbers of the nonces rise, so that no frame can be repeated, or come before another.
 */
export class CurveTraffic implements Protection {
  readonly overhead = OVERHEAD
  flags = 0
  #outgoing: BoxStream
  #incoming: BoxStream
  readonly #next: NonceNumber
  readonly #last: NonceNumber

  /**
   * @param key the key of the boxes between both ends, which the caller overwrites
   * @param next the number of our first nonce
   * @param last the peer's last nonce, which is a number of 8 bytes
   */
  constructor(boxes: Boxes, key: Uint8Array, isServer: boolean, next: number, last: Buffer) {
    const [client, server] = ["CurveZMQMESSAGEC", "CurveZMQMESSAGES"].map(start =>
      Buffer.from(start, "latin1"),
    )
    this.#outgoing = boxes.stream(key, isServer ? server! : client!)
    this.#incoming = boxes.stream(key, isServer ? client! : server!)
    this.#next = { high: 0, low: next }
    this.#last = { high: last.readUInt32BE(0), low: last.readUInt32BE(4) }
  }

  seal(flags: number, payload: Uint8Array, target: Uint8Array, offset: number): void {
    const next = this.#next
    const { high, low } = next
    if (low === 0xffff_ffff) {
      next.high = high + 1
      next.low = 0
    } else next.low = low + 1
    copyInto(target, NAME, offset)
    writeUint32(target, high, offset + NAME.length)
    writeUint32(target, low, offset + NAME.length + 4)
    const inner = (flags & MORE) | ((flags & COMMAND) === 0 ? 0 : INNER_COMMAND)
    this.#outgoing.seal(high, low, inner, payload, target, offset + BOX_START)
  }

  open(body: Buffer): Buffer {
    checkName(body)
    const high = uint32(body, NAME.length)
    const low = uint32(body, NAME.length + 4)
    const last = this.#last
    if (high < last.high || (high === last.high && low <= last.low))
      throw mayBeForged(protocolError("ERR_ZMTP_INVALID_SEQUENCE", "the nonce of a MESSAGE doesn't rise"))
    const inner = this.#incoming.open(high, low, body)
    if (inner < 0) throw cryptographic("the box of a MESSAGE doesn't open")
    last.high = high
    last.low = low
    this.flags = (inner & MORE) | ((inner & INNER_COMMAND) === 0 ? 0 : COMMAND)
    const size = body.length - OVERHEAD
    return size === 0 ? EMPTY : bufferOver(body.buffer, body.byteOffset + PAYLOAD_START, size)
  }

  close(): void {
    this.#outgoing.close()
    this.#incoming.close()
    this.#outgoing = CLOSED
    this.#incoming = CLOSED
  }
}

/** Throws for a body that is no MESSAGE, or too short for one. */
function checkName(body: Buffer): void {
  for (let i = 0; i < NAME.length; i++)
    if (body[i] !== NAME[i]) throw mayBeForged(unexpected(parseCurve(body)))
  if (body.length < OVERHEAD) throw malformed("MESSAGE", body.length - NAME.length)
}

function uint32(bytes: Buffer, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

function writeUint32(bytes: Uint8Array, value: number, at: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}
