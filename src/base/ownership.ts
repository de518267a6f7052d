/**
 * This file marks parts and messages with their ownership. A part is marked when its sender has called transfer(), and a
 * message when it goes to several receivers. The mark stays on the part or message inside the library.
 */

// The symbol is a registered one, because a part may come from another copy of the library.
const OWNERSHIP = Symbol.for("zeromq-ts.ownership")

/**
 * - offered: a part that transfer() has returned, and that is not sent yet
 * - given: a part that was offered and then sent; its memory belongs to its receiver
 * - shared: a message for several receivers, none of which owns it; an unmarked message belongs to its receiver
 * - common: a shared message whose memory several receivers of this thread get, so that none of them may move it away
 */
type Ownership = "offered" | "given" | "shared" | "common"

interface Marked {
  [OWNERSHIP]?: Ownership
}

/**
 * Returns the bytes as a part whose memory is handed over with it, by one send(). A transport may then move the memory to
 * the receiver instead of copying it, which leaves the buffer empty (detached). With other transports the part is sent
 * like any other. Don't touch the memory after the send().
 *
 * Memory is moved between threads when these conditions hold: the bytes are a whole ArrayBuffer (no slice, and not from
 * Node's pool), they are at least 16 KiB, and the message goes to one peer. A message that PUB or XPUB send to several
 * peers is copied.
 *
 * @param bytes the part to send
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

/** Returns the part to send for a part that the program has given. An offer counts for this one send(). */
export function accepted(part: Buffer): Buffer {
  const ownership = ownershipOf(part)
  if (ownership === undefined) return part
  const view = part.subarray()
  return ownership === "offered" ? marked(view, "given") : view
}

/** True when the memory of the part belongs to its receiver. */
export function isGiven(part: Uint8Array): boolean {
  return ownershipOf(part) === "given"
}

/**
 * Returns the message for several receivers, marked so that none of them takes it for its own. A pattern that writes one
 * message to several pipes must write the returned one, because otherwise each receiver may alter the message.
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

/** True when the message is for several receivers. */
export function isShared(message: readonly Uint8Array[]): boolean {
  const ownership = ownershipOf(message)
  return ownership === "shared" || ownership === "common"
}

/** Notes that receivers of this thread get the memory of a shared message itself. Returns true the first time. */
export function becomesCommon(message: readonly Uint8Array[]): boolean {
  if (ownershipOf(message) !== "shared") return false
  marked(message, "common")
  return true
}

function ownershipOf(thing: Uint8Array | readonly Uint8Array[]): Ownership | undefined {
  return (thing as Marked)[OWNERSHIP]
}

function marked<T extends Buffer | readonly Uint8Array[]>(thing: T, ownership: Ownership): T {
  ;(thing as Marked)[OWNERSHIP] = ownership
  return thing
}
