import { ZmqError } from "../../base/errors.ts"
import { Buffer } from "../../base/runtime.ts"
import { KEY_SIZE, nodeCrypto, privateKeyOf, publicKeyOf } from "./x25519.ts"
import { decodeZ85, encodeZ85 } from "./z85.ts"

/** This is a pair of keys for CURVE (RFC 26). */
export interface CurveKeyPair {
  /** Peers may know this key. It is 40 characters in Z85. */
  publicKey: string
  /** Nobody else may know this key. It is 40 characters in Z85. */
  secretKey: string
}

/**
 * Makes a new pair of keys for CURVE, as the native package does (zmq_curve_keypair(3)).
 *
 * @returns both keys as Z85 texts of 40 characters
 * @example
 * ```ts
 * const { publicKey, secretKey } = curveKeyPair()
 * ```
 */
export function curveKeyPair(): CurveKeyPair {
  const secret = nodeCrypto().randomBytes(KEY_SIZE)
  const publicKey = encodeZ85(publicKeyOf(privateKeyOf(secret)))
  const secretKey = encodeZ85(secret)
  secret.fill(0)
  return { publicKey, secretKey }
}

/**
 * Computes the public key of a pair from its secret key (zmq_curve_public(3)).
 *
 * @param secretKey 40 characters in Z85, or 32 bytes
 * @returns the public key, 40 characters in Z85
 * @throws TypeError for another type, and {@link ZmqError} EINVAL for a wrong length or a text that is no Z85
 * @example
 * ```ts
 * const { publicKey, secretKey } = curveKeyPair()
 * console.log(curvePublicKey(secretKey) === publicKey) // true
 * ```
 */
export function curvePublicKey(secretKey: string | Uint8Array): string {
  const bytes = typeof secretKey === "string" ? decodeZ85(secretKey) : secretKey
  if (!ArrayBuffer.isView(bytes)) throw new TypeError("A secret key is a string or 32 bytes")
  if (bytes.byteLength !== KEY_SIZE)
    throw new ZmqError("EINVAL", { reason: "a secret key has 40 characters in Z85, or 32 bytes" })
  const secret = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return encodeZ85(publicKeyOf(privateKeyOf(secret)))
}
