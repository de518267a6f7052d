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

/**
 * A handshake has these further circumstances. The signal of an examination is aborted when its verdict is not needed any
 * more. An examination never rejects.
 */
export interface Handshake {
  /** Once this signal is aborted, the handshake ends. */
  readonly signal?: AbortSignal
  /** Makes the mechanism, perhaps once its code is loaded. The default is the one without security. */
  readonly mechanism?: MakeMechanism | Promise<MakeMechanism>
  /** Makes the gate of the handshake. */
  readonly openGate?: (control: GateControl) => HandshakeGate
  /** Examines the peer before any byte of the handshake is sent. */
  readonly admit?: (signal: AbortSignal) => Promise<Verdict>
  /** Examines the peer when the mechanism knows its credentials. The default lets no peer in. */
  readonly examine?: (credentials: Credentials, signal: AbortSignal) => Promise<Verdict>
  /** True when the mechanism without credentials asks too. */
  readonly examinesNull?: boolean
}
