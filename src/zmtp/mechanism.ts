import type { LocalPeer, RemotePeer } from "../contracts/connection.ts"

/**
 * A security handshake (RFC 37, "Security Mechanisms"), for one connection. Frames and flags are the session's
 * business; a mechanism sees and makes command bodies. One that encrypts traffic would gain two further methods
 * here, to wrap and to unwrap a frame, which the session would call around its encoder and decoder.
 */
export interface Mechanism {
  /** As in the greeting, at most 20 ASCII characters. */
  readonly name: string
  /** As in the greeting. */
  readonly asServer: boolean
  /** Ready when all was sent and received that has to be; traffic may begin. */
  readonly status: "handshaking" | "ready"
  /** What the far end said about itself; meaningful once ready. */
  readonly peer: RemotePeer
  /** The next command to send, if there is one by now. */
  next(): Uint8Array | undefined
  /** A command of the peer. Throws a protocol error for one that is malformed, not due, or a refusal. */
  receive(body: Buffer): void
  /**
   * The handshake with a peer of version 1 or 2 in this one's place; its bodies go as messages. Only a mechanism without
   * security has one.
   * @param socketType is the peer's, if it has told
   */
  older?(socketType: string | undefined): Mechanism
}

/**
 * Says when a peer may hear that we are ready. What it sends from then on must not be lost, so that a peer that can't be
 * taken has to be turned away, or to wait, before.
 */
export interface Gate {
  /**
   * Asked when the mechanism could say that we are ready, and again each time it is woken. Throws a protocol error for
   * a peer that must never come in.
   * @param peer undefined as long as it hasn't told who it is
   */
  opensFor(peer: RemotePeer | undefined): boolean
}

/**
 * Makes the mechanism of one connection. One that has to wait for something beside the peer, such as its gate or an
 * authenticator (RFC 27), calls `wake` when next() or status may have changed.
 */
export type MechanismFactory = (local: LocalPeer, wake: () => void) => Mechanism
