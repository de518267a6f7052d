import { type NetConnectOpts, Socket as NetSocket } from "node:net"
import { ZmqError } from "../../src/base/errors.ts"
import { TimeLimit } from "../../src/base/time-limit.ts"
import { givenUp } from "../common/abort.ts"

/**
 * One connected socket, paused and half-open as {@link NetStream} wants it. Rejects with Node's system error, with
 * ECONNREFUSED when it is connected to itself, with ETIMEDOUT after `timeout` ms (0: when the operating system thinks so), or when the signal is aborted.
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
    // The error listener stays: nothing may be thrown until the stream has its own.
    socket.on("error", reject).once("close", settled)
    socket.once("connect", () => {
      settled()
      if (!isConnectedToItself(socket)) return resolve(socket)
      // With a reset, since an orderly close would keep the port from whoever wants to listen there.
      socket.resetAndDestroy()
      reject(new ZmqError("ECONNREFUSED", { address: endpoint, reason: "nobody but the dialler is there" }))
    })
    socket.pause()
    socket.connect(where)
    socket.unref()
  })
}

/**
 * A port of this machine that nobody listens on may be the very one that the system picks for the connection, which then
 * leads back to itself (RFC 9293, 3.5: a simultaneous open).
 */
function isConnectedToItself({ localAddress, localPort, remoteAddress, remotePort }: NetSocket): boolean {
  return remotePort !== undefined && localPort === remotePort && localAddress === remoteAddress
}
