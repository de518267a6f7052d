import net, { type Server } from "node:net"
import { ZmqError } from "../../src/base/errors.ts"
import { util } from "../common/builtins.ts"

/** A place to listen is a literal address with a port, or a path. */
export type ListenTarget = { readonly host: string; readonly port: number } | { readonly path: string }

/** This is Node's inner object of a listening socket. Its methods return 0 or a negative error number. */
interface Handle {
  listen(backlog: number): number
  close(): void
}

/** This is a place in the form of Node's inner functions. With -1 for port and family, the address is a path. */
type Where = [address: string, port: number, family: 4 | 6 | -1]

/** All versions of Node have these members, but none documents them. */
interface Internals {
  _handle: Handle | null
  /** Begins to accept connections on the handle that the server has. */
  _listen2?(...args: [...Where, backlog: number]): void
}

/**
 * Makes a server listen before it returns. It calls Node's inner functions, because server.listen() looks up even
 * literal addresses, and reports a failure only later. Throws Node's system error, or ENOTSUP where those functions don't exist.
 */
export function listenAtOnce(server: Server, place: ListenTarget, backlog: number): void {
  const { _createServerHandle: create } = net as {
    _createServerHandle?: (...where: Where) => Handle | number
  }
  const internals = server as unknown as Internals
  if (create === undefined || internals._listen2 === undefined) {
    listenPlainly(server, place, backlog)
    return
  }
  const where = whereOf(place)
  const handle = create(...where)
  if (typeof handle === "number") throw systemError(handle)
  // On some systems a taken port is noticed only here.
  const failure = handle.listen(backlog)
  if (failure !== 0) {
    handle.close()
    throw systemError(failure)
  }
  internals._handle = handle
  internals._listen2(...where, backlog)
}

/** This is Bun's own way to listen; it throws on a failure. */
interface Bun {
  listen(where: object): { stop(): void }
}

/**
 * Makes a server listen without Node's inner functions. On Bun listen() works before it returns, but reports a failure
 * only later. So after a failure Bun's own listen() is called, because that throws the reason.
 */
function listenPlainly(server: Server, place: ListenTarget, backlog: number): void {
  const late = () => {}
  server.once("error", late)
  server.listen({ ...place, backlog, exclusive: true })
  if (server.listening) {
    server.off("error", late)
    return
  }
  server.close()
  const { Bun } = globalThis as { Bun?: Bun }
  const where = "path" in place ? { unix: place.path } : { hostname: place.host, port: place.port }
  Bun?.listen({ ...where, socket: { data: () => {} } }).stop()
  throw new ZmqError("ENOTSUP", { reason: "this runtime can't listen synchronously; use bind()" })
}

function whereOf(place: ListenTarget): Where {
  if ("path" in place) return [place.path, -1, -1]
  return [place.host, place.port, net.isIPv6(place.host) ? 6 : 4]
}

function systemError(number: number): Error {
  return Object.assign(new Error("listen"), { code: util.getSystemErrorName(number) })
}
