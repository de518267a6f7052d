import { fromSystemError, type ZmqError } from "../src/base/errors.ts"
import type { Connection } from "../src/contracts/connection.ts"
import type { Accept, Listener, Transport, TransportHost } from "../src/contracts/transport.ts"
import { givenUp } from "./common/abort.ts"
import { bindSync } from "./ipc/bind-sync.ts"
import { parsePath } from "./ipc/path.ts"
import type { Bound } from "./ipc/socket-file.ts"
import { connectSocket } from "./net/dial.ts"
import { NetListener } from "./net/listener.ts"
import { NetStream } from "./net/stream.ts"

/**
 * This is the transport `ipc://` (zmq_ipc(7)), over Unix domain sockets. The address has one of three forms: a path; or
 * `*`, which binds a file `socket` in a new directory under $TMPDIR, $TEMPDIR, $TMP or the current directory; or, on
 * Linux, `@` and a name that needs no file.
 *
 * Unlike libzmq, bind never takes a path from a live listener and never touches what is not a socket, and the file is
 * removed on close. On Node 20 abstract names are padded with NULs (libuv before 1.51): they reach only processes on
 * Node 20, neither libzmq nor later Nodes.
 *
 * @example
 * ```ts
 * const local = new Context({ transports: [ipc()] })
 * ```
 */
export function ipc(): Transport {
  return {
    scheme: "ipc",
    checkConnect: address => void parsePath(address),
    checkBind: address => void parsePath(address),
    dial,
    listen,
    listenSync,
  }
}

async function dial(address: string, host: TransportHost): Promise<Connection> {
  const endpoint = `ipc://${address}`
  const path = parsePath(address)
  const socket = await connectSocket({ path }, endpoint, 0, host.signal).catch((error: unknown) => {
    if (!host.signal.aborted) host.report({ type: "close" })
    throw fromSystemError(error, endpoint)
  })
  if (host.signal.aborted) {
    socket.destroy()
    throw givenUp(endpoint)
  }
  return host.upgrade(new NetStream(socket, endpoint, endpoint))
}

async function listen(address: string, host: TransportHost, accept: Accept): Promise<Listener> {
  const path = parsePath(address)
  const listener = listenerFor(host, accept)
  try {
    const { bind } = await import("./ipc/bind.ts")
    return ready(listener, await bind(listener, address, path, host.options))
  } catch (cause) {
    throw bindFailed(cause, listener, address, host)
  }
}

function listenSync(address: string, host: TransportHost, accept: Accept): Listener {
  const path = parsePath(address)
  const listener = listenerFor(host, accept)
  try {
    return ready(listener, bindSync(listener, address, path, host.options))
  } catch (cause) {
    throw bindFailed(cause, listener, address, host)
  }
}

function ready(listener: NetListener, { address, release }: Bound): Listener {
  return listener.ready(`ipc://${address}`, release)
}

function listenerFor(host: TransportHost, accept: Accept): NetListener {
  return new NetListener(host, accept, (socket, bound) => new NetStream(socket, bound, bound))
}

function bindFailed(cause: unknown, listener: NetListener, address: string, host: TransportHost): ZmqError {
  listener.discard()
  const error = fromSystemError(cause, `ipc://${address}`)
  host.report({ type: "close", address: `ipc://${address}` })
  host.report({ type: "bind:error", address, error })
  return error
}
