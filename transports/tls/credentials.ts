import { constants, X509Certificate } from "node:crypto"
import { createSecureContext, type SecureContext } from "node:tls"
import { ZmqError } from "../../src/base/errors.ts"
import { isUint8Array } from "../../src/base/runtime.ts"

/** One or more certificates or keys, as PEM text, or as its bytes. */
export type Pem = string | Uint8Array | readonly (string | Uint8Array)[]

/** These options say who we are, whom we trust, and how strong the encryption must be. */
export interface TlsCredentials {
  /**
   * Only peers with a certificate of these authorities are trusted, in PEM. A self-signed certificate is its own authority.
   *
   * @defaultValue the authorities that Node knows (`tls.rootCertificates`)
   */
  readonly ca?: Pem
  /** This is our certificate in PEM, followed by those between it and the authority. A listener needs one. */
  readonly cert?: Pem
  /** This is the private key of `cert`, in PEM. */
  readonly key?: Pem
  /** The private key is encrypted with this passphrase. */
  readonly passphrase?: string
  /** Certificates that are on these lists, in PEM, are refused. */
  readonly crl?: Pem
  /** The names of the ciphers for TLS 1.2 and 1.3, in OpenSSL's form. @defaultValue Node's (`tls.DEFAULT_CIPHERS`) */
  readonly ciphers?: string
  /** No older version of TLS is spoken. @defaultValue "TLSv1.2" */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3"
  /** No newer version of TLS is spoken. @defaultValue "TLSv1.3" */
  readonly maxVersion?: "TLSv1.2" | "TLSv1.3"
}

/** A session of one context must not be resumed in another, which OpenSSL tells apart by this name. */
const SESSION_CONTEXT = "zeromq-ts"

/**
 * Makes the context in which handshakes are done. Throws EINVAL, with OpenSSL's error as the cause, when a certificate or
 * key can't be read, or they don't belong together.
 */
export function secureContext(given: TlsCredentials): SecureContext {
  const { ca, cert, key, passphrase, crl, ciphers, minVersion = "TLSv1.2", maxVersion = "TLSv1.3" } = given
  if ((cert === undefined) !== (key === undefined)) throw invalid("cert and key belong together")
  try {
    return createSecureContext({
      ...(ca !== undefined && { ca: authorities(ca) }),
      ...(cert !== undefined && { cert: pems(cert) }),
      ...(key !== undefined && { key: pems(key) }),
      ...(passphrase !== undefined && { passphrase }),
      ...(crl !== undefined && { crl: pems(crl) }),
      ...(ciphers !== undefined && { ciphers }),
      minVersion,
      maxVersion,
      sessionIdContext: SESSION_CONTEXT,
      // A renegotiation costs us more than the peer, and the server's order of ciphers holds.
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_CIPHER_SERVER_PREFERENCE,
    })
  } catch (cause) {
    throw invalid((cause as Error).message, cause)
  }
}

/** Throws for what is no certificate, because Node would take it for none, and then trust nobody. */
function authorities(ca: Pem): (string | Buffer)[] {
  const all = pems(ca)
  for (const pem of all) new X509Certificate(pem)
  return all
}

function pems(given: Pem): (string | Buffer)[] {
  const list = typeof given === "string" || isUint8Array(given) ? [given] : given
  return list.map(pem => (typeof pem === "string" ? pem : Buffer.from(pem)))
}

function invalid(reason: string, cause?: unknown): ZmqError {
  return new ZmqError("EINVAL", { reason, cause })
}
