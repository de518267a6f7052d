import { together } from "../base/acceptance.ts"
import type {
  Acceptance,
  Authenticator,
  AuthenticatorAnswer,
  PeerToAuthenticate,
  Refusal,
  RefusalStatus,
  Verdict,
} from "../contracts/security.ts"

/**
 * Asks the authenticators in their order, and stops at the first that doesn't let the peer in. Each may add to what is known
 * of the peer: the last user id counts, and the metadata of all.
 */
export async function askHooks(hooks: readonly Authenticator[], peer: PeerToAuthenticate): Promise<Verdict> {
  let known: Acceptance = {}
  for (const hook of hooks) {
    const verdict = await askHook(hook, peer)
    if (verdict.name !== "accepted") return verdict
    known = together(known, verdict)
  }
  return { name: "accepted", ...known }
}

async function askHook(hook: Authenticator, peer: PeerToAuthenticate): Promise<Verdict> {
  try {
    return verdictOf(await hook(peer))
  } catch (error) {
    return refused(500, `an authenticator has thrown: ${messageOf(error)}`)
  }
}

/** Everything but a clear yes is a no, because a bug in an authenticator must not open the door. */
function verdictOf(answer: AuthenticatorAnswer): Verdict {
  if (answer === true) return { name: "accepted" }
  if (typeof answer !== "object" || answer === null)
    return refused(400, `an authenticator has answered ${String(answer)}`)
  if ("reason" in answer || "status" in answer) return refusalOf(answer as Partial<Refusal>)
  if (!isAcceptance(answer))
    return refused(500, "an authenticator has answered neither a user id, nor metadata, nor a reason")
  const { userId, metadata = {} } = answer
  return { name: "accepted", ...(userId !== undefined && { userId }), metadata: { ...metadata } }
}

function refusalOf({ reason, status = 400 }: Partial<Refusal>): Verdict {
  const text = typeof reason === "string" ? reason : "an authenticator has refused"
  return refused(status === 300 || status === 500 ? status : 400, text)
}

/** An answer about something that was not found is no yes, such as `{ userId: undefined }` or an empty list. */
function isAcceptance(answer: object): answer is Acceptance {
  const known = Object.keys(answer).filter(key => key === "userId" || key === "metadata")
  const { userId, metadata } = answer as { readonly userId?: unknown; readonly metadata?: unknown }
  if (known.includes("userId") && typeof userId !== "string") return false
  if (known.includes("metadata") && !isMetadata(metadata)) return false
  return known.length > 0
}

function isMetadata(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false
  return Object.values(value).every(text => typeof text === "string")
}

function refused(status: RefusalStatus, reason: string): Verdict {
  return { name: "refused", status, reason }
}

function messageOf(error: unknown): string {
  try {
    const { message, reason } = Object(error) as { message?: unknown; reason?: unknown }
    const text = typeof message === "string" ? message : String(error)
    return typeof reason === "string" ? `${text}: ${reason}` : text
  } catch {
    return "an error that can't be read"
  }
}
