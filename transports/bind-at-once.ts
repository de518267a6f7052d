import net, { type Server } from "node:net"
import { getSystemErrorName } from "node:util"
import { ZmqError } from "../src/errors.ts"

/** What a listening socket is inside Node. Methods return 0 or a negative error number. */
interface Handle {
  listen(backlog: number): number
  close(): void
}

type CreateHandle = (address: string, port: number, family: 4 | 6, fd: undefined, flags: 0) => Handle | number

/**
 * Makes a server listen on a literal address before it returns. server.listen() itself looks even literals up, which
 * takes a turn; the function below it is exported by all versions of Node but not documented. Throws Node's system
 * error, or ENOTSUP where the function is gone.
 */
export function listenAtOnce(server: Server, address: string, port: number, backlog: number): void {
  const { _createServerHandle: create } = net as { _createServerHandle?: CreateHandle }
  if (create === undefined) {
    throw new ZmqError("ENOTSUP", { reason: "this version of Node can't listen synchronously; use bind()" })
  }
  const handle = create(address, port, net.isIPv6(address) ? 6 : 4, undefined, 0)
  if (typeof handle === "number") throw systemError(handle)
  // The port may turn out to be taken only now.
  const failure = handle.listen(backlog)
  if (failure !== 0) {
    handle.close()
    throw systemError(failure)
  }
  server.listen(handle, backlog)
}

function systemError(number: number): Error {
  return Object.assign(new Error("listen"), { code: getSystemErrorName(number) })
}
