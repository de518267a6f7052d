import { protocolError } from "../base/errors.ts"
import { MOST_PARTS, PART_COST } from "../base/limits.ts"
import type { Message } from "../contracts/message.ts"

/** Collects the frames of a message. An unfinished one is dropped with its connection, as libzmq does. */
export class Assembler {
  readonly #limit: number
  #parts: Buffer[] = []
  #cost = 0

  /** @param limit most bytes of a message of several parts, each of which counts for {@link PART_COST} more */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Takes the next frame; the message, when this was its last one. Throws EMSGSIZE for one that takes too much. */
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
