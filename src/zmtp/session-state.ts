import { transitions } from "../base/transitions.ts"
import type { LocalPeer } from "../contracts/connection.ts"
import type { Dialect, GreetingExchange } from "./greeting.ts"
import type { Mechanism, Protection } from "./mechanism.ts"

/** The greetings are not complete yet. */
export interface GreetingState {
  readonly name: "greeting"
  readonly mechanism: Mechanism
  readonly greeting: GreetingExchange
  readonly local: LocalPeer
}

/** A session goes through these states. Each carries only its own data, because an idle session must be small. */
export type SessionState =
  | GreetingState
  | {
      readonly name: "handshake"
      readonly mechanism: Mechanism
      readonly dialect: Dialect
      readonly due: boolean
    }
  | { readonly name: "traffic"; readonly dialect: Dialect; readonly protection: Protection | undefined }
  | { readonly name: "failed" | "stopped" }

export type Phase = SessionState["name"]

/** Holds the states of traffic without protection, by the dialect of the peer. */
const TRAFFIC: Readonly<Record<Dialect, SessionState>> = {
  "1.0 bare": { name: "traffic", dialect: "1.0 bare", protection: undefined },
  "1.0": { name: "traffic", dialect: "1.0", protection: undefined },
  "2.0": { name: "traffic", dialect: "2.0", protection: undefined },
  "3.0": { name: "traffic", dialect: "3.0", protection: undefined },
  "3.1": { name: "traffic", dialect: "3.1", protection: undefined },
}

/** Returns the state of traffic. Without protection it is shared, because an idle session must be small. */
export function trafficState(dialect: Dialect, protection: Protection | undefined): SessionState {
  return protection === undefined ? TRAFFIC[dialect] : { name: "traffic", dialect, protection }
}

/** Overwrites the secrets of a state that is left for the end. */
export function closeSecrets(state: SessionState): void {
  if (state.name === "traffic") state.protection?.close()
  else if (state.name === "greeting" || state.name === "handshake") state.mechanism.close?.()
}

export const followingSession = transitions<Phase>("a session", {
  greeting: ["handshake", "failed", "stopped"],
  handshake: ["handshake", "traffic", "failed", "stopped"],
  traffic: ["failed", "stopped"],
  failed: [],
  stopped: [],
})
