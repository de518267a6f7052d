import type { Message } from "../contracts/message.ts"
import { accepted, becomesCommon, isShared } from "./ownership.ts"
import { allocateShared, Buffer, copyInto, forbidTransfer, isAnyArrayBuffer } from "./runtime.ts"

/** A value of these types can be sent as one part. Strings are sent as UTF-8, numbers as text, null as an empty part. */
export type MessageLike = ArrayBufferView | ArrayBuffer | SharedArrayBuffer | string | number | null

const EMPTY = allocateShared(0)

/**
 * A part of at most this many bytes is copied. So the caller may reuse its memory as soon as send() has returned. Larger
 * parts are sent without a copy.
 */
const SMALL_PART = 128

/**
 * Makes a message of the value that a program sends. Bytes stay in the caller's memory (see {@link ownMessage}). Values
 * that are not {@link MessageLike} are sent as text. Throws what their conversion throws, and a TypeError for undefined.
 *
 * @param value one part, or an array of parts
 */
export function toMessage(value: unknown): Message {
  if (Array.isArray(value)) return toParts(value)
  if (value === undefined) throw new TypeError("Message must be present")
  return [toBytes(value)]
}

// It is a loop, because map() leaves out the holes of an array.
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
 * Copies the small parts of a message into memory of their own. The message can then be kept, and handed to a program that
 * may alter it. The result is the same array, unless the message is shared.
 *
 * @param inThread true when its receiver is in this thread. Larger parts of a shared message are then common to several, so
 *   that their memory can't be transferred to another thread any more
 */
export function ownMessage(message: Message, inThread = false): Message {
  if (inThread && becomesCommon(message)) keepInThread(message)
  const parts = isShared(message) ? [...message] : (message as Uint8Array[])
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!
    if (part.length > 0 && part.length <= SMALL_PART) parts[i] = copyOf(part)
  }
  return parts
}

function keepInThread(message: Message): void {
  for (const part of message) if (part.length > SMALL_PART) forbidTransfer(part.buffer)
}

// Buffer.from() does the same, but takes twice the time.
function copyOf(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafe(bytes.length)
  copyInto(copy, bytes)
  return copy
}

/** Returns a copy of the bytes of an option or topic. For null it is empty. */
export function toOwnBytes(value: unknown): Buffer {
  if (value === null) return EMPTY
  if (typeof value === "string") return Buffer.from(value)
  if (!ArrayBuffer.isView(value)) throw new TypeError("Option value must be a string or buffer")
  return Buffer.from(Buffer.from(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength))
}
