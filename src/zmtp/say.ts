import type { FrameEncoder } from "./frame-encoder.ts"
import { type Dialect, isOld } from "./greeting.ts"
import type { Mechanism } from "./mechanism.ts"

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
