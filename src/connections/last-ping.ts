/**
 * This file has the exchange that ends a connection. Its last PING asks whether the peer has taken all that came before,
 * and the PONG with the same context says so.
 */
import { asBuffer } from "../base/runtime.ts"
import type { ByteStream } from "../contracts/connection.ts"
import { pingCommand, pongCommand } from "../zmtp/command.ts"
import { COMMAND } from "../zmtp/frame.ts"
import type { Session } from "../zmtp/session.ts"
import type { Output } from "./output.ts"

/** This is the context of the PING that is sent last, so that its PONG can't be another one's. */
const LAST_CONTEXT = asBuffer(Uint8Array.of(0x65, 0x6e, 0x64))

/** A connection ends with this command. */
const LAST_PING = pingCommand(0, LAST_CONTEXT)

/** A peer that has taken all before the last PING says this. */
const LAST_PONG = pongCommand(LAST_CONTEXT)

const FRAME = Buffer.from([COMMAND, LAST_PING.length, ...LAST_PING])

/** Adds the last PING, if the peer answers that and the stream lets us read the answer. Returns whether it does. */
export function askLast(session: Session, stream: ByteStream): boolean {
  const asks = session.answersPings && stream.listensAfterEnd === true
  if (asks) session.outgoing.command(LAST_PING)
  return asks
}

/** True for the context of a PONG that answers the last PING. */
export function isLastPong(context: Uint8Array): boolean {
  return LAST_CONTEXT.equals(context)
}

/**
 * Answers a last PING that came while the connection is paused. The peer's end mark follows, so that nobody could be
 * answered once what came before has been read. All of that is kept until then.
 *
 * @param former what this returned for the bytes before these, if they came while paused too
 * @returns the last bytes that came, as many as a last PING has
 */
export function answerLastPing(former: Uint8Array | undefined, chunk: Uint8Array, output: Output): Buffer {
  const last = chunk.subarray(-FRAME.length)
  const tail = Buffer.concat(former === undefined ? [last] : [former, last]).subarray(-FRAME.length)
  // These bytes may be a part of a message instead; then the peer drops the answer.
  if (tail.equals(FRAME)) output.command(LAST_PONG)
  return tail
}
