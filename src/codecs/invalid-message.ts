import { instanceTest } from "../base/copies.ts"
import { ZmqError } from "../base/errors.ts"
import { type Issue, SchemaError } from "./schema.ts"

/**
 * The codec or its schema has refused a received message. The code is EBADMSG, `cause` is the error that was thrown, and
 * `reason` is its text. The message can be read from this error only, because it is taken out of the queue.
 */
export class InvalidMessageError extends ZmqError {
  /** @internal */
  static override readonly [Symbol.hasInstance] = /* @__PURE__ */ instanceTest(this, "InvalidMessageError")
  /** This is the whole message, envelope and topic included. */
  readonly parts: Buffer[]
  /** The schema has found these issues. There are none when the message could not be decoded. */
  readonly issues: readonly Issue[]

  constructor(parts: Buffer[], cause: unknown) {
    const reason = textOf(cause)
    super("EBADMSG", { message: `Bad message: ${reason}`, reason, cause })
    this.parts = parts
    this.issues = cause instanceof SchemaError ? cause.issues : []
  }
}

/** Returns the text of a thrown value, which may be an error of another realm, or no error at all. */
function textOf(cause: unknown): string {
  const message = (cause as { message?: unknown } | null | undefined)?.message
  return typeof message === "string" ? message : String(cause)
}
