import { LARGEST_MESSAGE } from "../base/limits.ts"

/** A peer may send this many bytes. */
export interface MessageLimits {
  /** One part may have this many bytes. */
  readonly part: number
  /** A message of several parts may have this many bytes. Each part counts as some bytes more than it has. */
  readonly whole: number
}

const NO_LIMIT: MessageLimits = { part: LARGEST_MESSAGE, whole: LARGEST_MESSAGE }

/** A whole message may be as large as LARGEST_PARTS parts of the largest size, or as LEAST_WHOLE. */
const LARGEST_PARTS = 16
const LEAST_WHOLE = 4 * 1024 * 1024

/** Returns the limits that the option `maxMessageSize` sets. With -1 there are only the fixed ones. */
export function messageLimits(maxMessageSize: number): MessageLimits {
  if (maxMessageSize < 0) return NO_LIMIT
  const part = Math.min(maxMessageSize, LARGEST_MESSAGE)
  return { part, whole: Math.min(Math.max(part * LARGEST_PARTS, LEAST_WHOLE), LARGEST_MESSAGE) }
}
