import { asBuffer } from "../base/runtime.ts"
import { pingCommand, pongCommand } from "../zmtp/command.ts"
import { COMMAND } from "../zmtp/frame.ts"

/** This is the context of the PING that is sent last, so that its PONG can't be another one's. */
export const LAST_CONTEXT = asBuffer(Uint8Array.of(0x65, 0x6e, 0x64))

/** A connection ends with this command. */
export const LAST_PING: Uint8Array = pingCommand(0, LAST_CONTEXT)

/** A peer that has taken all before the last PING says this. */
export const LAST_PONG: Uint8Array = pongCommand(LAST_CONTEXT)

const FRAME = Buffer.from([COMMAND, LAST_PING.length, ...LAST_PING])

/**
 * Returns the last bytes of a stream, as many as a last PING has.
 * @param former what was returned before these bytes came, if they follow that
 */
export function tailOf(former: Uint8Array | undefined, chunk: Uint8Array): Buffer {
  const last = chunk.subarray(-FRAME.length)
  return Buffer.concat(former === undefined ? [last] : [former, last]).subarray(-FRAME.length)
}

/** True when a stream with this tail ends with a last PING, unless that is a part of a message. */
export function isLastPing(tail: Buffer): boolean {
  return tail.equals(FRAME)
}
