import type { Connection, Listener, Transport, TransportHost } from "../src/contracts.ts"
import { ZmqError } from "../src/errors.ts"
import { givenUp } from "./abort.ts"
import { connectInproc } from "./inproc-link.ts"

type Accept = (connection: Promise<Connection>) => void

/** A bind(), or a connect() that waits for one. */
interface Bound {
  readonly host: TransportHost
  readonly accept: Accept
}

interface Waiting {
  readonly host: TransportHost
  readonly resolve: (connection: Connection) => void
}

/**
 * `inproc://` (zmq_inproc(7)): from socket to socket within one context; messages are handed over, not copied. Any name
 * will do; bind and connect come in either order; a connect that finds nobody waits. There are no events.
 */
export function inproc(): Transport {
  const bound = new Map<string, Bound>()
  const waiting = new Map<string, Set<Waiting>>()
  const listen = (name: string, host: TransportHost, accept: Accept): Listener => {
    if (bound.has(name)) throw new ZmqError("EADDRINUSE", { address: endpointOf(name) })
    const here: Bound = { host, accept }
    bound.set(name, here)
    for (const dialler of takeAll(waiting, name)) dialler.resolve(introduce(name, dialler.host, here))
    return listenerOf(name, () => bound.delete(name))
  }
  return {
    scheme: "inproc",
    patient: true,
    carries: "messages",
    checkConnect: checkName,
    checkBind: checkName,
    async dial(name, host) {
      if (host.signal.aborted) throw givenUp(endpointOf(name))
      const there = bound.get(name)
      return there === undefined ? wait(waiting, name, host) : introduce(name, host, there)
    },
    listen: async (name, host, accept) => listen(name, host, accept),
    listenSync: listen,
  }
}

function checkName(name: string): void {
  if (name === "") throw new ZmqError("EINVAL", { address: endpointOf(name), reason: "inproc needs a name" })
}

function endpointOf(name: string): string {
  return `inproc://${name}`
}

/** Makes the link, and hands the one end to the bound side; returns the other. */
function introduce(name: string, dialler: TransportHost, { host, accept }: Bound): Connection {
  const [near, far] = connectInproc(endpointOf(name), dialler.local, host.local)
  accept(Promise.resolve(far))
  return near
}

function wait(waiting: Map<string, Set<Waiting>>, name: string, host: TransportHost): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      all.delete(entry)
      if (all.size === 0 && waiting.get(name) === all) waiting.delete(name)
      reject(givenUp(endpointOf(name)))
    }
    const entry: Waiting = {
      host,
      resolve(connection) {
        host.signal.removeEventListener("abort", abort)
        resolve(connection)
      },
    }
    const all = waiting.get(name) ?? new Set()
    waiting.set(name, all.add(entry))
    host.signal.addEventListener("abort", abort, { once: true })
  })
}

function takeAll(waiting: Map<string, Set<Waiting>>, name: string): Iterable<Waiting> {
  const all = waiting.get(name) ?? []
  waiting.delete(name)
  return all
}

function listenerOf(name: string, release: () => void): Listener {
  let closed = false
  return {
    endpoint: endpointOf(name),
    async close() {
      if (!closed) release()
      closed = true
    },
  }
}
