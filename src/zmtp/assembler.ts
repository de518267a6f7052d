import { protocolError } from "../base/errors.ts"
import { MANY_PARTS, MOST_PARTS, PART_COST } from "../base/limits.ts"
import type { Message } from "../contracts/message.ts"
import { type PartHolder, partBudget } from "./part-budget.ts"

/** The assembler collects the frames of a message. An unfinished message is dropped with its connection, as by libzmq. */
export class Assembler implements PartHolder {
  readonly #limit: number
  readonly #onOverdrawn: (error: Error) => void
  #parts: Buffer[] = []
  #cost = 0

  /**
   * @param limit how many bytes a message of several parts may have; each part counts for {@link PART_COST} more
   * @param onOverdrawn is called when the message must be dropped, because all unfinished ones have too many parts
   */
  constructor(limit: number, onOverdrawn: (error: Error) => void) {
    this.#limit = limit
    this.#onOverdrawn = onOverdrawn
  }

  get parts(): number {
    return this.#parts.length
  }

  overdrawn(): void {
    this.drop()
    this.#onOverdrawn(tooMany())
  }

  /** Drops the unfinished message. */
  drop(): void {
    if (this.#parts.length >= MANY_PARTS) partBudget.release(this)
    this.#parts = []
    this.#cost = 0
  }

  /** Takes the next frame. Returns the message when this was its last frame. Throws EMSGSIZE for a message too large. */
  add(body: Buffer, more: boolean): Message | undefined {
    const parts = this.#parts
    if (!more && parts.length === 0) return [body]
    this.#cost += body.length + PART_COST
    if (this.#cost > this.#limit) throw this.#tooLarge(`${this.#limit} bytes with ${PART_COST} for each part`)
    if (parts.push(body) > MOST_PARTS) throw this.#tooLarge(`${MOST_PARTS} parts`)
    if (parts.length % MANY_PARTS === 0 && !partBudget.charge(this)) throw tooMany()
    return more ? undefined : this.#take()
  }

  #take(): Message {
    const parts = this.#parts
    this.drop()
    return parts
  }

  #tooLarge(limit: string): Error {
    return protocolError("EMSGSIZE", `a message of more than ${limit}`)
  }
}

function tooMany(): Error {
  return protocolError("EMSGSIZE", "unfinished messages of too many parts")
}
