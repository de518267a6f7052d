/** Whose memory a part is: what its sender said with transfer(). It stays with the part wherever the library takes it. */

// A registered symbol: a part may come from another copy of the library.
const OWNERSHIP = Symbol.for("zeromq-ts.ownership")

interface Marked {
  /** `offered` by the user, in the argument of a send(); `given` from then on. */
  [OWNERSHIP]?: "offered" | "given"
}

export function mark(part: Uint8Array, ownership: "offered" | "given"): void {
  ;(part as Marked)[OWNERSHIP] = ownership
}

export function ownershipOf(part: Uint8Array): "offered" | "given" | undefined {
  return (part as Marked)[OWNERSHIP]
}

/** The same bytes as nobody's in particular. */
export function unmarked(part: Uint8Array): Uint8Array {
  return part.subarray()
}
