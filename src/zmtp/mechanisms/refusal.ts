/** A server refuses a peer by these rules (RFC 37 and RFC 27, "Status Codes"). */
import { refusalError } from "../../base/errors.ts"
import type { Verdict } from "../../contracts/security.ts"
import { errorCommand } from "../command.ts"

/** Returns the error of the connection when the verdict doesn't let its peer in. */
export function refusalBy(verdict: Verdict | undefined): Error | undefined {
  if (verdict?.name === "failed") return verdict.error
  return verdict?.name === "refused" ? refusalError(verdict.status, verdict.reason) : undefined
}

/** Returns the ERROR that tells the peer of its refusal. A temporary one is not told, so that the peer dials again. */
export function refusalCommand(verdict: Verdict | undefined): Uint8Array | undefined {
  if (verdict?.name !== "refused" || verdict.status === 300) return undefined
  return errorCommand(String(verdict.status))
}
