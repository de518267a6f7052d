import type { AddressInfo, Socket } from "node:net"
import type { Connection, Listener, Transport, TransportHost } from "../src/contracts.ts"
import { fromSystemError, type ZmqError } from "../src/errors.ts"
import { acceptFilter } from "./accept-filter.ts"
import { NetListener } from "./net-listener.ts"
import { formatEndpoint, parseBind, parseConnect, parseProxy } from "./tcp-address.ts"
import { dial } from "./tcp-dial.ts"
import { type Lookup, lookupBySystem, resolveLocal } from "./tcp-resolve.ts"
import { streamOf, tune } from "./tcp-stream.ts"

export type { Lookup } from "./tcp-resolve.ts"

export interface TcpOptions {
  /** Resolves host names, anew at each bind and each attempt to connect; the operating system's by default. */
  readonly lookup?: Lookup
}

/**
 * `tcp://` (zmq_tcp(7)), over node:net.
 *
 * A dial tries every address of a name in order, and the connect timeout is shared out among them. A connect under way
 * and a name look-up keep the process running until they end: Node can't be told otherwise.
 */
export function tcp(options: TcpOptions = {}): Transport {
  const lookup = options.lookup ?? lookupBySystem
  return {
    scheme: "tcp",
    checkConnect: (address, { socksProxy }) => {
      parseConnect(address)
      parseProxy(socksProxy, address)
    },
    checkBind: address => void parseBind(address),
    dial: (address, host) => dial(address, host, lookup),
    listen: (address, host, accept) => listen(address, host, accept, lookup),
  }
}

async function listen(
  address: string,
  host: TransportHost,
  accept: (connection: Promise<Connection>) => void,
  lookup: Lookup,
): Promise<Listener> {
  const endpoint = `tcp://${address}`
  const { host: name, port } = parseBind(address)
  const local = await resolveLocal(name, host.options.ipv6, lookup, endpoint).catch((error: ZmqError) => {
    host.report({ type: "bind:error", address, error })
    throw error
  })
  const filter = acceptFilter(host.options.tcpAcceptFilter, endpoint)
  const wrap = (socket: Socket, bound: string) => {
    tune(socket, host.options)
    return streamOf(socket, bound)
  }
  const listener = new NetListener(host, accept, wrap, filter)
  try {
    const server = await listener.listen({ host: local, port })
    const bound = server.address() as AddressInfo
    return listener.ready(formatEndpoint(bound.address, bound.port))
  } catch (cause) {
    throw bindFailed(cause, address, host)
  }
}

/** libzmq tells of the closed listener first, which had no address, and then names the address without a scheme. */
function bindFailed(cause: unknown, address: string, host: TransportHost): ZmqError {
  const error = fromSystemError(cause, `tcp://${address}`)
  host.report({ type: "close" })
  host.report({ type: "bind:error", address, error })
  return error
}
