import { type NetConnectOpts, Socket as NetSocket } from "node:net"
import { ZmqError } from "../../src/base/errors.ts"
import { TimeLimit } from "../../src/base/time-limit.ts"
import { givenUp } from "../common/abort.ts"

/**
 * Connects a socket, and resolves to it, paused and half-open as {@link NetStream} wants it. Rejects with Node's system
 * error, with ECONNREFUSED when the socket is connected to itself, with ETIMEDOUT after `timeout`, and with ECONNABORTED
 * when the signal is aborted.
 * @param timeout in milliseconds; with 0 the operating system decides
 */
export function connectSocket(
  where: NetConnectOpts,
  endpoint: string,
  timeout: number,
  signal: AbortSignal,
): Promise<NetSocket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(givenUp(endpoint))
    const socket = new NetSocket({ allowHalfOpen: true })
    const abort = () => socket.destroy(givenUp(endpoint))
    const expire = () => socket.destroy(new ZmqError("ETIMEDOUT", { address: endpoint }))
    const limit = timeout > 0 ? new TimeLimit(timeout, expire) : undefined
    const settled = () => {
      limit?.stop()
      signal.removeEventListener("abort", abort)
    }
    signal.addEventListener("abort", abort)
    // The error listener stays, because no error may be uncaught before the stream has its own listener.
    socket.on("error", reject).once("close", settled)
    socket.once("connect", () => {
      settled()
      if (!isConnectedToItself(socket)) return resolve(socket)
      // The socket is reset, because an orderly close would block the port for a listener.
      socket.resetAndDestroy()
      reject(new ZmqError("ECONNREFUSED", { address: endpoint, reason: "nobody but the dialler is there" }))
    })
    socket.pause()
    socket.connect(where)
    socket.unref()
  })
}

/**
 * Returns true when the socket is connected to itself (RFC 9293, 3.5: a simultaneous open). That happens when nobody
 * listens on a port of this machine and the system picks this very port for the connection.
 */
function isConnectedToItself({ localAddress, localPort, remoteAddress, remotePort }: NetSocket): boolean {
  return remotePort !== undefined && localPort === remotePort && localAddress === remoteAddress
}
