/** This module makes and checks hashes of passwords, in the form `$scrypt$ln=14,r=8,p=5$salt$hash` with Base64. */
import { ZmqError } from "../base/errors.ts"
import type { HashOptions } from "../contracts/security.ts"
import { nodeCrypto } from "./keys/x25519.ts"

/** A password's hash with all that is needed to make it again. */
export interface PasswordHash {
  readonly log2N: number
  readonly r: number
  readonly p: number
  readonly salt: Buffer
  readonly hash: Buffer
}

const SALT_SIZE = 16
const HASH_SIZE = 32
const DEFAULT_COST = { log2N: 14, r: 8, p: 5 } as const
/** A hash may need this much memory, in bytes, because a line of a file must not take all. */
const MOST_MEMORY = 256 * 1024 * 1024
const MOST_P = 64

const FORM = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** At most this many hashes are made at once. Each takes a thread of Node's pool, which files need too. */
const AT_ONCE = 2

let running = 0
const waiting: (() => void)[] = []

export async function makeHash(password: string, { log2N, p }: HashOptions): Promise<string> {
  const salt = nodeCrypto().randomBytes(SALT_SIZE)
  const cost = { ...DEFAULT_COST, ...(log2N !== undefined && { log2N }), ...(p !== undefined && { p }) }
  checkCost(cost)
  const hash = await scrypt(password, { ...cost, salt, hash: Buffer.alloc(HASH_SIZE) })
  return `$scrypt$ln=${cost.log2N},r=${cost.r},p=${cost.p}$${base64(salt)}$${base64(hash)}`
}

/** Parses a hash. Throws EINVAL for another form, and nothing of the text is in the error. */
export function parseHash(text: string): PasswordHash {
  const [, log2N, r, p, salt, hash] = FORM.exec(text) ?? []
  const parsed = {
    log2N: Number(log2N),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt ?? "", "base64"),
    hash: Buffer.from(hash ?? "", "base64"),
  }
  checkCost(parsed)
  if (parsed.hash.length < SALT_SIZE) throw invalid()
  return parsed
}

/** A hash that no password has. It is checked for unknown users, because they must take as long as known ones. */
export function hashOfNobody(like: PasswordHash | undefined): PasswordHash {
  const { log2N, r, p } = like ?? DEFAULT_COST
  const random = (size: number) => nodeCrypto().randomBytes(size)
  return { log2N, r, p, salt: random(SALT_SIZE), hash: random(HASH_SIZE) }
}

/** Resolves to true when the password has this hash. The comparison takes the same time for all. */
export async function isPassword(
  password: string,
  expected: PasswordHash,
  signal: AbortSignal,
): Promise<boolean> {
  const actual = await scrypt(password, expected, signal)
  return nodeCrypto().timingSafeEqual(actual, expected.hash)
}

async function scrypt(
  password: string,
  { log2N, r, p, salt, hash }: PasswordHash,
  signal?: AbortSignal,
): Promise<Buffer> {
  if (running >= AT_ONCE) await new Promise<void>(resolve => waiting.push(resolve))
  else running++
  try {
    signal?.throwIfAborted()
    return await new Promise((resolve, reject) => {
      const options = { N: 2 ** log2N, r, p, maxmem: 2 * MOST_MEMORY }
      nodeCrypto().scrypt(password, salt, hash.length, options, (error, key) =>
        error === null ? resolve(key) : reject(error),
      )
    })
  } finally {
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
  }
}

function checkCost({ log2N, r, p }: { log2N: number; r: number; p: number }): void {
  const isWhole = [log2N, r, p].every(number => Number.isInteger(number) && number >= 1)
  if (!isWhole || p > MOST_P || 128 * r * 2 ** log2N > MOST_MEMORY) throw invalid()
}

function invalid(): ZmqError {
  return new ZmqError("EINVAL", {
    reason: "no hash of the form that hashPassword() makes, or one that costs too much",
  })
}

function base64(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "")
}
