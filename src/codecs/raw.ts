import type { MessageLike } from "../base/parts.ts"
import type { Codec, Frame } from "./codec.ts"

/**
 * Makes a codec that leaves messages as they are, arrays of Buffers. As without a codec, small Buffers are views of the
 * memory that they were received in, and keep all of it. So copy the bytes that you keep for long.
 */
export function raw(): Codec<Buffer[], MessageLike | MessageLike[]> {
  return RAW
}

const RAW: Codec<Buffer[], MessageLike | MessageLike[]> = {
  // The value is not converted here, because send() does it, and parts made by transfer() must stay as they are.
  encode: value => value as Frame | Frame[],
  decode: frames => frames,
}
