import type { AddressInfo, Server, Socket } from "node:net"
import { fromSystemError, type ZmqError } from "../src/base/errors.ts"
import type { Accept, Listener, Transport, TransportHost } from "../src/contracts/transport.ts"
import { NetListener } from "./net/listener.ts"
import { acceptFilter } from "./tcp/accept-filter.ts"
import { formatEndpoint, parseBind, parseConnect, parseProxy } from "./tcp/address.ts"
import { dial } from "./tcp/dial.ts"
import { type Lookup, lookupBySystem, resolveLocal, resolveLocalNow } from "./tcp/resolve.ts"
import { streamOf, tune } from "./tcp/stream.ts"

export type { Lookup } from "./tcp/resolve.ts"

/** Options of {@link tcp}. */
export interface TcpOptions {
  /**
   * Resolves host names. It is called at each bind and at each attempt to connect.
   *
   * @defaultValue the operating system's getaddrinfo(3)
   */
  readonly lookup?: Lookup
}

/**
 * This is the transport `tcp://` (zmq_tcp(7)), over node:net.
 *
 * A dial tries every address of a name in order, and the connect timeout is divided among them. A connect under way and
 * a name look-up keep the process running until they end, because Node offers no way to prevent that.
 *
 * @example
 * ```ts
 * import { lookup } from "node:dns/promises"
 * const fresh = tcp({ lookup: (name, family) => lookup(name, { family, all: true }) })
 * const context = new Context({ transports: [inproc(), fresh] })
 * ```
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
    listenSync,
  }
}

async function listen(
  address: string,
  host: TransportHost,
  accept: Accept,
  lookup: Lookup,
): Promise<Listener> {
  const endpoint = `tcp://${address}`
  const { host: name, port } = parseBind(address)
  const local = await resolveLocal(name, host.options.ipv6, lookup, endpoint).catch((error: ZmqError) => {
    host.report({ type: "bind:error", address, error })
    throw error
  })
  const listener = listenerFor(address, host, accept)
  try {
    return ready(listener, await listener.listen({ host: local, port }))
  } catch (cause) {
    throw bindFailed(cause, address, host)
  }
}

function listenSync(address: string, host: TransportHost, accept: Accept): Listener {
  const { host: name, port } = parseBind(address)
  const local = resolveLocalNow(name, host.options.ipv6, `tcp://${address}`)
  const listener = listenerFor(address, host, accept)
  try {
    return ready(listener, listener.listenSync({ host: local, port }))
  } catch (cause) {
    throw bindFailed(cause, address, host)
  }
}

function listenerFor(address: string, host: TransportHost, accept: Accept): NetListener {
  const filter = acceptFilter(host.options.tcpAcceptFilter, `tcp://${address}`)
  const wrap = (socket: Socket, bound: string) => {
    tune(socket, host.options)
    return streamOf(socket, bound)
  }
  return new NetListener(host, accept, wrap, filter)
}

function ready(listener: NetListener, server: Server): Listener {
  const bound = server.address() as AddressInfo
  return listener.ready(formatEndpoint(bound.address, bound.port))
}

/** Reports a failed bind as libzmq does: first "close" without an address, then "bind:error" without the scheme. */
function bindFailed(cause: unknown, address: string, host: TransportHost): ZmqError {
  const error = fromSystemError(cause, `tcp://${address}`)
  host.report({ type: "close" })
  host.report({ type: "bind:error", address, error })
  return error
}
