import type { Stats } from "node:fs"
import { connect, type Server } from "node:net"
import { ZmqError } from "../../src/base/errors.ts"
import { systemTime } from "../../src/base/runtime.ts"
import type { TransportOptions } from "../../src/contracts/transport.ts"
import { fs, paths } from "../common/builtins.ts"
import type { NetListener, Release } from "../net/listener.ts"
import { isOurs, lockNames, privateName } from "./path.ts"

/**
 * Binds a listener to a path, exclusively, and replaces the file of a dead socket. Returns a function that removes the
 * path again.
 *
 * The listener binds a private name in the same directory, and a hard link gives it the real name. That is because Node
 * removes the path that it has bound when it closes, even if the file there belongs to somebody else by then, and
 * because a hard link never overwrites. At the end the path is removed only if it still leads to our socket.
 */
export async function bindPath(listener: NetListener, path: string, access: FileAccess): Promise<Release> {
  const folder = paths.dirname(path)
  await fs.promises.stat(folder)
  await refuseOccupied(path)
  await sweep(folder)
  const temporary = privateName(path)
  if (temporary !== undefined && (await bindByLink(listener, temporary, path, access))) return remover(path)
  await bindPlainly(listener, path)
  grant(path, access)
  return remover(path, keepFromNode)
}

/**
 * Does the same as bindPath() before it returns, but only where no file is at the path. Probing a file takes a turn. Throws EADDRINUSE where a file is, even a dead socket's.
 */
export function bindPathSync(listener: NetListener, path: string, access: FileAccess): Release {
  fs.statSync(paths.dirname(path))
  if (fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    throw new ZmqError("EADDRINUSE", { reason: "a file is there; bind() replaces those of dead sockets" })
  }
  const temporary = privateName(path)
  if (temporary !== undefined && bindByLinkSync(listener, temporary, path, access)) return remover(path)
  listener.listenSync({ path })
  grant(path, access)
  return remover(path, keepFromNode)
}

/** These options say who may open the socket file. */
type FileAccess = Pick<TransportOptions, "ipcMode" | "ipcGroup">

