import { transitions } from "../base/transitions.ts"

/** The life of a link. Each state carries what must still be told. */
export type LinkState =
  /** No owner yet. */
  | { readonly name: "handshake" }
  | { readonly name: "open" }
  /** The peer takes nothing any more. What it has sent is read to its end, paused or not; so many bytes came yet. */
  | { readonly name: "inputOnly"; bytes: number }
  /** We end it: the stream will tell when it is closed. */
  | { readonly name: "leaving"; readonly error?: Error | undefined }
  /** The stream is closed, and the owner is to be told. */
  | { readonly name: "lost"; readonly error?: Error | undefined }
  /** The owner knows. */
  | { readonly name: "closed" }

export const HANDSHAKE: LinkState = { name: "handshake" }
export const OPEN: LinkState = { name: "open" }

export const followingLink = transitions<LinkState["name"]>("a connection", {
  handshake: ["open", "closed"],
  open: ["inputOnly", "leaving", "lost"],
  inputOnly: ["leaving", "lost"],
  leaving: ["leaving", "lost"],
  lost: ["lost", "closed"],
  closed: [],
})
