/** This file defines the circumstances of one handshake, which the owner of the connection knows. */
import type { Credentials, Verdict } from "../contracts/security.ts"
import type { Gate, MakeMechanism } from "../zmtp/mechanism.ts"

/** A handshake gate may keep a peer waiting. */
export interface HandshakeGate extends Gate {
  /** This is the reason why the peer waits. It is undefined when the peer doesn't wait. */
  readonly obstacle: Error | undefined
  /** The handshake is over, with or without success. */
  close(): void
}

/** A gate controls its handshake by these methods. */
export interface GateControl {
  /** Continues the handshake, because the gate has opened. */
  wake(): void
  /** Ends the handshake. */
  refuse(failure: Error): void
}

/** A handshake has these further circumstances. */
export interface Handshake {
  /** Once this signal is aborted, the handshake ends. */
  readonly signal?: AbortSignal
  /** Makes the mechanism, perhaps once its code is loaded. The default is the one without security. */
  readonly mechanism?: MakeMechanism | Promise<MakeMechanism>
  /** Makes the gate of the handshake. */
  readonly openGate?: (control: GateControl) => HandshakeGate
  /** Says when the peer is examined. Server mechanisms examine it when they know its credentials. */
  readonly examines?: Examines
  /**
   * Examines the peer. It never rejects.
   * @param signal is aborted when the verdict is not needed any more
   */
  readonly examine?: (credentials: Credentials, signal: AbortSignal) => Promise<Verdict>
}

/**
 * - first: before any byte of the handshake is sent
 * - in NULL: after the greetings, even when the mechanism has no credentials
 */
type Examines = "first" | "in NULL"
