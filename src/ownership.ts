/** Whose memory a part is, where its sender has said so with transfer(). Stays with the part wherever the library takes it. */

// A registered symbol: a part may come from another copy of the library.
const OWNERSHIP = Symbol.for("zeromq-ts.ownership")

/** `offered` is what transfer() returns; `given` what a send() makes of it: whoever comes to hold the part owns its memory. */
type Ownership = "offered" | "given"

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

/** The message for more than one receiver: none of them owns its parts. */
export function shared<M extends readonly Uint8Array[]>(message: M): M | Uint8Array[] {
  for (const part of message) if (ownershipOf(part) !== undefined) return message.map(each => each.subarray())
  return message
}

function ownershipOf(part: Uint8Array): Ownership | undefined {
  return (part as Marked)[OWNERSHIP]
}

function marked(part: Buffer, ownership: Ownership): Buffer {
  ;(part as Marked)[OWNERSHIP] = ownership
  return part
}
