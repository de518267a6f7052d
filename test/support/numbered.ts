/** Numbered messages: what conformance with another process is measured by. Used on both sides. */

export interface NumberedOptions {
  /** Parts in front of the numbered ones, such as a routing id. */
  readonly prefix?: readonly string[]
  /** The first part begins with it. */
  readonly topic?: string
  /** Bytes of the last part. */
  readonly size?: number
  /** Number of parts; "mixed" takes one, two, three, one, … */
  readonly parts?: number | "mixed"
}

/** Message number n: prefix, topic and number, filler parts, and a last part whose bytes depend on the number. */
export function numbered(
  n: number,
  { prefix = [], topic = "", size = 16, parts = 1 }: NumberedOptions = {},
): Buffer[] {
  const count = parts === "mixed" ? 1 + (n % 3) : parts
  const message: Buffer[] = prefix.map(part => Buffer.from(part))
  message.push(Buffer.from(`${topic}${n}`))
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

/** What askAgain() needs of a REQ socket: relaxed, correlated, with a receiveTimeout. */
interface Asker {
  send(message: Buffer[]): Promise<void>
  receive(): Promise<Buffer[]>
}

/** Asks with each numbered message, again when no answer comes in time, and checks that the reply is the same. */
export async function askAgain(
  socket: Asker,
  from: number,
  to: number,
  options?: NumberedOptions,
): Promise<void> {
  const check = new NumberedCheck(from, options)
  while (check.next < to) {
    await socket.send(numbered(check.next, options))
    const reply = await socket.receive().catch(unlessLate)
    if (reply !== undefined) check.take(reply)
  }
}

function unlessLate(error: { code?: string }): undefined {
  if (error.code !== "EAGAIN") throw error
}
