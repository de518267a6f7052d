import { TimeLimit } from "../base/time-limit.ts"
import type { ByteStream } from "../contracts/connection.ts"

/** Milliseconds. */
const PATIENCE = 1000

/**
 * Ends a stream in order though nobody waits for its end. The peer has a little time to close its side, because a close
 * before that would look to it as if the connection had broken.
 *
 * @returns the limit of that time, to be stopped when the stream is closed
 */
export function endUnawaited(stream: ByteStream): TimeLimit {
  stream.end()
  return new TimeLimit(PATIENCE, () => stream.destroy())
}
