import { transitions } from "../base/transitions.ts"
import type { Dialect, GreetingExchange } from "./greeting.ts"
import type { Mechanism } from "./mechanism.ts"

/** A session goes through these states. Each carries only its own data, because an idle session must be small. */
export type SessionState =
  | { readonly name: "greeting"; readonly mechanism: Mechanism; readonly greeting: GreetingExchange }
  | {
      readonly name: "handshake"
      readonly mechanism: Mechanism
      readonly dialect: Dialect
      readonly due: boolean
    }
  | { readonly name: "traffic"; readonly dialect: Dialect }
  | { readonly name: "failed" | "stopped" }

export type Phase = SessionState["name"]

/** Holds the states of traffic, by the dialect of the peer. */
export const TRAFFIC: Readonly<Record<Dialect, SessionState>> = {
  "1.0 bare": { name: "traffic", dialect: "1.0 bare" },
  "1.0": { name: "traffic", dialect: "1.0" },
  "2.0": { name: "traffic", dialect: "2.0" },
  "3.0": { name: "traffic", dialect: "3.0" },
  "3.1": { name: "traffic", dialect: "3.1" },
}

export const followingSession = transitions<Phase>("a session", {
  greeting: ["handshake", "failed", "stopped"],
  handshake: ["handshake", "traffic", "failed", "stopped"],
  traffic: ["failed", "stopped"],
  failed: [],
  stopped: [],
})
