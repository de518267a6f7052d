import type { Stats } from "node:fs"
import { connect, type Server } from "node:net"
import { ZmqError } from "../../src/base/errors.ts"
import { systemTime } from "../../src/base/runtime.ts"
import type { TransportOptions } from "../../src/contracts/transport.ts"
import { fs, paths } from "../common/builtins.ts"
import type { NetListener, Release } from "../net/listener.ts"
import { isOurs, lockNames, privateName } from "./path.ts"

/**
 * Binds a listener to a path, exclusively, replacing the file of a dead one. Returns what removes the path again.
 *
 * Node removes the very path that it has bound when it closes, even when the file there is another's by then. So we
 * bind a private name beside it and give the socket the real name by a hard link, which never overwrites. At the end
 * the path is removed only if it still leads to our socket.
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
 * As bindPath(), before it returns, and only where nothing is at the path: asking whether somebody lives there takes a
 * turn. Throws EADDRINUSE where something is, dead or alive.
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

/** The options of the socket file. */
type FileAccess = Pick<TransportOptions, "ipcMode" | "ipcGroup">

/** Lets those connect whom the options name, before anybody can find the socket. Throws what the system says. */
function grant(file: string, { ipcMode, ipcGroup }: FileAccess): void {
  if (ipcGroup >= 0) fs.chownSync(file, -1, ipcGroup)
  if (ipcMode >= 0) fs.chmodSync(file, ipcMode)
}

/** Lets those in the directory of a wildcard who may connect. It is its owner's alone at first. */
export function grantDirectory(path: string, file: string, access: FileAccess): void {
  grant(file, access)
  const { ipcMode, ipcGroup } = access
  const group = ipcMode >= 0 && (ipcMode & 0o070) !== 0 ? 0o010 : 0
  const others = ipcMode >= 0 && (ipcMode & 0o007) !== 0 ? 0o001 : 0
  grant(path, { ipcMode: 0o700 | group | others, ipcGroup })
}

/** False when the file system has no hard links; the listener is unbound then. */
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

/** Closes the server when the file system has no hard links; throws every other error. */
function orWithoutLinks(server: Server): (error: unknown) => void {
  return error => {
    if (!isWithoutLinks(error)) throw error
    server.close()
  }
}

/** As bindByLink(), for a path where nothing is. */
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

/** Without links, two who replace the same dead file at once may both succeed; else binding itself is exclusive. */
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
 * Takes the place of a dead socket's file. The lock is one more link to our own live socket, so that a lock whose
 * owner has died can be told from a held one. Who holds it is the only one to replace the file.
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

/** Takes the first of the names that no other user has put a file under, which is the same for all of this user. */
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

/** False for what another user has made. */
function isMine({ uid }: Stats): boolean {
  return process.getuid === undefined || uid === process.getuid()
}

/** Files of binds younger than this (ms) are left alone: a socket that doesn't listen yet looks like a dead one. */
const BINDING = 60_000

/** Removes what a bind has left that was killed in its midst: private names and locks of dead sockets. */
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

/** What a link that failed says of the path. */
function taken(cause: unknown): unknown {
  return hasCode(cause, "EEXIST") ? new ZmqError("EADDRINUSE", { cause }) : cause
}

/** Rejects when the path is anything but free or the file of a dead socket. */
async function refuseOccupied(path: string): Promise<void> {
  const found = await find(path)
  if (found === undefined) return
  if (!found.isSocket()) throw new ZmqError("EADDRINUSE", { reason: "the path is not a socket" })
  if (await isAlive(path)) throw new ZmqError("EADDRINUSE", { reason: "somebody listens there" })
}

/** Only a refused connection proves that nobody is there. */
function isAlive(path: string): Promise<boolean> {
  return new Promise(done => {
    const probe = connect({ path }, () => {
      probe.destroy()
      done(true)
    })
    probe.on("error", error => done(!hasCode(error, "ECONNREFUSED") && !hasCode(error, "ENOENT")))
  })
}

/** Synchronous, so that nothing can come between the look and the deed but another process. */
function remover(given: string, notOurs: (path: string) => ReturnType<Release> = () => undefined): Release {
  const path = paths.resolve(given)
  const ours = fs.lstatSync(path)
  return () => {
    try {
      if (!isSame(fs.lstatSync(path), ours)) return notOurs(path)
      fs.unlinkSync(path)
    } catch {
      // Gone already.
    }
    return undefined
  }
}

/** A second name for the file that Node is about to remove, which becomes the first again. */
function keepFromNode(path: string): () => void {
  const kept = `${path}.${process.pid}`
  fs.linkSync(path, kept)
  return () => fs.renameSync(kept, path)
}

/** Removes the directory of a wildcard with all that is in it. Throws when the socket's file is gone already. */
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
