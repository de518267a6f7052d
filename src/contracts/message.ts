/** This file defines messages, which users send and receive, and controls, which patterns send to each other. */

/**
 * A message is a list of parts, in order. It has at least one part.
 *
 * - **Altering.** Code that passes a message on must not alter it: neither the list nor the bytes. Only the program that
 *   receives the message may do so, because it is the last owner. Code that passes one message to several receivers
 *   marks it with shared() first (see ownership.ts). Each receiver is then given a list of its own, and its own copies of
 *   the small parts. Larger parts stay common to all.
 * - **Keeping.** Code that is handed a message may keep it, with two exceptions: the message that a pattern's trySend() is
 *   given, and the one that send() of a connection with `encodesAtOnce` is given. The small parts of these messages, of up
 *   to 128 bytes each, may still be in the memory of the program that called send(). The program may write to that memory
 *   again as soon as send() has returned. A pipe copies the small parts before it keeps the message. Larger parts are
 *   never copied for this, so the program must leave their memory alone.
 */
export type Message = readonly Uint8Array[]

/** A control is sent from pattern to pattern, apart from the messages. It doesn't count for high-water marks. */
export interface Control {
  /** "subscribe" begins a subscription to the topic, and "cancel" ends it. */
  readonly type: "subscribe" | "cancel"
  /** The subscription is to all messages that begin with these bytes. */
  readonly topic: Uint8Array
}
