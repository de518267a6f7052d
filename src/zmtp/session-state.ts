import type { Greeting, GreetingParser } from "./greeting.ts"
import type { Mechanism } from "./mechanism.ts"

/** The life of a session. Each state carries what it needs, and an idle one next to nothing. */
export type SessionState =
  | { readonly phase: "greeting"; readonly mechanism: Mechanism; readonly parser: GreetingParser }
  | {
      readonly phase: "handshake"
      readonly mechanism: Mechanism
      readonly greeting: Greeting
      readonly due: boolean
    }
  | { readonly phase: "traffic"; readonly minor: Greeting["minor"] }
  | { readonly phase: "failed" | "stopped" }

export type Phase = SessionState["phase"]

/** By the minor version of the peer. */
export const TRAFFIC: readonly [SessionState, SessionState] = [
  { phase: "traffic", minor: 0 },
  { phase: "traffic", minor: 1 },
]

const FOLLOWERS: Readonly<Record<Phase, readonly Phase[]>> = {
  greeting: ["handshake", "failed", "stopped"],
  handshake: ["handshake", "traffic", "failed", "stopped"],
  traffic: ["failed", "stopped"],
  failed: [],
  stopped: [],
}

export function checkFollows({ phase }: SessionState, next: SessionState): void {
  if (FOLLOWERS[phase].includes(next.phase)) return
  throw new Error(`a session cannot go from ${phase} to ${next.phase}`)
}
