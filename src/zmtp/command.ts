/** This module builds and parses the bodies of commands (RFC 37, "Commands"). A body is name size, name, data. */

import { protocolError, quoted, refusedByPeer } from "../base/errors.ts"
import { LONGEST_ROUTING_ID } from "../base/limits.ts"
import { allocate } from "../base/runtime.ts"
import type { LocalPeer, RemotePeer } from "../contracts/connection.ts"
import type { Control } from "../contracts/message.ts"
import type { RefusalStatus } from "../contracts/security.ts"
import { EMPTY } from "./frame.ts"
import { remotePeer } from "./remote-peer.ts"

/** This is a parsed command. */
export interface Command {
  readonly name: string
  readonly data: Buffer
}

/** A PING asks for at most this, because libzmq multiplies it by 100 in 16 bits: 656 tenths of a second become 64 ms. */
const MAX_TTL_TENTHS = 655
const CONTEXT_LIMIT = 16
const TTL_SIZE = 2

/** Parses a command. Returns undefined when the name is missing or cut off. */
export function parseCommand(body: Buffer): Command | undefined {
  const nameEnd = 1 + (body[0] ?? 0)
  if (nameEnd === 1 || nameEnd > body.length) return undefined
  return { name: body.toString("latin1", 1, nameEnd), data: body.subarray(nameEnd) }
}

/** Makes the metadata by which this end describes itself (RFC 37, "The NULL Security Mechanism"). */
export function metadataOf(local: LocalPeer): Buffer {
  const properties = [property("Socket-Type", Buffer.from(local.socketType, "latin1"))]
  if (local.tellsRoutingId) properties.push(property("Identity", local.routingId))
  return Buffer.concat(properties)
}

/** Makes READY, with which the handshake of NULL and PLAIN ends. */
export function readyCommand(local: LocalPeer): Uint8Array {
  return command("READY", metadataOf(local))
}

/** Makes ERROR, which tells the peer why it is refused. The reason is cut to 255 bytes. */
export function errorCommand(reason: string): Uint8Array {
  const text = Buffer.from(reason, "latin1").subarray(0, 0xff)
  return command("ERROR", Buffer.concat([Uint8Array.of(text.length), text]))
}

/**
 * Makes PING, which asks the peer for a PONG.
 * @param timeToLive after this many milliseconds of silence the peer may close the connection; 0 for never
 */
export function pingCommand(timeToLive: number, context: Uint8Array = EMPTY): Uint8Array {
  const tenths = Math.min(MAX_TTL_TENTHS, Math.floor(timeToLive / 100))
  return command("PING", Buffer.concat([Uint8Array.of(tenths >> 8, tenths & 0xff), context]))
}

/** Parses the data of PING. Returns undefined when it is too short, and is then to be ignored. */
export function parsePing(data: Buffer): { timeToLive: number; context: Buffer } | undefined {
  if (data.length < TTL_SIZE) return undefined
  return {
    timeToLive: data.readUInt16BE(0) * 100,
    context: data.subarray(TTL_SIZE, TTL_SIZE + CONTEXT_LIMIT),
  }
}

/** Makes PONG, the answer to a PING, with the context of that. */
export function pongCommand(context: Uint8Array): Uint8Array {
  return command("PONG", context.subarray(0, CONTEXT_LIMIT))
}

/** This PONG answers no PING in particular. */
export const UNASKED_PONG: Uint8Array = pongCommand(EMPTY)

/** Makes SUBSCRIBE or CANCEL as a command, for peers that speak 3.1 (RFC 37, "Publish-Subscribe"). */
export function controlCommand(control: Control): Uint8Array {
  return command(control.type === "subscribe" ? "SUBSCRIBE" : "CANCEL", control.topic)
}

/** Makes the same as the body of a message, for peers that speak 3.0 (RFC 23). */
export function controlMessage(control: Control): Uint8Array {
  return Buffer.concat([Uint8Array.of(control.type === "subscribe" ? 1 : 0), control.topic])
}

/** Parses SUBSCRIBE and CANCEL. The topic is copied, because it is kept for long and the received chunk must not be. */
export function parseControl({ name, data }: Command): Control | undefined {
  if (name === "SUBSCRIBE") return { type: "subscribe", topic: ownCopy(data) }
  if (name === "CANCEL") return { type: "cancel", topic: ownCopy(data) }
  return undefined
}

/**
 * Parses the metadata of READY (RFC 37, "The NULL Security Mechanism") by libzmq's rules. Names are case-sensitive, and
 * unknown ones are ignored. Socket-Type may be missing. Of several, the first Socket-Type and the last Identity count.
 */
export function parseMetadata(data: Buffer): RemotePeer {
  let socketType: string | undefined
  let routingId = EMPTY
  forEachProperty(data, (name, value) => {
    if (name === "Socket-Type") socketType ??= value.toString("latin1")
    else if (name === "Identity") routingId = checkedId(value)
  })
  return remotePeer(socketType, routingId)
}

/** Parses a list of properties (RFC 23, "Metadata"). Throws for one that is cut off. */
export function forEachProperty(data: Buffer, take: (name: string, value: Buffer) => void): void {
  let at = 0
  while (at < data.length) {
    const nameEnd = at + 1 + data[at]!
    const valueStart = nameEnd + 4
    if (valueStart > data.length) throw invalidMetadata("a property is cut off")
    const valueEnd = valueStart + data.readUInt32BE(nameEnd)
    if (valueEnd > data.length) throw invalidMetadata("a value is cut off")
    take(data.toString("latin1", at + 1, nameEnd), data.subarray(valueStart, valueEnd))
    at = valueEnd
  }
}

const STATUSES: Readonly<Record<string, RefusalStatus>> = { 300: 300, 400: 400, 500: 500 }

/**
 * Makes the error for a peer that sends ERROR. It forbids to dial again, because the peer would refuse us again. A reason
 * that is a status code of ZAP says that the peer doesn't know us (RFC 27).
 */
export function refused({ data }: Command): Error {
  const size = data[0]
  if (size === undefined || 1 + size > data.length)
    return protocolError("ERR_ZMTP_MALFORMED_COMMAND_ERROR", "an ERROR command whose reason is cut off")
  const reason = data.toString("latin1", 1, 1 + size)
  const status = Object.hasOwn(STATUSES, reason) ? STATUSES[reason] : undefined
  if (status !== undefined) return refusedByPeer(status)
  return protocolError("ERR_ZMTP_UNSPECIFIED", `the peer refused: ${quoted(reason)}`)
}

/** Makes the error for a command that is not allowed now. */
export function unexpected({ name }: Command): Error {
  return protocolError("ERR_ZMTP_UNEXPECTED_COMMAND", `a command ${quoted(name)} where none is allowed`)
}

/** Makes the body of a command. */
export function command(name: string, data: Uint8Array): Uint8Array {
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
