import { protocolError } from "../base/errors.ts"
import { MOST_PARTS, PART_COST } from "../base/limits.ts"
import type { Message } from "../contracts/message.ts"

/** The assembler collects the frames of a message. An unfinished message is dropped with its connection, as by libzmq. */
export class Assembler {
  readonly #limit: number
  #parts: Buffer[] = []
  #cost = 0

  /** @param limit how many bytes a message of several parts may have; each part counts for {@link PART_COST} more */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Takes the next frame. Returns the message when this was its last frame. Throws EMSGSIZE for a message too large. */
  add(body: Buffer, more: boolean): Message | undefined {
    const parts = this.#parts
    if (!more && parts.length === 0) return [body]
    this.#cost += body.length + PART_COST
    if (this.#cost > this.#limit) throw this.#tooLarge(`${this.#limit} bytes with ${PART_COST} for each part`)
    if (parts.push(body) > MOST_PARTS) throw this.#tooLarge(`${MOST_PARTS} parts`)
    return more ? undefined : this.#take()
  }

  #take(): Message {
    const parts = this.#parts
    this.#parts = []
    this.#cost = 0
    return parts
  }

  #tooLarge(limit: string): Error {
    return protocolError("EMSGSIZE", `a message of more than ${limit}`)
  }
}
