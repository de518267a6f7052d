/** This class keeps a secret out of whatever prints the object that has it, such as a log of options. */
export class Secret {
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Returns the bytes of the secret, which must not be altered. */
  reveal(): Uint8Array {
    return this.#bytes
  }
}
