import { isMainThread } from "node:worker_threads"
import { ZmqError } from "../src/base/errors.ts"
import type { Connection } from "../src/contracts/connection.ts"
import type { Listener, Transport, TransportHost } from "../src/contracts/transport.ts"
import { givenUp } from "./common/abort.ts"
import { type Bound, InprocNames } from "./inproc/names.ts"
import { threadDirectory } from "./threads/directory.ts"

/** Options of {@link inproc}. */
export interface InprocOptions {
  /**
   * All transports with the same `shared` see the same names, in all threads of the process. The library's own context
   * uses the empty string. Without this option names are known to this one transport only.
   */
  shared?: string
}

/** A directory binds and finds names. */
interface Directory {
  dial(name: string, endpoint: string, host: TransportHost): Promise<Connection>
  listen(name: string, here: Bound): Promise<Listener>
  listenSync(name: string, here: Bound): Listener
  isBound(name: string): boolean
}

/**
 * This is the transport `inproc://` (zmq_inproc(7)), which joins sockets within one process. Between sockets of one
 * thread messages are handed over, not copied. Between threads they are packed, and moved in batches. A name is any text
 * that is not empty. Bind and connect may come in either order: a connect that finds no bound name waits for one. There
 * are no monitor events, except when a peer's thread has ended.
 *
 * @example
 * ```ts
 * const jobs = new Context({ transports: [inproc({ shared: "jobs" })] })
 * ```
 */
export function inproc({ shared }: InprocOptions = {}): Transport {
  if (shared !== undefined && typeof shared !== "string") throw new TypeError("`shared` must be a string")
  const directory = shared === undefined ? privateDirectory() : sharedDirectory(shared)
  return {
    scheme: "inproc",
    patient: true,
    carries: "messages",
    // The main thread doesn't wait, because when it has nothing else to do no thread is left that could bind the name.
    peersMayStillCome: shared !== undefined && !isMainThread,
    isBound: name => directory.isBound(name),
    checkConnect: checkName,
    checkBind: checkName,
    async dial(name, host) {
      if (host.signal.aborted) throw givenUp(endpointOf(name))
      return directory.dial(name, endpointOf(name), host)
    },
    listen: (name, host, accept) => directory.listen(name, { endpoint: endpointOf(name), host, accept }),
    listenSync: (name, host, accept) =>
      directory.listenSync(name, { endpoint: endpointOf(name), host, accept }),
  }
}

function checkName(name: string): void {
  if (name === "") throw new ZmqError("EINVAL", { address: endpointOf(name), reason: "inproc needs a name" })
}

function endpointOf(name: string): string {
  return `inproc://${name}`
}

function privateDirectory(): Directory {
  const names = new InprocNames()
  const listenSync = (name: string, here: Bound): Listener => {
    if (names.bound(name) !== undefined) throw new ZmqError("EADDRINUSE", { address: here.endpoint })
    names.bind(name, here)
    return {
      endpoint: here.endpoint,
      async close() {
        if (names.bound(name) === here) names.unbind(name)
      },
    }
  }
  return {
    async dial(name, endpoint, host) {
      return names.connect(name, host) ?? names.wait(name, endpoint, host)
    },
    listen: async (name, here) => listenSync(name, here),
    listenSync,
    isBound: name => names.bound(name) !== undefined,
  }
}

function sharedDirectory(shared: string): Directory {
  const directory = threadDirectory()
  // The length keeps ("a", "b/c") and ("a/b", "c") apart.
  const full = (name: string) => `${shared.length}/${shared}/${name}`
  return {
    dial: (name, endpoint, host) => directory.dial(full(name), endpoint, host),
    listen: (name, here) => directory.listen(full(name), here),
    listenSync: (name, here) => directory.listenSync(full(name), here),
    isBound: name => directory.isBound(full(name)),
  }
}
