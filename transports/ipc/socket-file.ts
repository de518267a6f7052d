import type { Stats } from "node:fs"
import type { Server } from "node:net"
import { ZmqError } from "../../src/base/errors.ts"
import type { TransportOptions } from "../../src/contracts/transport.ts"
import { fs, paths } from "../common/builtins.ts"
import type { Release } from "../net/listener.ts"

/** A listener is bound to this address, without the scheme. */
export interface Bound {
  readonly address: string
  /** It is undefined when nothing but the listener itself belongs to the address. */
  readonly release?: Release
}

/** These options say who may open the socket file. */
export type FileAccess = Pick<TransportOptions, "ipcMode" | "ipcGroup">

/** Sets the file's group and mode before anybody can find the socket. Throws the system's error. */
export function grant(file: string, { ipcMode, ipcGroup }: FileAccess): void {
  if (ipcGroup >= 0) fs.chownSync(file, -1, ipcGroup)
  if (ipcMode >= 0) fs.chmodSync(file, ipcMode)
}

/** Opens the directory of the address `*` to those who may connect. At first only its owner can enter it. */
export function grantDirectory(path: string, file: string, access: FileAccess): void {
  grant(file, access)
  const { ipcMode, ipcGroup } = access
  const group = ipcMode >= 0 && (ipcMode & 0o070) !== 0 ? 0o010 : 0
  const others = ipcMode >= 0 && (ipcMode & 0o007) !== 0 ? 0o001 : 0
  grant(path, { ipcMode: 0o700 | group | others, ipcGroup })
}

/** Returns a handler that closes the server when the file system has no hard links, and throws every other error. */
export function orWithoutLinks(server: Server): (error: unknown) => void {
  return error => {
    if (!isWithoutLinks(error)) throw error
    server.close()
  }
}

/** Turns the error of a failed link into EADDRINUSE when the name exists already. */
export function taken(cause: unknown): unknown {
  return hasCode(cause, "EEXIST") ? new ZmqError("EADDRINUSE", { cause }) : cause
}

/**
 * Returns a function that removes the path if it still leads to our socket. It is synchronous, because nothing in this
 * process may happen between the check and the removal.
 * @param notOurs is called instead when another file is there
 */
export function remover(
  given: string,
  notOurs: (path: string) => ReturnType<Release> = () => undefined,
): Release {
  const path = paths.resolve(given)
  const ours = fs.lstatSync(path)
  return () => {
    try {
      if (!isSame(fs.lstatSync(path), ours)) return notOurs(path)
      fs.unlinkSync(path)
    } catch {
      // The file is gone already.
    }
    return undefined
  }
}

/** Saves the file that Node is about to remove under a second name. The returned function restores the first name. */
export function keepFromNode(path: string): () => void {
  const kept = `${path}.${process.pid}`
  fs.linkSync(path, kept)
  return () => fs.renameSync(kept, path)
}

/** Returns a function that removes the directory of the address `*`. It throws when the socket's file is gone already. */
export function removeDirectory(given: string, socket: string): Release {
  const path = paths.resolve(given)
  const file = paths.resolve(socket)
  return () => {
    try {
      fs.unlinkSync(file)
    } finally {
      fs.rmSync(path, { recursive: true, force: true })
    }
    return undefined
  }
}

export function isSame(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.dev === b.dev
}

function isWithoutLinks(error: unknown): boolean {
  return ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EXDEV", "EMLINK"].some(code => hasCode(error, code))
}

export function hasCode(error: unknown, code: string): boolean {
  return (error as { code?: unknown } | undefined)?.code === code
}
