/** This file defines how a peer proves who it is, and what is made of that. */

import type { PeerCertificate } from "./certificate.ts"

/** A peer shows these proofs to a server, by the mechanism that both use (RFC 37, "Security Mechanisms"). */
export type Credentials =
  /** The peer shows nothing, so that only its address is known. */
  | { readonly mechanism: "NULL" }
  /** The peer tells a name and a password (RFC 24), as it has sent them. */
  | { readonly mechanism: "PLAIN"; readonly username: Uint8Array; readonly password: Uint8Array }
  /**
   * The peer has proven that it has the secret key of this public key of 32 bytes (RFC 26). By then it has also told its
   * socket type.
   */
  | { readonly mechanism: "CURVE"; readonly publicKey: Uint8Array; readonly socketType: string | undefined }

/** This is a status code of ZAP (RFC 27). 300 is a temporary error, 400 a refusal, and 500 an internal error. */
export type RefusalStatus = 300 | 400 | 500

/** A peer is let in, or refused, or nobody could tell. The peer learns the status of a refusal, and nothing else. */
export type Verdict =
  | {
      readonly name: "accepted"
      /** The program knows the peer by this name. */
      readonly userId?: string
      /** These are further facts about the peer. */
      readonly metadata?: Readonly<Record<string, string>>
    }
  | {
      readonly name: "refused"
      readonly status: RefusalStatus
      /** This text goes to our own events, and never to the peer. */
      readonly reason?: string
    }
  | { readonly name: "failed"; readonly error: Error }

/** An authenticator is asked about such a peer (see the option `authenticate`). */
export interface PeerToAuthenticate {
  /** The connection uses this security mechanism. */
  readonly mechanism: "NULL" | "PLAIN" | "CURVE"
  /** This is the peer's address without a port, such as `"192.0.2.1"` or `"2001:db8::1"`, and `"localhost"` for ipc. */
  readonly address: string
  /** This is our end of the connection, such as `"tcp://0.0.0.0:5555"`. */
  readonly endpoint: string
  /** This is the peer's socket type, such as `"DEALER"`. It is known in CURVE only, where the peer has told it by then. */
  readonly socketType: string | undefined
  /** This name the peer tells in PLAIN. */
  readonly username: string | undefined
  /** This password the peer tells in PLAIN. It isn't shown when the object is printed. */
  readonly password: string | undefined
  /** In CURVE this is the peer's public key, 40 characters in Z85. The peer has proven that it has the secret key. */
  readonly publicKey: string | undefined
  /** This is the same key as 32 bytes. */
  readonly publicKeyBytes: Uint8Array | undefined
  /** This certificate the peer has shown over `tls`, if it has shown one. It is verified unless the transport was told otherwise. */
  readonly certificate: PeerCertificate | undefined
  /** Is aborted when the answer is not needed any more: the peer has gone, or `handshakeInterval` is over. */
  readonly signal: AbortSignal
}

/** An authenticator lets a peer in with such an answer, which has at least one of these properties. */
export interface Acceptance {
  /** Messages and events show this name of the peer. */
  readonly userId?: string
  /** Messages and events show these further facts about the peer. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** An authenticator refuses a peer with such an answer. */
export interface Refusal {
  /** This text goes to our own events, and never to the peer. */
  readonly reason: string
  /**
   * The peer is told this status of ZAP (RFC 27). With 300 it is told nothing, so that it may come again.
   *
   * @defaultValue `400`
   */
  readonly status?: RefusalStatus
}

/**
 * An authenticator decides if a peer may connect. `true` and an {@link Acceptance} let it in. Anything else refuses it, such
 * as `false`, nothing, a {@link Refusal}, or an error that is thrown.
 */
export type Authenticator = (peer: PeerToAuthenticate) => AuthenticatorAnswer | Promise<AuthenticatorAnswer>

/** An {@link Authenticator} answers by one of these. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing refuses the peer
export type AuthenticatorAnswer = boolean | Acceptance | Refusal | null | undefined | void

/** A server knows this of a peer that it has let in. */
export interface PeerIdentity {
  /** The connection uses this security mechanism. */
  readonly mechanism: "NULL" | "PLAIN" | "CURVE"
  /** This is the peer's end of the connection, such as `"tcp://192.0.2.1:41234"`. */
  readonly remote: string
  /** This is the name that the authenticator has given the peer. */
  readonly userId: string | undefined
  /** These further facts are the authenticator's. */
  readonly metadata: Readonly<Record<string, string>>
}

/** The cost of hashPassword() can be set by these numbers (RFC 7914). */
export interface HashOptions {
  /**
   * The logarithm of N, to the base 2. One more doubles the time and the memory, which is `2 ** (10 + log2N)` bytes.
   *
   * @defaultValue `14`
   */
  log2N?: number
  /**
   * The time is multiplied by this number.
   *
   * @defaultValue `5`
   */
  p?: number
}