/** Sets the file's group and mode before anybody can find the socket. Throws the system's error. */
function grant(file: string, { ipcMode, ipcGroup }: FileAccess): void {
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

/** Binds by a hard link. Resolves to false, with the listener unbound, when the file system has no hard links. */
async function bindByLink(
  listener: NetListener,
  temporary: string,
  path: string,
  access: FileAccess,
): Promise<boolean> {
  const server = await listener.listen({ path: temporary })
  try {
    grant(temporary, access)
    await claim(temporary, path).catch(orWithoutLinks(server))
    return server.listening
  } finally {
    await fs.promises.unlink(temporary).catch(() => {})
  }
}

/** Returns a handler that closes the server when the file system has no hard links, and throws every other error. */
function orWithoutLinks(server: Server): (error: unknown) => void {
  return error => {
    if (!isWithoutLinks(error)) throw error
    server.close()
  }
}

/** Does the same as bindByLink() before it returns, for a path where no file is. */
function bindByLinkSync(listener: NetListener, temporary: string, path: string, access: FileAccess): boolean {
  const server = listener.listenSync({ path: temporary })
  try {
    grant(temporary, access)
    linkNow(server, temporary, path)
    return server.listening
  } finally {
    fs.rmSync(temporary, { force: true })
  }
}

function linkNow(server: Server, temporary: string, path: string): void {
  try {
    fs.linkSync(temporary, path)
  } catch (error) {
    orWithoutLinks(server)(taken(error))
  }
}

/**
 * Binds the path itself, where there are no hard links. Two processes that replace the same dead file at once may then
 * both succeed; in all other cases binding is exclusive.
 */
async function bindPlainly(listener: NetListener, path: string): Promise<void> {
  if ((await find(path)) !== undefined) await fs.promises.unlink(path)
  await listener.listen({ path })
}

async function claim(temporary: string, path: string): Promise<void> {
  const stale = await find(path)
  if (stale === undefined) return linkOrRefuse(temporary, path)
  await refuseOccupied(path)
  await replace(temporary, path, stale)
}

/**
 * Replaces a dead socket's file. Only the holder of the lock may do that. The lock is another link to our own live
 * socket, because a lock whose owner has died must look different from a held one.
 */
async function replace(temporary: string, path: string, stale: Stats): Promise<void> {
  const lock = await takeLock(temporary, lockNames(path))
  try {
    const now = await find(path)
    if (now === undefined) return await linkOrRefuse(temporary, path)
    if (!isSame(now, stale) || now.ctimeMs !== stale.ctimeMs) throw new ZmqError("EADDRINUSE")
    await fs.promises.rename(temporary, path)
  } finally {
    await fs.promises.unlink(lock).catch(() => {})
  }
}

/** Takes the lock: the first name under which no other user has put a file. It is the same for all of one user. */
async function takeLock(temporary: string, names: readonly string[]): Promise<string> {
  for (const lock of names) {
    try {
      await fs.promises.link(temporary, lock)
      return lock
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error
    }
    const found = await find(lock)
    if (found !== undefined && (!isMine(found) || found.isDirectory())) continue
    if (found?.isSocket() && (await isAlive(lock))) break
    await fs.promises.unlink(lock).catch(() => {})
    await linkOrRefuse(temporary, lock)
    return lock
  }
  throw new ZmqError("EADDRINUSE", {
    reason: "somebody else replaces the file of the dead socket, or prevents it",
  })
}

/** Returns false when another user owns the file. */
function isMine({ uid }: Stats): boolean {
  return process.getuid === undefined || uid === process.getuid()
}

/** Files younger than this (ms) are left alone, because a socket that doesn't listen yet looks like a dead one. */
const BINDING = 60_000

/** Removes the private names and locks that a bind left when its process was killed. */
async function sweep(folder: string): Promise<void> {
  const names = await fs.promises.readdir(folder).catch(() => [])
  for (const name of names.filter(isOurs)) {
    const file = paths.join(folder, name)
    const found = await find(file).catch(() => undefined)
    const isOld = found !== undefined && systemTime() - found.mtimeMs > BINDING
    if (isOld && found.isSocket() && isMine(found) && !(await isAlive(file))) {
      await fs.promises.unlink(file).catch(() => {})
    }
  }
}

async function linkOrRefuse(from: string, to: string): Promise<void> {
  await fs.promises.link(from, to).catch((cause: unknown) => {
    throw taken(cause)
  })
}

/** Turns the error of a failed link into EADDRINUSE when the name exists already. */
function taken(cause: unknown): unknown {
  return hasCode(cause, "EEXIST") ? new ZmqError("EADDRINUSE", { cause }) : cause
}

/** Rejects unless the path is free or has the file of a dead socket. */
async function refuseOccupied(path: string): Promise<void> {
  const found = await find(path)
  if (found === undefined) return
  if (!found.isSocket()) throw new ZmqError("EADDRINUSE", { reason: "the path is not a socket" })
  if (await isAlive(path)) throw new ZmqError("EADDRINUSE", { reason: "somebody listens there" })
}

/** Resolves to false when nobody listens at the path. Only a refused connection or a missing file proves that. */
function isAlive(path: string): Promise<boolean> {
  return new Promise(done => {
    const probe = connect({ path }, () => {
      probe.destroy()
      done(true)
    })
    probe.on("error", error => done(!hasCode(error, "ECONNREFUSED") && !hasCode(error, "ENOENT")))
  })
}

/**
 * Returns a function that removes the path if it still leads to our socket. It is synchronous, because nothing in this
 * process may happen between the check and the removal.
 * @param notOurs is called instead when another file is there
 */
function remover(given: string, notOurs: (path: string) => ReturnType<Release> = () => undefined): Release {
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
function keepFromNode(path: string): () => void {
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

async function find(path: string): Promise<Stats | undefined> {
  return fs.promises.lstat(path).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return undefined
    throw error
  })
}

function isSame(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.dev === b.dev
}

function isWithoutLinks(error: unknown): boolean {
  return ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EXDEV", "EMLINK"].some(code => hasCode(error, code))
}

function hasCode(error: unknown, code: string): boolean {
  return (error as { code?: unknown } | undefined)?.code === code
}
