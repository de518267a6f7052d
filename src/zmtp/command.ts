/** Commands: their bodies, built and taken apart (RFC 37, "Commands"). A body is name size, name, data. */

import { protocolError, quoted } from "../base/errors.ts"
import { LONGEST_ROUTING_ID } from "../base/limits.ts"
import { allocate } from "../base/runtime.ts"
import type { LocalPeer, RemotePeer } from "../contracts/connection.ts"
import type { Control } from "../contracts/message.ts"
import { EMPTY } from "./frame.ts"

/** A command taken apart. */
export interface Command {
  readonly name: string
  readonly data: Buffer
}

/** libzmq multiplies what it receives by 100 in 16 bits; 656 tenths of a second would be 64 ms to it. */
const MAX_TTL_TENTHS = 655
const CONTEXT_LIMIT = 16
const TTL_SIZE = 2

/** Undefined when the name is missing or cut off. */
export function parseCommand(body: Buffer): Command | undefined {
  const nameEnd = 1 + (body[0] ?? 0)
  if (nameEnd === 1 || nameEnd > body.length) return undefined
  return { name: body.toString("latin1", 1, nameEnd), data: body.subarray(nameEnd) }
}

/** READY: what this end says about itself (RFC 37, "The NULL Security Mechanism"). */
export function readyCommand(local: LocalPeer): Uint8Array {
  const properties = [property("Socket-Type", Buffer.from(local.socketType, "latin1"))]
  if (local.tellsRoutingId) properties.push(property("Identity", local.routingId))
  return command("READY", Buffer.concat(properties))
}

/** ERROR: why this end refuses the peer; at most 255 bytes of reason. */
export function errorCommand(reason: string): Uint8Array {
  const text = Buffer.from(reason, "latin1").subarray(0, 0xff)
  return command("ERROR", Buffer.concat([Uint8Array.of(text.length), text]))
}

/** PING: asks for a sign of life; the peer may give us up after so many milliseconds of silence, 0 for never. */
export function pingCommand(timeToLive: number, context: Uint8Array = EMPTY): Uint8Array {
  const tenths = Math.min(MAX_TTL_TENTHS, Math.floor(timeToLive / 100))
  return command("PING", Buffer.concat([Uint8Array.of(tenths >> 8, tenths & 0xff), context]))
}

/** What a PING asks for; undefined when it is too short to say, which is then ignored. */
export function parsePing(data: Buffer): { timeToLive: number; context: Buffer } | undefined {
  if (data.length < TTL_SIZE) return undefined
  return {
    timeToLive: data.readUInt16BE(0) * 100,
    context: data.subarray(TTL_SIZE, TTL_SIZE + CONTEXT_LIMIT),
  }
}

/** PONG: the answer to a PING, with its context. */
export function pongCommand(context: Uint8Array): Uint8Array {
  return command("PONG", context.subarray(0, CONTEXT_LIMIT))
}

/** SUBSCRIBE or CANCEL as a command: to peers that speak 3.1 (RFC 37, "Publish-Subscribe"). */
export function controlCommand(control: Control): Uint8Array {
  return command(control.type === "subscribe" ? "SUBSCRIBE" : "CANCEL", control.topic)
}

/** The same as the body of a message: to peers that speak 3.0 (RFC 23). */
export function controlMessage(control: Control): Uint8Array {
  return Buffer.concat([Uint8Array.of(control.type === "subscribe" ? 1 : 0), control.topic])
}

/** The topic leaves the chunk it came in: it is kept for long, the chunk must not be. */
export function parseControl({ name, data }: Command): Control | undefined {
  if (name === "SUBSCRIBE") return { type: "subscribe", topic: ownCopy(data) }
  if (name === "CANCEL") return { type: "cancel", topic: ownCopy(data) }
  return undefined
}

/**
 * The metadata of READY (RFC 37, "The NULL Security Mechanism") by libzmq's rules: names are case-sensitive,
 * unknown ones mean nothing, Socket-Type may be missing; of several, the first Socket-Type and the last Identity count.
 */
export function parseMetadata(data: Buffer): RemotePeer {
  let socketType: string | undefined
  let routingId = EMPTY
  let at = 0
  while (at < data.length) {
    const nameEnd = at + 1 + data[at]!
    const valueStart = nameEnd + 4
    if (valueStart > data.length) throw invalidMetadata("a property is cut off")
    const valueEnd = valueStart + data.readUInt32BE(nameEnd)
    if (valueEnd > data.length) throw invalidMetadata("a value is cut off")
    const name = data.toString("latin1", at + 1, nameEnd)
    if (name === "Socket-Type") socketType ??= data.toString("latin1", valueStart, valueEnd)
    else if (name === "Identity") routingId = checkedId(data.subarray(valueStart, valueEnd))
    at = valueEnd
  }
  return { socketType, routingId }
}

/** A peer that sends ERROR has refused us: dialling again would not change its mind. */
export function refused({ data }: Command): Error {
  const size = data[0]
  if (size === undefined || 1 + size > data.length)
    return protocolError("ERR_ZMTP_MALFORMED_COMMAND_ERROR", "an ERROR command whose reason is cut off")
  return protocolError(
    "ERR_ZMTP_UNSPECIFIED",
    `the peer refused: ${quoted(data.toString("latin1", 1, 1 + size))}`,
  )
}

/** A command that is known, or not, but in no case due now. */
export function unexpected({ name }: Command): Error {
  return protocolError("ERR_ZMTP_UNEXPECTED_COMMAND", `a command ${quoted(name)} where none is allowed`)
}

function command(name: string, data: Uint8Array): Uint8Array {
  const body = allocate(1 + name.length + data.length)
  body[0] = name.length
  body.write(name, 1, "latin1")
  body.set(data, 1 + name.length)
  return body
}

function property(name: string, value: Uint8Array): Buffer {
  const bytes = allocate(1 + name.length + 4 + value.length)
  bytes[0] = name.length
  bytes.write(name, 1, "latin1")
  bytes.writeUInt32BE(value.length, 1 + name.length)
  bytes.set(value, 1 + name.length + 4)
  return bytes
}

function ownCopy(bytes: Buffer): Buffer {
  if (bytes.length === 0) return EMPTY
  const copy = allocate(bytes.length)
  copy.set(bytes)
  return copy
}

/** A routing id of a peer, in memory of its own. Throws for one that is too long. */
export function checkedId(id: Buffer): Buffer {
  if (id.length <= LONGEST_ROUTING_ID) return ownCopy(id)
  throw invalidMetadata(`a routing id of ${id.length} bytes, where ${LONGEST_ROUTING_ID} are allowed`)
}

function invalidMetadata(reason: string): Error {
  return protocolError("ERR_ZMTP_INVALID_METADATA", reason)
}
