/** This file defines how a peer proves who it is, and what is made of that. */

/** A peer shows these proofs to a server, by the mechanism that both use (RFC 37, "Security Mechanisms"). */
export type Credentials =
  /** The peer shows nothing, so that only its address is known. */
  | { readonly mechanism: "NULL" }
  /** The peer tells a name and a password (RFC 24), as it has sent them. */
  | { readonly mechanism: "PLAIN"; readonly username: Uint8Array; readonly password: Uint8Array }
  /** The peer has proven that it has the secret key of this public key of 32 bytes (RFC 26). */
  | { readonly mechanism: "CURVE"; readonly publicKey: Uint8Array }

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
