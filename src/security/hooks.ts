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
    const { userId = known.userId, metadata } = verdict
    known = { ...(userId !== undefined && { userId }), metadata: { ...known.metadata, ...metadata } }
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
  if (isRefusal(answer)) return refused(statusOf(answer), String(answer.reason))
  const { userId, metadata = {} } = answer
  if (userId !== undefined && typeof userId !== "string")
    return refused(500, "an authenticator has answered a user id that is no string")
  if (!isMetadata(metadata)) return refused(500, "an authenticator has answered metadata that is no text")
  return { name: "accepted", ...(userId !== undefined && { userId }), metadata: { ...metadata } }
}

function isRefusal(answer: Acceptance | Refusal): answer is Refusal {
  return "reason" in answer || "status" in answer
}

function statusOf({ status = 400 }: Refusal): RefusalStatus {
  return status === 300 || status === 500 ? status : 400
}

function isMetadata(value: unknown): value is Record<string, string> {
  if (typeof value !== "object" || value === null) return false
  return Object.values(value).every(text => typeof text === "string")
}

function refused(status: RefusalStatus, reason: string): Verdict {
  return { name: "refused", status, reason }
}

function messageOf(error: unknown): string {
  const { message } = Object(error) as { message?: unknown }
  return typeof message === "string" ? message : String(error)
}
