import type { Socket } from "node:net"
import { fromSystemError } from "../../src/base/errors.ts"
import { now } from "../../src/base/runtime.ts"
import type { Connection } from "../../src/contracts/connection.ts"
import type { TransportHost } from "../../src/contracts/transport.ts"
import { givenUp, unlessAborted } from "../common/abort.ts"
import { connectSocket } from "../net/dial.ts"
import { type ConnectTarget, type HostPort, parseConnect, parseProxy } from "./address.ts"
import type { Layer } from "./layer.ts"
import { type Lookup, resolveRemote, resolveSource } from "./resolve.ts"
import { streamOf, tune } from "./stream.ts"

/** Makes one attempt to connect to a target, directly or through the proxy that the options name. */
export async function dial(
  address: string,
  host: TransportHost,
  lookup: Lookup,
  { scheme, dialled }: Layer,
): Promise<Connection> {
  const endpoint = `${scheme}://${address}`
  const target = parseConnect(scheme, address)
  const proxy = parseProxy(host.options.socksProxy, endpoint)
  if (target.port > 65535) throw fromSystemError({ code: "EADDRNOTAVAIL" }, endpoint)
  // With a proxy only the proxy's name is resolved here, because the proxy resolves the target's.
  const routes = await findRoutes({ ...target, ...proxy }, host, lookup, endpoint)
  host.report({ type: "connect:delay" })
  const socket = await reach(routes, proxy && target, host, endpoint).catch((cause: unknown) => {
    // An aborted dial makes no event.
    if (!host.signal.aborted) host.report({ type: "close" })
    throw fromSystemError(cause, endpoint)
  })
  if (host.signal.aborted) {
    socket.destroy()
    throw givenUp(endpoint)
  }
  tune(socket, host.options)
  return host.upgrade(dialled(streamOf(socket, scheme, endpoint), target, host.options))
}

interface Route extends HostPort {
  readonly localAddress?: string
  readonly localPort?: number
}

async function findRoutes(
  { host: name, port, source }: ConnectTarget,
  { options, signal }: TransportHost,
  lookup: Lookup,
  endpoint: string,
): Promise<readonly Route[]> {
  const hosts = await unlessAborted(resolveRemote(name, options.ipv6, lookup, endpoint), signal, endpoint)
  if (source === undefined) return hosts.map(host => ({ host, port }))
  const localAddress = resolveSource(source.host, options.ipv6, endpoint)
  return hosts.map(host => ({ host, port, localAddress, localPort: source.port }))
}

/** @param behind the target that a proxy at the end of the routes is asked to connect to; undefined without a proxy */
async function reach(
  routes: readonly Route[],
  behind: HostPort | undefined,
  { options, signal }: TransportHost,
  endpoint: string,
): Promise<Socket> {
  const { connectTimeout, handshakeInterval } = options
  if (behind === undefined) return connectAny(routes, connectTimeout, signal, endpoint)
  const { connectThrough } = await import("./socks.ts")
  const started = now()
  const socket = await connectAny(routes, connectTimeout, signal, endpoint)
  const left = Math.max(1, connectTimeout - (now() - started))
  await connectThrough(socket, behind, endpoint, connectTimeout > 0 ? left : handshakeInterval, signal)
  return socket
}

/** Connects by the first route that works. All routes together count as one attempt, which makes one event. */
async function connectAny(
  routes: readonly Route[],
  timeout: number,
  signal: AbortSignal,
  endpoint: string,
): Promise<Socket> {
  let failure: unknown
  for (const route of routes) {
    try {
      return await connectSocket(route, endpoint, Math.ceil(timeout / routes.length), signal)
    } catch (error) {
      if (signal.aborted) throw error
      failure = error
    }
  }
  throw failure
}
