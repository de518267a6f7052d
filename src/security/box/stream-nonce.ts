import { NONCE_START } from "./boxes.ts"

/** These are the nonces of a stream: they begin alike, and end with a number of 8 bytes (RFC 26, "Nonces"). */
export class StreamNonce {
  readonly #bytes = new Uint8Array(NONCE_START + 8)
  readonly #number = new DataView(this.#bytes.buffer, NONCE_START)

  constructor(start: Uint8Array) {
    this.#bytes.set(start)
  }

  /** Returns the nonce with this number, given as its two halves. It is valid until the next call. */
  of(high: number, low: number): Uint8Array {
    this.#number.setUint32(0, high)
    this.#number.setUint32(4, low)
    return this.#bytes
  }
}
