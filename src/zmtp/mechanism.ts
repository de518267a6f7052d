import type { LocalPeer, RemotePeer } from "../contracts/connection.ts"
import type { Credentials, Verdict } from "../contracts/security.ts"

/**
 * A mechanism does the security handshake of one connection (RFC 37, "Security Mechanisms"). It reads and makes bodies of
 * commands; the session handles frames and flags. It has no I/O, no clock and no promise: whatever it has to wait for
 * beside the peer, its host tells it, and then its next() is called again.
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
  /** Is set once we refuse the peer. The bodies that next() has returned still go out, and then the connection is closed. */
  readonly refusal?: Error | undefined
  /** Returns the body of the next command to send, if there is one now. Throws a protocol error for a peer that is refused by the gate. */
  next(): Uint8Array | undefined
  /** Takes a command of the peer. Throws a protocol error for one that is malformed, not due, or a refusal. */
  receive(body: Buffer): void
  /**
   * The handshake with a peer of version 1 or 2 in this one's place; its bodies go as messages. Only a mechanism without
   * security has one. Without it such peers are refused.
   * @param socketType is the peer's, if it has told
   */
  older?: ((socketType: string | undefined) => Mechanism) | undefined
  /** A mechanism that protects the traffic after the handshake has this, once it is ready. */
  readonly protection?: Protection | undefined
  /** The handshake is over. Overwrites the secrets that the protection doesn't need. */
  close?(): void
}

/** A protection seals all frames after the handshake, and opens those of the peer (RFC 26, "MESSAGE"). */
export interface Protection {
  /** The body of a sealed frame has this many bytes more than the frame that is in it. */
  readonly overhead: number
  /** These are the flags MORE and COMMAND of the frame that was opened last. */
  readonly flags: number
  /** Writes the body of a sealed frame to the target, at the offset. */
  seal(flags: number, payload: Uint8Array, target: Uint8Array, offset: number): void
  /**
   * Opens the body of a frame, and returns the payload, which is in the memory of the body. Throws a protocol error for a
   * body that the peer didn't seal now.
   */
  open(body: Buffer): Buffer
  /** The connection is over. Overwrites the secrets. */
  close(): void
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

/** The connection lends this to its mechanism. When any of it changes, the mechanism's next() is called again. */
export interface MechanismHost {
  /** This is the gate, if there is one. */
  readonly gate: Gate | undefined
  /** True when a mechanism without credentials asks for a verdict too. Others always ask as a server. */
  readonly examinesNull: boolean
  /** Asks for a verdict about the peer. A server mechanism calls it once, and waits until there is one. */
  examine(credentials: Credentials): void
  /** This is the verdict, once there is one. */
  readonly verdict: Verdict | undefined
}

/** Makes the mechanism of one connection. */
export type MakeMechanism = (local: LocalPeer, host: MechanismHost) => Mechanism

/** Makes the mechanism of one session. `wake` makes the session call next() again, when it may return something now. */
export type MechanismFactory = (local: LocalPeer, wake: () => void) => Mechanism
