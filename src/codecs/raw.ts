import { type MessageLike, toMessage } from "../base/parts.ts"
import type { Codec } from "./codec.ts"

/**
 * Messages as they are: an array of Buffers. As with a bare socket, small ones are views of the memory they were received
 * in, and keep all of it alive: copy what you keep for long.
 */
export function raw(): Codec<Buffer[], MessageLike | MessageLike[]> {
  return RAW
}

const RAW: Codec<Buffer[], MessageLike | MessageLike[]> = {
  encode: value => toMessage(value),
  decode: frames => frames,
}
