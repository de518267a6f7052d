/** This module checks names and passwords against those of known users. */
import { readFile, stat } from "node:fs/promises"
import { quoted, ZmqError } from "../base/errors.ts"
import type { Authenticator, AuthenticatorAnswer, PeerToAuthenticate } from "../contracts/security.ts"
import { hashOfNobody, isPassword, type PasswordHash, parseHash } from "./passwords.ts"

interface Users {
  readonly hashes: ReadonlyMap<string, PasswordHash>
  readonly nobody: PasswordHash
}

/** Makes the authenticator for users that are given as an object. */
export function checkUsers(users: Readonly<Record<string, string>>): Authenticator {
  const known = usersOf(Object.entries(users))
  return peer => check(known, peer)
}

/** Makes the authenticator for the users in a file, which is read again when it has changed. */
export function checkUsersOf(file: string): Authenticator {
  const read = reader(file)
  return async peer => check(await read(), peer)
}

async function check(
  { hashes, nobody }: Users,
  { username, password, signal }: PeerToAuthenticate,
): Promise<AuthenticatorAnswer> {
  if (username === undefined || password === undefined) return { reason: "the peer has no name and password" }
  const hash = hashes.get(username)
  const isRight = await isPassword(password, hash ?? nobody, signal)
  if (hash === undefined) return { reason: `there is no user ${quoted(username)}` }
  return isRight ? { userId: username } : { reason: `a wrong password for ${quoted(username)}` }
}

function usersOf(lines: readonly (readonly [name: string, hash: string])[]): Users {
  const hashes = new Map(lines.map(([name, hash]) => [name, parseHash(hash)]))
  const costOf = ({ log2N, r, p }: PasswordHash) => 2 ** log2N * r * p
  const [dearest] = [...hashes.values()].sort((a, b) => costOf(b) - costOf(a))
  return { hashes, nobody: hashOfNobody(dearest) }
}

/** Returns a function that reads the file, unless it is the same as at the last call. */
function reader(file: string): () => Promise<Users> {
  let version = ""
  let users: Promise<Users> | undefined
  return async () => {
    const { mtimeMs, size, ino } = await stat(file)
    const current = `${mtimeMs} ${size} ${ino}`
    if (users === undefined || current !== version) {
      version = current
      users = readFile(file, "utf8").then(text => usersOf(linesOf(text)))
      users.catch(() => {
        users = undefined
      })
    }
    return users
  }
}

function linesOf(text: string): [string, string][] {
  const lines = text.split(/\r?\n/).map((line, index) => [line, index + 1] as const)
  return lines
    .filter(([line]) => line.trim() !== "" && !line.startsWith("#"))
    .map(([line, number]) => {
      const [, name, hash] = /^(.+):(\$scrypt\$\S+)\s*$/.exec(line) ?? []
      if (name !== undefined && hash !== undefined) return [name, hash]
      throw new ZmqError("EINVAL", {
        reason: `line ${number} of the file of users is not of the form name:hash`,
      })
    })
}
