import type { Message } from "./contracts.ts"

/** What may be sent as one part: bytes are sent as they are, strings as UTF-8, null as an empty part. */
export type MessageLike = ArrayBufferView | ArrayBuffer | SharedArrayBuffer | string | number | null

const EMPTY = Buffer.alloc(0)

/** Up to this size a caller may reuse its memory as soon as send() returned; larger parts are sent from where they are. */
const COPIED_UP_TO = 128

/**
 * The parts of a message as bytes. Other values than {@link MessageLike} are sent as text.
 * Throws what their conversion throws, and a TypeError when there is no message.
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
  if (Buffer.isBuffer(value)) return value.length <= COPIED_UP_TO ? copyOf(value) : value
  if (value === null) return EMPTY
  if (ArrayBuffer.isView(value)) return fromMemory(value.buffer, value.byteOffset, value.byteLength)
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer)
    return fromMemory(value, 0, value.byteLength)
  // Unlike String(), this throws for a symbol, as the native package does.
  return Buffer.from(`${value}`)
}

function fromMemory(memory: ArrayBufferLike, offset: number, length: number): Uint8Array {
  const view = Buffer.from(memory as ArrayBuffer, offset, length)
  return length <= COPIED_UP_TO ? copyOf(view) : view
}

// Buffer.from() does the same in twice the time.
function copyOf(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafe(bytes.length)
  copy.set(bytes)
  return copy
}

/** The bytes of an option or topic, copied; null has none. */
export function toOwnBytes(value: unknown): Buffer {
  if (value === null) return EMPTY
  if (typeof value === "string") return Buffer.from(value)
  if (!ArrayBuffer.isView(value)) throw new TypeError("Option value must be a string or buffer")
  return Buffer.from(Buffer.from(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength))
}
