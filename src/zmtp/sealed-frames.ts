import { COMMAND, COMMAND_LIMIT } from "./frame.ts"
import { checkSize, type FrameDecoder } from "./frame-decoder.ts"
import type { FrameEncoder } from "./frame-encoder.ts"
import type { Mechanism, Protection } from "./mechanism.ts"

/**
 * Ends the handshake on both ways of the bytes: from now on frames have the limits of traffic, and are sealed if the
 * mechanism protects them.
 *
 * @param part limits each part of a message, in bytes
 * @returns the mechanism's protection, which the mechanism itself has no longer
 */
export function beginTraffic(
  decoder: FrameDecoder,
  outgoing: FrameEncoder,
  mechanism: Mechanism,
  part: number,
): Protection | undefined {
  const { protection } = mechanism
  decoder.messageLimit = part
  decoder.commandLimit = COMMAND_LIMIT
  if (protection === undefined) return undefined
  // A frame tells only inside whether it is a command.
  const most = Math.max(part, COMMAND_LIMIT) + protection.overhead
  decoder.messageLimit = most
  decoder.commandLimit = most
  outgoing.protect(protection)
  mechanism.close?.()
  return protection
}

/**
 * Returns the frame that is in a sealed one; its flags are then the protection's. Those of the sealed one say nothing,
 * because libzmq looks only at those inside.
 *
 * @param part limits a part of a message, in bytes
 */
export function openSealed(protection: Protection, body: Buffer, part: number): Buffer {
  const payload = protection.open(body)
  const isCommand = (protection.flags & COMMAND) !== 0
  checkSize(isCommand ? COMMAND : 0, payload.length, isCommand ? COMMAND_LIMIT : part)
  return payload
}
