/** The link between threads, both ends of it in this one: a transport like any other. */
import { MessageChannel } from "node:worker_threads"
import { describe, it } from "vitest"
import type { Connection, Transport } from "../../src/contracts.ts"
import { ZmqError } from "../../src/errors.ts"
import { givenUp } from "../../transports/abort.ts"
import { InprocNames } from "../../transports/inproc-names.ts"
import { acceptLink, endOf, introductionOf } from "../../transports/thread-search.ts"
import { messageTransportSuite } from "../suites/message-transport.ts"

/** Names as in inproc, links as between threads. */
function portTransport(): Transport {
  const names = new InprocNames()
  const endpointOf = (name: string) => `port://${name}`
  const check = (name: string) => {
    if (name === "") throw new ZmqError("EINVAL", { address: endpointOf(name) })
  }
  return {
    scheme: "port",
    checkBind: check,
    checkConnect: check,
    dial(name, host) {
      const endpoint = endpointOf(name)
      return new Promise<Connection>((resolve, reject) => {
        if (host.signal.aborted || names.bound(name) === undefined) throw givenUp(endpoint)
        const { port1, port2 } = new MessageChannel()
        acceptLink({ type: "link", name, ...introductionOf(host) }, port2, names.bound(name))
        port1.once("message", introduction => resolve(endOf(port1, endpoint, host, introduction)))
        host.signal.addEventListener("abort", () => reject(givenUp(endpoint)))
      })
    },
    async listen(name, host, accept) {
      if (names.bound(name) !== undefined) throw new ZmqError("EADDRINUSE", { address: endpointOf(name) })
      const here = { endpoint: endpointOf(name), host, accept }
      names.bind(name, here)
      return {
        endpoint: here.endpoint,
        close: async () => void (names.bound(name) === here && names.unbind(name)),
      }
    },
  }
}

messageTransportSuite("thread link", { describe, it }, () => ({
  transport: portTransport(),
  address: "somewhere",
  nobody: "nowhere",
  malformed: [""],
}))
