/** This file has what both ends of CURVE share: keys, nonces, and the sizes of commands (RFC 26, zmq_curve(7)). */
import { mayBeForged, protocolError } from "../../base/errors.ts"
import { Buffer } from "../../base/runtime.ts"
import type { Boxes } from "../../security/box/boxes.ts"
import { KEY_SIZE, nodeCrypto, type PrivateKey, sharedSecret } from "../../security/keys/x25519.ts"
import { type Command, parseCommand } from "../command.ts"

/** These are the sizes of the data of commands, without their names. Those with metadata have at least this many bytes. */
export const HELLO_SIZE = 194
export const WELCOME_SIZE = 160
export const LEAST_INITIATE = 248
export const LEAST_READY = 24

/** A cookie has this many bytes. The vouch is a nonce of 16 bytes and a box of two keys. */
export const COOKIE_SIZE = 96
export const VOUCH_SIZE = 96

/** The first short nonces of both ends. Each further command of an end has a greater one. */
export const HELLO_NUMBER = 1
export const INITIATE_NUMBER = 2
export const READY_NUMBER = 1

export const SHORT_NONCE = 8
export const LONG_NONCE = 16

const NO_INPUT = new Uint8Array(16)

/** Returns the key of the boxes between two ends (crypto_box_beforenm of NaCl). Throws for a public key of low order. */
export function boxKey(boxes: Boxes, own: PrivateKey, other: Uint8Array): Uint8Array {
  let secret: Buffer
  try {
    secret = sharedSecret(own, other)
  } catch {
    throw cryptographic("a public key of low order")
  }
  const key = boxes.deriveKey(secret, NO_INPUT)
  secret.fill(0)
  return key
}

/** Joins the parts of a nonce of 24 bytes. */
export function nonceOf(prefix: string, rest: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(prefix, "latin1"), rest])
}

/** Returns a short nonce, which is a number. */
export function shortNonce(number: number): Buffer {
  const nonce = Buffer.alloc(SHORT_NONCE)
  nonce.writeUInt32BE(number, 4)
  return nonce
}

export function randomNonce(): Buffer {
  return nodeCrypto().randomBytes(LONG_NONCE)
}

/** Parses a command of the handshake. */
export function parseCurve(body: Buffer): Command {
  const command = parseCommand(body)
  if (command !== undefined) return command
  throw mayBeForged(protocolError("ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED", "a command without a whole name"))
}

export function malformed(name: "HELLO" | "INITIATE" | "READY" | "MESSAGE", size: number): Error {
  return mayBeForged(
    protocolError(`ERR_ZMTP_MALFORMED_COMMAND_${name}`, `${name} with ${size} bytes of data`),
  )
}

/**
 * Makes the error of a box that doesn't open. A client dials on after it, as after all that anybody on the way can cause,
 * because one changed bit would end its dialling otherwise.
 */
export function cryptographic(reason: string): Error {
  return mayBeForged(protocolError("ERR_ZMTP_CRYPTOGRAPHIC", reason))
}

/** Compares two keys in the same time wherever their first difference is. */
export function isSameKey(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === KEY_SIZE && b.length === KEY_SIZE && nodeCrypto().timingSafeEqual(a, b)
}
