import type { AddressInfo, Server, Socket } from "node:net"
import { fromSystemError, type ZmqError } from "../../src/base/errors.ts"
import type { Accept, Listener, Transport, TransportHost } from "../../src/contracts/transport.ts"
import { NetListener } from "../net/listener.ts"
import { acceptFilter } from "./accept-filter.ts"
import { formatEndpoint, parseBind, parseConnect, parseProxy } from "./address.ts"
import { dial } from "./dial.ts"
import type { Layer } from "./layer.ts"
import { type Lookup, resolveLocal, resolveLocalNow } from "./resolve.ts"
import { streamOf, tune } from "./stream.ts"

/** Makes a transport over node:net. Its connections speak TCP, then the layer's protocol, then ZMTP. */
export function tcpTransport(layer: Layer, lookup: Lookup): Transport {
  const { scheme } = layer
  return {
    scheme,
    checkConnect: (address, { socksProxy }) => {
      parseConnect(scheme, address)
      parseProxy(socksProxy, `${scheme}://${address}`)
    },
    checkBind: address => {
      parseBind(scheme, address)
      layer.checkBind?.(`${scheme}://${address}`)
    },
    dial: (address, host) => dial(address, host, lookup, layer),
    listen: (address, host, accept) => listen(address, host, accept, layer, lookup),
    listenSync: (address, host, accept) => listenSync(address, host, accept, layer),
  }
}

async function listen(
  address: string,
  host: TransportHost,
  accept: Accept,
  layer: Layer,
  lookup: Lookup,
): Promise<Listener> {
  const endpoint = `${layer.scheme}://${address}`
  const { host: name, port } = parseBind(layer.scheme, address)
  const local = await resolveLocal(name, host.options.ipv6, lookup, endpoint).catch((error: ZmqError) => {
    host.report({ type: "bind:error", address, error })
    throw error
  })
  const listener = listenerFor(endpoint, host, accept, layer)
  try {
    return ready(layer, listener, await listener.listen({ host: local, port }))
  } catch (cause) {
    throw bindFailed(cause, endpoint, address, host)
  }
}

function listenSync(address: string, host: TransportHost, accept: Accept, layer: Layer): Listener {
  const endpoint = `${layer.scheme}://${address}`
  const { host: name, port } = parseBind(layer.scheme, address)
  const local = resolveLocalNow(name, host.options.ipv6, endpoint)
  const listener = listenerFor(endpoint, host, accept, layer)
  try {
    return ready(layer, listener, listener.listenSync({ host: local, port }))
  } catch (cause) {
    throw bindFailed(cause, endpoint, address, host)
  }
}

function listenerFor(
  endpoint: string,
  host: TransportHost,
  accept: Accept,
  { scheme, accepted }: Layer,
): NetListener {
  const filter = acceptFilter(host.options.tcpAcceptFilter, endpoint)
  const wrap = (socket: Socket, bound: string) => {
    tune(socket, host.options)
    return accepted(streamOf(socket, scheme, bound), host.options)
  }
  return new NetListener(host, accept, wrap, filter)
}

function ready({ scheme }: Layer, listener: NetListener, server: Server): Listener {
  const bound = server.address() as AddressInfo
  return listener.ready(formatEndpoint(scheme, bound.address, bound.port))
}

/** Reports a failed bind as libzmq does: first "close" without an address, then "bind:error" without the scheme. */
function bindFailed(cause: unknown, endpoint: string, address: string, host: TransportHost): ZmqError {
  const error = fromSystemError(cause, endpoint)
  host.report({ type: "close" })
  host.report({ type: "bind:error", address, error })
  return error
}
