import { protocolError } from "../base/errors.ts"
import type { Message } from "../contracts/message.ts"
import { HARD_LIMIT } from "./frame.ts"

/** A message of more frames is an attack on the receiver's memory, however small they are. */
export const MAX_PARTS = 2 ** 20

/** Collects the frames of a message. An unfinished one is dropped with its connection, as libzmq does. */
export class Assembler {
  #parts: Buffer[] = []
  #bytes = 0

  /** Takes the next frame; the message, when this was its last one. Throws EMSGSIZE for an endless message. */
  add(body: Buffer, more: boolean): Message | undefined {
    if (!more && this.#parts.length === 0) return [body]
    this.#bytes += body.length
    if (this.#bytes > HARD_LIMIT) throw protocolError("EMSGSIZE", `a message of over ${HARD_LIMIT} bytes`)
    if (this.#parts.push(body) > MAX_PARTS)
      throw protocolError("EMSGSIZE", `a message of over ${MAX_PARTS} frames`)
    return more ? undefined : this.clear()
  }

  /** What was collected; begins anew. */
  clear(): Message {
    const parts = this.#parts
    this.#parts = []
    this.#bytes = 0
    return parts
  }
}
