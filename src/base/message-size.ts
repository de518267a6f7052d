import type { Message } from "../contracts/message.ts"
import { ZmqError } from "./errors.ts"
import { LARGEST_MESSAGE, MOST_PARTS, PART_COST } from "./limits.ts"

/** A socket type may add parts to a message, or take some away, before it goes to the peer. */
export interface Envelope {
  /** This many parts are added. A REQ adds a request id and a delimiter. With -1 the first part, the peer's id, is left out. */
  readonly addedParts: number
}

/** The added parts have fewer bytes than this. */
const ENVELOPE_ROOM = 1024
/** A message of one part with at most this many bytes is taken with any envelope. */
const MAY_BE_WRAPPED = LARGEST_MESSAGE - ENVELOPE_ROOM
const NONE: Envelope = { addedParts: 0 }

/** False for a message that every peer would refuse, because it is above the limits for received messages. */
export function isTakenByPeers(message: Message, envelope: Envelope = NONE): boolean {
  return (message.length === 1 && message[0]!.length <= MAY_BE_WRAPPED) || isWithinLimits(message, envelope)
}

// It is a function of its own, because a short one costs a sender of short messages less.
function isWithinLimits(message: Message, { addedParts }: Envelope): boolean {
  const { length } = message
  const parts = length + addedParts
  if (parts > MOST_PARTS) return false
  let bytes = parts > 1 ? parts * PART_COST : 0
  for (let i = addedParts < 0 ? -addedParts : 0; i < length; i++) bytes += message[i]!.length
  return bytes <= LARGEST_MESSAGE
}

/** Makes the error for a message that no peer would take. */
export function tooLarge(): ZmqError {
  const reason = `a message takes ${MOST_PARTS} parts and ${LARGEST_MESSAGE} bytes at most`
  return new ZmqError("EMSGSIZE", { reason })
}

/** Returns how many bytes of memory a message takes, about: its own, and {@link PART_COST} for each part. */
export function memoryOf(message: Message): number {
  let bytes = message.length * PART_COST
  for (const part of message) bytes += part.length
  return bytes
}
