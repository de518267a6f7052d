import { transitions } from "../base/transitions.ts"

/** The life of a link. Each state carries what must still be told. */
export type LinkState =
  /** No owner yet. */
  | { readonly name: "handshake" }
  | { readonly name: "open" }
  /** We end it: the stream will tell when it is closed. */
  | { readonly name: "leaving"; readonly error?: Error | undefined }
  /** The stream is closed; what it brought may still have to be delivered. */
  | { readonly name: "lost"; readonly error?: Error | undefined }
  /** The owner knows. */
  | { readonly name: "closed" }

export const HANDSHAKE: LinkState = { name: "handshake" }
export const OPEN: LinkState = { name: "open" }

export const followingLink = transitions<LinkState["name"]>("a connection", {
  handshake: ["open", "closed"],
  open: ["leaving", "lost"],
  leaving: ["leaving", "lost"],
  lost: ["lost", "closed"],
  closed: [],
})
