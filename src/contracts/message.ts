/** What the user sends and receives, and what patterns tell each other beside it. */

/**
 * One message: its parts in order, at least one. Nobody alters it but he whom it ends up with; so who hands the same one
 * to several marks it first (see shared() in ownership.ts).
 * Whoever is handed a Message may keep it, with one exception: on the way from send() to a pipe its small parts, of up
 * to 128 bytes, may lie in the caller's memory, who may write to it as soon as send() has returned. Patterns don't keep
 * what they send.
 */
export type Message = readonly Uint8Array[]

/** What patterns say to each other beside messages. Never counted against a high-water mark. */
export type Control =
  | { readonly type: "subscribe"; readonly topic: Uint8Array }
  | { readonly type: "cancel"; readonly topic: Uint8Array }
