/** The life of a link. Each state carries what must still be told. */
export type LinkState =
  /** No owner yet. */
  | { readonly phase: "handshake" }
  | { readonly phase: "open" }
  /** We end it: the stream will tell when it is closed. */
  | { readonly phase: "leaving"; readonly error?: Error | undefined }
  /** The stream is closed; what it brought may still have to be delivered. */
  | { readonly phase: "lost"; readonly error?: Error | undefined }
  /** The owner knows. */
  | { readonly phase: "closed" }

export const HANDSHAKE: LinkState = { phase: "handshake" }
export const OPEN: LinkState = { phase: "open" }

const FOLLOWERS: Readonly<Record<LinkState["phase"], readonly LinkState["phase"][]>> = {
  handshake: ["open", "closed"],
  open: ["leaving", "lost"],
  leaving: ["leaving", "lost"],
  lost: ["lost", "closed"],
  closed: [],
}

export function checkFollows({ phase }: LinkState, next: LinkState): void {
  if (FOLLOWERS[phase].includes(next.phase)) return
  throw new Error(`a connection cannot go from ${phase} to ${next.phase}`)
}
