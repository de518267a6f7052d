import type { Message } from "../contracts/message.ts"
import { ZmqError } from "./errors.ts"
import { LARGEST_MESSAGE, MOST_PARTS, PART_COST } from "./limits.ts"

/** Parts of a message and their bytes, on its way to the peer, beside those that the program has given. */
export interface Envelope {
  /** Of a REQ, a request id and a delimiter; -1 where the first part, the peer's id, stays here. */
  readonly addedParts: number
}

/** Any envelope of ours has fewer bytes. */
const ENVELOPE_ROOM = 1024
const NONE: Envelope = { addedParts: 0 }

/** False for a message that no peer takes, because the limits of what is received have no room for it. */
export function isTakenByPeers(message: Message, envelope: Envelope = NONE): boolean {
  const { length } = message
  if (length === 1 && message[0]!.length <= LARGEST_MESSAGE - ENVELOPE_ROOM) return true
  const { addedParts } = envelope
  const parts = length + addedParts
  if (parts > MOST_PARTS) return false
  let bytes = parts > 1 ? parts * PART_COST : 0
  for (let i = addedParts < 0 ? -addedParts : 0; i < length; i++) bytes += message[i]!.length
  return bytes <= LARGEST_MESSAGE
}

export function tooLarge(): ZmqError {
  const reason = `a message takes ${MOST_PARTS} parts and ${LARGEST_MESSAGE} bytes at most`
  return new ZmqError("EMSGSIZE", { reason })
}
