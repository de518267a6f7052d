/** These authenticators are for the option `authenticate`. The code of passwords is loaded when it is needed. */
import { ZmqError } from "../base/errors.ts"
import { isUint8Array } from "../base/runtime.ts"
import type { Authenticator, HashOptions } from "../contracts/security.ts"
import { decodeZ85, encodeZ85 } from "./keys/z85.ts"

const KEY_SIZE = 32

/**
 * Makes an authenticator that lets in the CURVE clients with these public keys. The user id of each is its key in Z85.
 *
 * @param keys each has 40 characters in Z85, or 32 bytes
 * @throws TypeError for another type, and {@link ZmqError} EINVAL for what is no key
 * @example
 * ```ts
 * const clientKey = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
 * const { secretKey } = curveKeyPair()
 * const reply = new Reply({ curveServer: true, curveSecretKey: secretKey, authenticate: allowKeys([clientKey]) })
 * ```
 */
export function allowKeys(keys: Iterable<string | Uint8Array>): Authenticator {
  const allowed = new Set([...keys].map(keyText))
  return ({ publicKey }) => {
    if (publicKey === undefined) return { reason: "the peer has no CURVE key" }
    if (!allowed.has(publicKey)) return { reason: `the key ${publicKey} is not allowed` }
    return { userId: publicKey }
  }
}

/** Returns the Z85 of a key. */
function keyText(key: string | Uint8Array): string {
  const bytes = typeof key === "string" ? decodeZ85(key) : key
  if (!isUint8Array(bytes)) throw new TypeError("A key is a string or 32 bytes")
  if (bytes.length !== KEY_SIZE)
    throw new ZmqError("EINVAL", { reason: "a key has 40 characters in Z85, or 32 bytes" })
  return encodeZ85(bytes)
}

/**
 * Makes an authenticator that lets in the PLAIN clients with these names and passwords. The user id of each is its name.
 * Unknown names take as long as wrong passwords, if all hashes have the same costs. The passwords aren't encrypted on their
 * way, so use `tls` or a network that you trust.
 *
 * @param users the name of each with the hash of its password (see {@link hashPassword}); or a file that has `name:hash` in
 *   each line, and may have empty lines and lines that begin with `#`. The file is read again when it has changed. While it
 *   can't be read, or has a line of another form, nobody is let in, and events tell why
 * @throws TypeError for another type, and {@link ZmqError} EINVAL for what is no hash
 * @example
 * ```ts
 * const alice = await hashPassword("correct horse battery staple")
 * const reply = new Reply({ plainServer: true, authenticate: allowUsers({ alice }) })
 * ```
 */
export function allowUsers(users: Readonly<Record<string, string>> | string): Authenticator {
  const given: unknown = users
  if (given === null || (typeof given !== "object" && typeof given !== "string"))
    throw new TypeError("Users are an object, or the path of a file")
  const isFile = typeof users === "string"
  if (!isFile) for (const hash of Object.values(users)) checkHash(hash)
  let check: Promise<Authenticator> | undefined
  const load = async (): Promise<Authenticator> => {
    const { checkUsers, checkUsersOf } = await import("./users.ts")
    return isFile ? checkUsersOf(users) : checkUsers(users)
  }
  return async peer => {
    check ??= load().catch(error => {
      check = undefined
      throw error
    })
    return (await check)(peer)
  }
}

/** A hash has this form. Its costs are checked when it is used (see passwords.ts). */
const FORM = /^\$scrypt\$ln=\d{1,2},r=\d{1,2},p=\d{1,2}\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]{22,}$/

function checkHash(hash: unknown): void {
  if (typeof hash === "string" && FORM.test(hash)) return
  throw new ZmqError("EINVAL", { reason: "a user's hash is not of the form that hashPassword() makes" })
}

/**
 * Makes the hash of a password for {@link allowUsers}, by scrypt with a random salt (RFC 7914). It takes a fraction of a
 * second, and 16 MiB of memory, in a thread of its own. Rejects with EINVAL for costs that allowUsers() doesn't take.
 *
 * @returns a text such as `$scrypt$ln=14,r=8,p=5$salt$hash`
 * @example
 * ```ts
 * console.log(`alice:${await hashPassword("correct horse battery staple")}`) // a line for a file of users
 * ```
 */
export async function hashPassword(password: string, options: HashOptions = {}): Promise<string> {
  if (typeof password !== "string") throw new TypeError("A password is a string")
  const { makeHash } = await import("./passwords.ts")
  return makeHash(password, options)
}
