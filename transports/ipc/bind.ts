import type { Stats } from "node:fs"
import { connect } from "node:net"
import { ZmqError } from "../../src/base/errors.ts"
import { systemTime } from "../../src/base/runtime.ts"
import { fs, paths } from "../common/builtins.ts"
import type { NetListener, Release } from "../net/listener.ts"
import { isAbstract, isOurs, lockNames, parsePath, privateName, temporaryPrefix } from "./path.ts"
import {
  type Bound,
  type FileAccess,
  grant,
  grantDirectory,
  hasCode,
  isSame,
  keepFromNode,
  orWithoutLinks,
  removeDirectory,
  remover,
  taken,
} from "./socket-file.ts"

/**
 * Binds a listener to an address.
 * @param path the address as parsePath() returns it
 */
export async function bind(
  listener: NetListener,
  address: string,
  path: string,
  access: FileAccess,
): Promise<Bound> {
  if (address === "*") return bindAnywhere(listener, access)
  if (!isAbstract(path)) return { address, release: await bindPath(listener, path, access) }
  // The kernel itself makes an abstract name exclusive, and frees it.
  await listener.listen({ path })
  return { address }
}

async function bindAnywhere(listener: NetListener, access: FileAccess): Promise<Bound> {
  const directory = await fs.promises.mkdtemp(temporaryPrefix())
  const address = paths.join(directory, "socket")
  try {
    await listener.listen({ path: parsePath(address) })
    grantDirectory(directory, address, access)
    return { address, release: removeDirectory(directory, address) }
  } catch (error) {
    await fs.promises.rm(directory, { recursive: true, force: true })
    throw error
  }
}

/**
 * Binds a listener to a path, exclusively, and replaces the file of a dead socket. Returns a function that removes the
 * path again.
 *
 * The listener binds a private name in the same directory, and a hard link gives it the real name. That is because Node
 * removes the path that it has bound when it closes, even if the file there belongs to somebody else by then, and
 * because a hard link never overwrites. At the end the path is removed only if it still leads to our socket.
 */
async function bindPath(listener: NetListener, path: string, access: FileAccess): Promise<Release> {
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

async function find(path: string): Promise<Stats | undefined> {
  return fs.promises.lstat(path).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return undefined
    throw error
  })
}
