import type { Server } from "node:net"
import { ZmqError } from "../../src/base/errors.ts"
import { fs, paths } from "../common/builtins.ts"
import type { NetListener, Release } from "../net/listener.ts"
import { isAbstract, parsePath, privateName, temporaryPrefix } from "./path.ts"
import {
  type Bound,
  type FileAccess,
  grant,
  grantDirectory,
  keepFromNode,
  orWithoutLinks,
  removeDirectory,
  remover,
  taken,
} from "./socket-file.ts"

/** Does the same as bind(), before it returns. */
export function bindSync(listener: NetListener, address: string, path: string, access: FileAccess): Bound {
  if (address === "*") return bindAnywhereSync(listener, access)
  if (!isAbstract(path)) return { address, release: bindPathSync(listener, path, access) }
  listener.listenSync({ path })
  return { address }
}

function bindAnywhereSync(listener: NetListener, access: FileAccess): Bound {
  const directory = fs.mkdtempSync(temporaryPrefix())
  const address = paths.join(directory, "socket")
  try {
    listener.listenSync({ path: parsePath(address) })
    grantDirectory(directory, address, access)
    return { address, release: removeDirectory(directory, address) }
  } catch (error) {
    fs.rmSync(directory, { recursive: true, force: true })
    throw error
  }
}

/**
 * Binds a listener to a path, but only where no file is, because probing a file takes a turn. Throws EADDRINUSE where a
 * file is, even a dead socket's.
 */
function bindPathSync(listener: NetListener, path: string, access: FileAccess): Release {
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

/** Binds by a hard link. Returns false, with the listener unbound, when the file system has no hard links. */
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
