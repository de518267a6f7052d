import net, { type Server } from "node:net"
import { ZmqError } from "../../src/base/errors.ts"
import { util } from "../common/builtins.ts"

/** A literal address, or a path. */
export type Place = { readonly host: string; readonly port: number } | { readonly path: string }

/** What a listening socket is inside Node. Methods return 0 or a negative error number. */
interface Handle {
  listen(backlog: number): number
  close(): void
}

/** With -1 for port and family, the address is a path. */
type Where = [address: string, port: number, family: 4 | 6 | -1]

/** What all versions of Node have, but none documents. */
interface Internals {
  _handle: Handle | null
  /** Takes the handle that the server has. */
  _listen2?(...args: [...Where, backlog: number]): void
}

/**
 * Makes a server listen before it returns. server.listen() itself looks even literals up and tells of failures later,
 * so the functions below it are called. Throws Node's system error, or ENOTSUP where those functions are gone.
 */
export function listenAtOnce(server: Server, place: Place, backlog: number): void {
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
  // The port may turn out to be taken only now.
  const failure = handle.listen(backlog)
  if (failure !== 0) {
    handle.close()
    throw systemError(failure)
  }
  internals._handle = handle
  internals._listen2(...where, backlog)
}

/** What Bun has for listening; a failure is thrown. */
interface Bun {
  listen(where: object): { stop(): void }
}

/**
 * On Bun a server listens by the time that listen() returns; but of a failure it tells later, and without a reason before.
 * Bun's own way to listen tells the reason.
 */
function listenPlainly(server: Server, place: Place, backlog: number): void {
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

function whereOf(place: Place): Where {
  if ("path" in place) return [place.path, -1, -1]
  return [place.host, place.port, net.isIPv6(place.host) ? 6 : 4]
}

function systemError(number: number): Error {
  return Object.assign(new Error("listen"), { code: util.getSystemErrorName(number) })
}
