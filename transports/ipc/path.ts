import { ZmqError } from "../../src/base/errors.ts"
import { paths } from "../common/builtins.ts"

const LINUX = process.platform === "linux"

/** A socket file's path has at most this many bytes: the size of sun_path in unix(7), without the closing NUL. */
const MAX_PATH = LINUX ? 107 : 103

/** There are this many lock names; when others hold all of them a dead socket's file can't be replaced. */
const LOCKS = 64

/** Parses an `ipc://` address into Node's form: a path, or NUL and a name. Throws EINVAL or ENAMETOOLONG. */
export function parsePath(address: string): string {
  if (Buffer.byteLength(address) > MAX_PATH) {
    throw new ZmqError("ENAMETOOLONG", {
      address: `ipc://${address}`,
      reason: `a path has at most ${MAX_PATH} bytes`,
    })
  }
  const abstract = LINUX && address.startsWith("@")
  if (address === "" || (abstract && address.length === 1) || address.includes("\0")) {
    throw new ZmqError("EINVAL", { address: `ipc://${address}`, reason: "ipc needs a path or a name" })
  }
  return abstract ? `\0${address.slice(1)}` : address
}

export function isAbstract(path: string): boolean {
  return path.startsWith("\0")
}

/**
 * Returns the prefix of the directory that the address `*` makes. The same variables name it as in libzmq, otherwise it
 * is in the current directory.
 */
export function temporaryPrefix(env: NodeJS.ProcessEnv = process.env): string {
  return paths.join(env.TMPDIR || env.TEMPDIR || env.TMP || "", "tmp")
}

/** Returns a random name in the path's directory, or undefined when that name would be too long to bind. */
export function privateName(path: string): string | undefined {
  return beside(path, `.z${base36(Math.floor(Math.random() * 36 ** 7))}`)
}

/**
 * Returns the names of the lock for replacing the path, which are the same for every process. A later name is used when
 * another user has a file under the earlier ones.
 */
export function lockNames(path: string): string[] {
  let hash = 0
  for (const byte of Buffer.from(path)) hash = (hash * 31 + byte) >>> 0
  return Array.from({ length: LOCKS }, (_, n) => beside(path, `.y${base36((hash + n) >>> 0)}`)!)
}

/** Returns true for names that privateName() and lockNames() make. */
export function isOurs(name: string): boolean {
  return /^\.[yz][\da-z]{7}$/.test(name)
}

function base36(value: number): string {
  return value.toString(36).padStart(7, "0")
}

function beside(path: string, name: string): string | undefined {
  const result = paths.join(paths.dirname(path), name)
  return Buffer.byteLength(result) <= MAX_PATH ? result : undefined
}
