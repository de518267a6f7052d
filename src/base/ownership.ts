/**
 * Whose memory a part is, where its sender has said so with transfer(); and whose a message is. Stays with the part, or
 * the message, wherever the library takes it.
 */

// A registered symbol: a part may come from another copy of the library.
const OWNERSHIP = Symbol.for("zeromq-ts.ownership")

/**
 * `offered` is what transfer() returns; `given` what a send() makes of it: whoever comes to hold the part owns its memory.
 * A message that is `shared` belongs to nobody; all others to whoever is handed them.
 */
type Ownership = "offered" | "given" | "shared"

interface Marked {
  [OWNERSHIP]?: Ownership
}

/**
 * The bytes, for one send(): their memory is handed over with them. A transport that can moves it to the receiver
 * instead of copying it, and the buffer is empty (detached) from then on; with the others nothing changes. Don't touch
 * the memory after the send().
 *
 * Memory is moved between threads when it is an ArrayBuffer of its own, all of which is handed over (no slice, nothing
 * from Node's pool), 16 KiB at least, and the message goes to one peer: what PUB and XPUB send to several is copied.
 *
 * @example
 * ```ts
 * const picture = Buffer.from(await file.arrayBuffer())
 * await push.send(["picture", transfer(picture)])
 * ```
 */
export function transfer(bytes: ArrayBufferView | ArrayBuffer): Buffer {
  const view = ArrayBuffer.isView(bytes)
    ? Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength)
    : Buffer.from(bytes)
  return marked(view, "offered")
}

/** What is sent for a part of the user's: an offer holds for this send() only. */
export function accepted(part: Buffer): Buffer {
  const ownership = ownershipOf(part)
  if (ownership === undefined) return part
  const view = part.subarray()
  return ownership === "offered" ? marked(view, "given") : view
}

export function isGiven(part: Uint8Array): boolean {
  return ownershipOf(part) === "given"
}

/**
 * Returns the message for several receivers, none of whom owns it or its parts. A pattern that writes one message to
 * several pipes writes what this returns, because each receiver else takes the same parts for its own.
 *
 * @example
 * ```ts
 * import { type MessageParts, type Pipe, shared } from "zeromq-ts"
 * function writeToAll(pipes: readonly Pipe[], message: MessageParts) {
 *   const each = shared(message)
 *   for (const pipe of pipes) pipe.tryWrite(each)
 * }
 * ```
 */
export function shared(message: readonly Uint8Array[]): readonly Uint8Array[] {
  if (isShared(message)) return message
  const isMarked = message.some(part => ownershipOf(part) !== undefined)
  return marked(isMarked ? message.map(part => part.subarray()) : message, "shared")
}

export function isShared(message: readonly Uint8Array[]): boolean {
  return ownershipOf(message) === "shared"
}

function ownershipOf(thing: Uint8Array | readonly Uint8Array[]): Ownership | undefined {
  return (thing as Marked)[OWNERSHIP]
}

function marked<T extends Buffer | readonly Uint8Array[]>(thing: T, ownership: Ownership): T {
  ;(thing as Marked)[OWNERSHIP] = ownership
  return thing
}
