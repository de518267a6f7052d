/**
 * This module knows which peer has sent a received message, where an authenticator has told something about that peer. The
 * last part stands for its message, because patterns take envelopes off and put them on, but hand on the last part.
 */
import type { PeerIdentity } from "../contracts/security.ts"
import { sharedValue } from "./copies.ts"
import { allocate } from "./runtime.ts"

/** All copies of the library share it, because a program may receive with one and ask another. */
const peers: WeakMap<object, PeerIdentity> = sharedValue("message-peers", () => new WeakMap())

/** Notes who has sent the message. Its last part becomes a new one if it is empty, because all empty parts are one object. */
export function notePeer(message: Uint8Array[], peer: PeerIdentity): void {
  const last = message.length - 1
  if (message[last]!.length === 0) message[last] = allocate(0)
  peers.set(message[last]!, peer)
}

/**
 * Returns what an authenticator has told about the peer that has sent a message: its user id and metadata (see the option
 * `authenticate`).
 *
 * @param message a message as it was received, or its last part
 * @returns undefined where no authenticator has told anything, and for the subscriptions that an XPUB receives
 * @example
 * ```ts
 * for await (const message of pull) console.log(`${peerOf(message)?.userId} sends ${message}`)
 * ```
 */
export function peerOf(message: readonly Uint8Array[] | Uint8Array): PeerIdentity | undefined {
  const part = Array.isArray(message) ? message.at(-1) : message
  return typeof part === "object" && part !== null ? peers.get(part) : undefined
}
