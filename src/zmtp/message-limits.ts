import { LARGEST_MESSAGE } from "../base/limits.ts"

/** Bytes that a peer may send. */
export interface MessageLimits {
  /** As one part. */
  readonly part: number
  /** As a message of several parts, where each counts for some bytes more than it has. */
  readonly whole: number
}

const NO_LIMIT: MessageLimits = { part: LARGEST_MESSAGE, whole: LARGEST_MESSAGE }

/** A whole message may take as much as so many of the largest parts, or as some megabytes where that is more. */
const LARGEST_PARTS = 16
const LEAST_WHOLE = 4 * 1024 * 1024

/** The limits that the option `maxMessageSize` sets; -1 leaves only the fixed ones. */
export function messageLimits(maxMessageSize: number): MessageLimits {
  if (maxMessageSize < 0) return NO_LIMIT
  const part = Math.min(maxMessageSize, LARGEST_MESSAGE)
  return { part, whole: Math.min(Math.max(part * LARGEST_PARTS, LEAST_WHOLE), LARGEST_MESSAGE) }
}
