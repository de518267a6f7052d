/** Numbered messages: what conformance with another process is measured by. Used on both sides. */

export interface NumberedOptions {
  /** The first part begins with it. */
  readonly topic?: string
  /** Bytes of the last part. */
  readonly size?: number
  /** Number of parts; "mixed" takes one, two, three, one, … */
  readonly parts?: number | "mixed"
}

/** Message number n: topic and number, filler parts, and a last part whose bytes depend on the number. */
export function numbered(n: number, { topic = "", size = 16, parts = 1 }: NumberedOptions = {}): Buffer[] {
  const count = parts === "mixed" ? 1 + (n % 3) : parts
  const message: Buffer[] = [Buffer.from(`${topic}${n}`)]
  for (let i = 1; i < count; i++) message.push(i === count - 1 ? body(n, size) : Buffer.alloc(i % 2, n))
  return message
}

function body(n: number, size: number): Buffer {
  return Buffer.alloc(size, n & 0xff)
}

/** Checks that messages come as numbered, each once and in order. */
export class NumberedCheck {
  #next: number
  readonly #options: NumberedOptions

  constructor(from: number, options: NumberedOptions = {}) {
    this.#next = from
    this.#options = options
  }

  get next(): number {
    return this.#next
  }

  /** Throws when this isn't the message that is due. */
  take(message: readonly Uint8Array[]): void {
    const expected = numbered(this.#next, this.#options)
    const same =
      message.length === expected.length && expected.every((part, i) => part.equals(message[i] as Uint8Array))
    if (!same) {
      const head = Buffer.from(message[0] ?? Buffer.alloc(0)).toString()
      throw new Error(
        `expected number ${this.#next}, got ${message.length} parts, first ${JSON.stringify(head)}`,
      )
    }
    this.#next++
  }
}
