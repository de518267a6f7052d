import type { TimeLimit } from "../../src/base/time-limit.ts"
import { transitions } from "../../src/base/transitions.ts"

/** The life of a stream. */
export type TlsState =
  | { readonly name: "open" }
  /** end() was called: what was written goes out; what comes in is dropped. */
  | { readonly name: "ending" }
  /** The peer has been told that nothing follows, and is to say the same. */
  | { readonly name: "leaving" }
  /** The peer has ended the stream, and is told that nothing follows from us either. */
  | { readonly name: "answering"; readonly limit: TimeLimit }
  /** Waits for the close of the stream below. */
  | { readonly name: "destroyed" }
  | { readonly name: "closed" }

export const OPEN: TlsState = { name: "open" }

export const followingState = transitions<TlsState["name"]>("a TLS stream", {
  open: ["ending", "answering", "destroyed", "closed"],
  ending: ["leaving", "destroyed", "closed"],
  leaving: ["destroyed", "closed"],
  answering: ["destroyed", "closed"],
  destroyed: ["closed"],
  closed: [],
})
