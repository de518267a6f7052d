import { transitions } from "../base/transitions.ts"
import type { Greeting, GreetingParser } from "./greeting.ts"
import type { Mechanism } from "./mechanism.ts"

/** The life of a session. Each state carries what it needs, and an idle one next to nothing. */
export type SessionState =
  | { readonly name: "greeting"; readonly mechanism: Mechanism; readonly parser: GreetingParser }
  | {
      readonly name: "handshake"
      readonly mechanism: Mechanism
      readonly greeting: Greeting
      readonly due: boolean
    }
  | { readonly name: "traffic"; readonly minor: Greeting["minor"] }
  | { readonly name: "failed" | "stopped" }

export type Phase = SessionState["name"]

/** By the minor version of the peer. */
export const TRAFFIC: readonly [SessionState, SessionState] = [
  { name: "traffic", minor: 0 },
  { name: "traffic", minor: 1 },
]

export const followingSession = transitions<Phase>("a session", {
  greeting: ["handshake", "failed", "stopped"],
  handshake: ["handshake", "traffic", "failed", "stopped"],
  traffic: ["failed", "stopped"],
  failed: [],
  stopped: [],
})
