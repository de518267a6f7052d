import type { MessageLike } from "../base/parts.ts"
import type { Codec, Frame } from "./codec.ts"

/**
 * Messages as they are: an array of Buffers. As with a bare socket, small ones are views of the memory they were received
 * in, and keep all of it alive: copy what you keep for long.
 */
export function raw(): Codec<Buffer[], MessageLike | MessageLike[]> {
  return RAW
}

const RAW: Codec<Buffer[], MessageLike | MessageLike[]> = {
  // The socket makes bytes of all that it can send, so that parts given by transfer() stay what they are.
  encode: value => value as Frame | Frame[],
  decode: frames => frames,
}
