/** This file has X25519 (RFC 7748) by Node's own cryptography. */
import type * as Crypto from "node:crypto"
import { Buffer } from "../../base/runtime.ts"

/** A key has this many bytes. */
export const KEY_SIZE = 32

/** A secret key inside Node's cryptography. The memory there is cleared when the object is collected. */
export type PrivateKey = Crypto.KeyObject

/** This is the public key of the secret 1 (RFC 7748, 4.1). */
const BASE_POINT = Buffer.alloc(KEY_SIZE)
BASE_POINT[0] = 9

/** A secret key in PKCS #8 begins with these bytes (RFC 8410). */
const PKCS8_HEX = "302e020100300506032b656e04220420"
const PKCS8_START = Buffer.from(PKCS8_HEX, "hex")

let crypto: typeof Crypto | undefined
let basePoint: Crypto.KeyObject | undefined
let takesSecretAlone: boolean | undefined

/** Returns Node's cryptography. It is loaded at its first use, because most programs use none. */
export function nodeCrypto(): typeof Crypto {
  crypto ??= process.getBuiltinModule("node:crypto")
  return crypto
}

/** Makes a new secret key, whose bytes only Node has. */
export function makePrivateKey(): PrivateKey {
  return nodeCrypto().generateKeyPairSync("x25519").privateKey
}

/**
 * Gives the bytes of a secret key to Node.
 *
 * It writes them as JSON where Node takes that, because Node 20 needs a millisecond to parse PKCS #8, and 50 µs for JSON.
 * Newer versions ask for the public key in the JSON, and parse PKCS #8 faster.
 */
export function privateKeyOf(secret: Uint8Array): PrivateKey {
  takesSecretAlone ??= canTakeSecretAlone()
  if (takesSecretAlone) return fromJson(secret)
  const key = Buffer.concat([PKCS8_START, secret])
  const result = nodeCrypto().createPrivateKey({ key, format: "der", type: "pkcs8" })
  key.fill(0)
  return result
}

/** Returns the public key that belongs to a secret one. */
export function publicKeyOf(secret: PrivateKey): Buffer {
  basePoint ??= peerKey(BASE_POINT)
  return nodeCrypto().diffieHellman({ privateKey: secret, publicKey: basePoint })
}

/**
 * Returns the bytes that both ends can compute of the own secret key and the other's public key. Throws for a public key of
 * low order, because everybody could compute the result.
 */
export function sharedSecret(own: PrivateKey, other: Uint8Array): Buffer {
  return nodeCrypto().diffieHellman({ privateKey: own, publicKey: peerKey(other) })
}

function peerKey(bytes: Uint8Array): Crypto.KeyObject {
  const key = { kty: "OKP", crv: "X25519", x: base64(bytes) }
  return nodeCrypto().createPublicKey({ key, format: "jwk" })
}

function fromJson(secret: Uint8Array): PrivateKey {
  // The public key isn't looked at, so that any will do.
  const key = { kty: "OKP", crv: "X25519", d: base64(secret), x: base64(BASE_POINT) }
  return nodeCrypto().createPrivateKey({ key, format: "jwk" })
}

function canTakeSecretAlone(): boolean {
  try {
    fromJson(BASE_POINT)
    return true
  } catch {
    return false
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url")
}
