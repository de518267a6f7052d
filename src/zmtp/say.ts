import type { FrameEncoder } from "./frame-encoder.ts"
import { type Dialect, type GreetingExchange, isOld } from "./greeting.ts"
import type { Mechanism } from "./mechanism.ts"

/**
 * Sends the next piece of our greeting. READY of a mechanism without secrets follows at once, because waiting would take
 * longer. Others wait until the peer has told its mechanism, because they must not say a secret to a stranger.
 */
export function sayGreeting(outgoing: FrameEncoder, mechanism: Mechanism, greeting: GreetingExchange): void {
  sayPieces(outgoing, greeting)
  const { dialect } = greeting
  const isEarly = mechanism.name === "NULL" && dialect !== undefined && !isOld(dialect)
  if (isEarly) sayAll(outgoing, mechanism, dialect)
}

/**
 * Takes the bytes of a chunk that belong to the peer's greeting. A peer with another mechanism gets our whole greeting, to
 * know why we part.
 *
 * @returns what is left of the chunk, or the error for such a peer
 */
export function takeGreeting(
  outgoing: FrameEncoder,
  greeting: GreetingExchange,
  chunk: Uint8Array,
): Uint8Array | Error {
  try {
    return chunk.subarray(greeting.feed(chunk))
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ERR_ZMTP_MECHANISM_MISMATCH") throw error
    sayPieces(outgoing, greeting)
    return error as Error
  }
}

function sayPieces(outgoing: FrameEncoder, greeting: GreetingExchange): void {
  for (let piece = greeting.next(); piece !== undefined; piece = greeting.next()) outgoing.raw(piece)
}

/** Sends all that the mechanism has to say by now. */
export function sayAll(outgoing: FrameEncoder, mechanism: Mechanism, dialect: Dialect): void {
  for (let body = mechanism.next(); body !== undefined; body = mechanism.next()) say(outgoing, body, dialect)
}

/** Sends a body of the handshake. A "1.0 bare" peer gets no header, because it read our signature as that header. */
function say(outgoing: FrameEncoder, body: Uint8Array, dialect: Dialect): void {
  if (dialect === "1.0 bare") outgoing.raw(body)
  else if (isOld(dialect)) outgoing.message([body])
  else outgoing.command(body)
}
