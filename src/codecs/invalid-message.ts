import { acceptCopies } from "../base/copies.ts"
import { ZmqError } from "../base/errors.ts"
import { type Issue, SchemaError } from "./schema.ts"

/**
 * A message that was received, and that the codec or its schema refused: code EBADMSG, `cause` what they threw, `reason`
 * its text. The message is here and nowhere else.
 */
export class InvalidMessageError extends ZmqError {
  /** The whole message as it came, envelope and topic included. */
  readonly parts: Buffer[]
  /** The schema had these against the value. There are none when it could not even be decoded. */
  readonly issues: readonly Issue[]

  constructor(parts: Buffer[], cause: unknown) {
    const reason = textOf(cause)
    super("EBADMSG", { message: `Bad message: ${reason}`, reason, cause })
    this.parts = parts
    this.issues = cause instanceof SchemaError ? cause.issues : []
  }
}

acceptCopies(InvalidMessageError, "InvalidMessageError")

/** What was thrown may be an error of another realm, or none at all. */
function textOf(cause: unknown): string {
  const message = (cause as { message?: unknown } | null | undefined)?.message
  return typeof message === "string" ? message : String(cause)
}
