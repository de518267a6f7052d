import type { LocalPeer, RemotePeer } from "../contracts/connection.ts"

/**
 * A mechanism does the security handshake of one connection (RFC 37, "Security Mechanisms"). It reads and makes bodies of
 * commands; the session handles frames and flags. A mechanism that encrypts traffic would need two more methods here, to
 * wrap and to unwrap a frame, which the session would call around its encoder and decoder.
 */
export interface Mechanism {
  /** This name stands in the greeting; it has at most 20 ASCII characters. */
  readonly name: string
  /** This is the as-server flag of the greeting. */
  readonly asServer: boolean
  /** Is "ready" when the handshake is complete on this end, so that traffic may begin. */
  readonly status: "handshaking" | "ready"
  /** This is the peer's description of itself; it is valid once ready. */
  readonly peer: RemotePeer
  /** Returns the body of the next command to send, if there is one now. */
  next(): Uint8Array | undefined
  /** Takes a command of the peer. Throws a protocol error for one that is malformed, not due, or a refusal. */
  receive(body: Buffer): void
  /**
   * The handshake with a peer of version 1 or 2 in this one's place; its bodies go as messages. Only a mechanism without
   * security has one.
   * @param socketType is the peer's, if it has told
   */
  older?(socketType: string | undefined): Mechanism
}

/**
 * A gate decides when we may tell a peer that we are ready. It must refuse a peer or let it wait before that, because
 * messages that the peer sends afterwards must not be lost.
 */
export interface Gate {
  /**
   * Is called when the mechanism could say that we are ready, and again each time it is woken. Throws a protocol error for
   * a peer that is refused.
   * @param peer undefined until the peer has described itself
   */
  opensFor(peer: RemotePeer | undefined): boolean
}

/**
 * Makes the mechanism of one connection. A mechanism may have to wait for something beside the peer, such as its gate or
 * an authenticator (RFC 27). It calls `wake` when next() or status may have changed.
 */
export type MechanismFactory = (local: LocalPeer, wake: () => void) => Mechanism
