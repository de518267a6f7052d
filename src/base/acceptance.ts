import type { Acceptance } from "../contracts/security.ts"

/**
 * Adds what somebody has told of a peer to what is known of it: of user ids the later one counts, and of metadata all, the
 * later of one name.
 */
export function together(known: Acceptance, later: Acceptance): Acceptance {
  const { userId = known.userId } = later
  return { ...(userId !== undefined && { userId }), metadata: { ...known.metadata, ...later.metadata } }
}
