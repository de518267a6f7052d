/** This module has the kinds of options that are keys of CURVE (RFC 26). */
import { ZmqError } from "../../base/errors.ts"
import { toOwnBytes } from "../../base/parts.ts"
import { Secret } from "../../base/secret.ts"
import { decodeZ85, encodeZ85 } from "../../security/keys/z85.ts"
import type { BytesOption } from "./kinds.ts"
import { type Applies, type Common, type OptionSpec, row } from "./spec.ts"

const KEY_SIZE = 32
/** A key has as many characters in Z85. */
const TEXT_SIZE = 40

const NO_KEY = Buffer.alloc(0)
const NO_SECRET = new Secret(NO_KEY)

/** Makes an option of a public key, assigned as 32 bytes or as Z85. It reads as Z85, or as null while unset. */
export function publicKey<const S extends Applies>(
  spec: Common<S, "read-write">,
): BytesOption<S, "read-write"> {
  return row(spec, { type: "bytes", default: NO_KEY, parse: parseKey, show: showKey })
}

/**
 * Makes an option of a secret key, which is kept out of logs.
 *
 * @param spec with `nullable`, null unsets the option
 */
export function secretKey<const S extends Applies>(
  spec: Common<S, "read-write"> & { readonly nullable?: boolean },
): OptionSpec<Secret, S, "read-write"> {
  const parse = (value: unknown) =>
    value === null && spec.nullable === true ? NO_SECRET : new Secret(parseKey(value))
  const show = (value: Secret) => showKey(value.reveal())
  return row<Secret, S, "read-write">(spec, { type: "bytes", default: NO_SECRET, parse, show })
}

/** The number of bytes alone tells a key from its text, as in libzmq. An error has nothing of the value. */
function parseKey(value: unknown): Buffer {
  const bytes = toOwnBytes(value)
  if (bytes.length === KEY_SIZE) return bytes
  if (bytes.length !== TEXT_SIZE)
    throw new ZmqError("EINVAL", { reason: "a key has 32 bytes, or 40 characters in Z85" })
  return decodeZ85(bytes.toString("latin1"))
}

function showKey(key: Uint8Array): string | null {
  return key.length === 0 ? null : encodeZ85(key)
}
