/** A paused ZMTP connection notices its end by this, and reads no more ahead than it may. */
import type { ByteStream } from "../contracts/connection.ts"
import { UNASKED_PONG } from "../zmtp/command.ts"
import type { Session } from "../zmtp/session.ts"
import type { Output } from "./output.ts"
import { MOST_AHEAD } from "./paused-peers.ts"
import { READ_AHEAD } from "./unread-input.ts"
import type { ZmtpConnectionState } from "./zmtp-connection-state.ts"

/**
 * Sends a PONG that nobody asked for, because a write fails when the peer has gone. Older peers don't know it. Reading
 * ahead finds the end of a peer that has only closed its side, if it has left little.
 */
export function probePeer(session: Session, output: Output, stream: ByteStream, mayReadAhead: boolean): void {
  if (session.answersPings) output.command(UNASKED_PONG)
  if (mayReadAhead && session.bytes < MOST_AHEAD) stream.resume()
}

/** Is called when this many bytes have come though the connection is paused. They must not be too many. */
export function limitAhead(
  state: ZmtpConnectionState,
  session: Session,
  stream: ByteStream,
  bytes: number,
): void {
  if (state.name === "open" && session.bytes >= MOST_AHEAD) stream.pause()
  if (state.name !== "inputOnly") return
  state.bytes += bytes
  if (state.bytes > READ_AHEAD) stream.destroy()
}
