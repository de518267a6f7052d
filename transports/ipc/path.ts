import { ZmqError } from "../../src/base/errors.ts"
import { paths } from "../common/builtins.ts"

const LINUX = process.platform === "linux"

/** Longest name of a socket file in bytes: the size of sun_path in unix(7), without the closing NUL. */
const MAX_PATH = LINUX ? 107 : 103

/** So many names can be taken by others before a dead socket's file can't be replaced. */
const LOCKS = 64

/** Where `ipc://` connects to or listens, in Node's form: a path, or NUL and a name. */
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

/** The base of a wildcard's directory: by the same variables as libzmq, else the current directory. */
export function temporaryPrefix(env: NodeJS.ProcessEnv = process.env): string {
  return paths.join(env.TMPDIR || env.TEMPDIR || env.TMP || "", "tmp")
}

/** A name beside the path that nobody else uses; undefined when it would be too long to bind or to connect to. */
export function privateName(path: string): string | undefined {
  return beside(path, `.z${base36(Math.floor(Math.random() * 36 ** 7))}`)
}

/**
 * The names of the lock for replacing the path, the same for all who want to. The later ones stand in for those that
 * somebody else has taken.
 */
export function lockNames(path: string): string[] {
  let hash = 0
  for (const byte of Buffer.from(path)) hash = (hash * 31 + byte) >>> 0
  return Array.from({ length: LOCKS }, (_, n) => beside(path, `.y${base36((hash + n) >>> 0)}`)!)
}

/** True for names that privateName() and lockNames() make. */
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
