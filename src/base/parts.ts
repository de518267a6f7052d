import type { Message } from "../contracts/message.ts"
import { accepted, isShared } from "./ownership.ts"
import { Buffer, copyInto, isAnyArrayBuffer } from "./runtime.ts"

/** What may be sent as one part: bytes are sent as they are, strings as UTF-8, null as an empty part. */
export type MessageLike = ArrayBufferView | ArrayBuffer | SharedArrayBuffer | string | number | null

const EMPTY = Buffer.alloc(0)

/** Up to this size a caller may reuse its memory as soon as send() returned; larger parts are sent from where they are. */
const SMALL_PART = 128

/**
 * The parts of a message as bytes, in the caller's memory where there is any: see {@link ownMessage}. Other values than
 * {@link MessageLike} are sent as text. Throws what their conversion throws, and a TypeError when there is no message.
 */
export function toMessage(value: unknown): Message {
  if (Array.isArray(value)) return toParts(value)
  if (value === undefined) throw new TypeError("Message must be present")
  return [toBytes(value)]
}

// (A loop, since map() leaves out holes.)
function toParts(values: unknown[]): Message {
  const parts: Uint8Array[] = []
  for (let i = 0; i < values.length; i++) parts.push(toBytes(values[i]))
  return parts
}

function toBytes(value: unknown): Uint8Array {
  if (typeof value === "string") return Buffer.from(value)
  if (Buffer.isBuffer(value)) return accepted(value)
  if (value === null) return EMPTY
  if (ArrayBuffer.isView(value))
    return Buffer.from(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength)
  if (isAnyArrayBuffer(value)) return Buffer.from(value as ArrayBuffer)
  // Unlike String(), this throws for a symbol, as the native package does.
  return Buffer.from(`${value}`)
}

/**
 * The message with its small parts in memory of their own, so that it can be kept, and handed to a program that may do
 * with it what it likes. It is the same array, unless others have that too.
 */
export function ownMessage(message: Message): Message {
  const parts = isShared(message) ? [...message] : (message as Uint8Array[])
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!
    if (part.length > 0 && part.length <= SMALL_PART) parts[i] = copyOf(part)
  }
  return parts
}

// Buffer.from() does the same in twice the time.
function copyOf(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafe(bytes.length)
  copyInto(copy, bytes)
  return copy
}

/** The bytes of an option or topic, copied; null has none. */
export function toOwnBytes(value: unknown): Buffer {
  if (value === null) return EMPTY
  if (typeof value === "string") return Buffer.from(value)
  if (!ArrayBuffer.isView(value)) throw new TypeError("Option value must be a string or buffer")
  return Buffer.from(Buffer.from(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength))
}
