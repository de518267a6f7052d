/** Messages are what users send and receive. Patterns tell each other more beside them. */

/**
 * One message: its parts in order, at least one. Nobody alters it but he whom it ends up with; so who hands the same one
 * to several marks it first (see shared() in ownership.ts).
 * Whoever is handed a Message may keep it, with one exception: on the way from send() to a pipe its small parts, of up
 * to 128 bytes, may lie in the caller's memory, who may write to it as soon as send() has returned. Patterns don't keep
 * what they send.
 */
export type Message = readonly Uint8Array[]

/** Patterns say this to each other beside messages. It is never counted against a high-water mark. */
export interface Control {
  /** A subscriber wants the topic, or doesn't want it any more. */
  readonly type: "subscribe" | "cancel"
  /** Messages that begin with these bytes are meant. */
  readonly topic: Uint8Array
}
