import type { AddressInfo, Socket } from "node:net"
import type { Connection, Listener, Transport, TransportHost, TransportOptions } from "../src/contracts.ts"
import { fromSystemError, type ZmqError } from "../src/errors.ts"
import { givenUp, unlessAborted } from "./abort.ts"
import { connectSocket } from "./net-dial.ts"
import { NetListener } from "./net-listener.ts"
import { NetStream } from "./net-stream.ts"
import { type ConnectTarget, formatEndpoint, parseBind, parseConnect } from "./tcp-address.ts"
import { type Lookup, lookupBySystem, resolveLocal, resolveRemote, resolveSource } from "./tcp-resolve.ts"

export type { Lookup } from "./tcp-resolve.ts"

export interface TcpOptions {
  /** Resolves host names, anew at each bind and each attempt to connect; the operating system's by default. */
  readonly lookup?: Lookup
}

/**
 * `tcp://` (zmq_tcp(7)), over node:net.
 *
 * A dial tries every address of a name in order, and the connect timeout is shared out among them. Nagle's
 * algorithm is always off. Of the keepalive options Node can set the switch and the idle time; it fixes the count (10)
 * and the interval (1 s) of probes. A connect under way and a name look-up keep the process running until they end:
 * Node can't be told otherwise.
 */
export function tcp(options: TcpOptions = {}): Transport {
  const lookup = options.lookup ?? lookupBySystem
  return {
    scheme: "tcp",
    checkConnect: address => void parseConnect(address),
    checkBind: address => void parseBind(address),
    dial: (address, host) => dial(address, host, lookup),
    listen: (address, host, accept) => listen(address, host, accept, lookup),
  }
}

// --- Connecting

async function dial(address: string, host: TransportHost, lookup: Lookup): Promise<Connection> {
  const endpoint = `tcp://${address}`
  const routes = await findRoutes(parseConnect(address), host, lookup, endpoint)
  const socket = await connectAny(routes, host, endpoint)
  if (host.signal.aborted) {
    socket.destroy()
    throw givenUp(endpoint)
  }
  tune(socket, host.options)
  return host.upgrade(streamOf(socket, endpoint))
}

interface Route {
  readonly host: string
  readonly port: number
  readonly localAddress?: string
  readonly localPort?: number
}

async function findRoutes(
  { host: name, port, source }: ConnectTarget,
  { options, signal }: TransportHost,
  lookup: Lookup,
  endpoint: string,
): Promise<readonly Route[]> {
  if (port > 65535) throw fromSystemError({ code: "EADDRNOTAVAIL" }, endpoint)
  const hosts = await unlessAborted(resolveRemote(name, options.ipv6, lookup, endpoint), signal, endpoint)
  if (source === undefined) return hosts.map(host => ({ host, port }))
  const localAddress = resolveSource(source.host, options.ipv6, endpoint)
  return hosts.map(host => ({ host, port, localAddress, localPort: source.port }))
}

/** The first route that leads anywhere. To the outside it is one connection that is made, or closed. */
async function connectAny(routes: readonly Route[], host: TransportHost, endpoint: string): Promise<Socket> {
  const timeout = Math.ceil(host.options.connectTimeout / routes.length)
  let failure: unknown
  host.report({ type: "connect:delay" })
  for (const route of routes) {
    try {
      return await connectSocket(route, endpoint, timeout, host.signal)
    } catch (error) {
      // Giving up by ourselves is no event.
      if (host.signal.aborted) throw error
      failure = error
    }
  }
  host.report({ type: "close" })
  throw fromSystemError(failure, endpoint)
}

// --- Listening

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
  const listener = new NetListener(host, accept, (socket, bound) => {
    tune(socket, host.options)
    return streamOf(socket, bound)
  })
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

// --- Both

function tune(socket: Socket, { tcpKeepalive, tcpKeepaliveIdle }: TransportOptions): void {
  socket.setNoDelay(true)
  if (tcpKeepalive === 1) socket.setKeepAlive(true, Math.max(tcpKeepaliveIdle, 0) * 1000)
  else if (tcpKeepalive === 0) socket.setKeepAlive(false)
}

/** @param known stands in for addresses that are gone because the peer has left already */
function streamOf(socket: Socket, known: string): NetStream {
  const { localAddress, localPort, remoteAddress, remotePort } = socket
  return new NetStream(
    socket,
    describe(localAddress, localPort, known),
    describe(remoteAddress, remotePort, known),
  )
}

function describe(address: string | undefined, port: number | undefined, known: string): string {
  return address === undefined || port === undefined ? known : formatEndpoint(address, port)
}
