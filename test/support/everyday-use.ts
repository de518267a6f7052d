import { describe, expect, it } from "vitest"
import type * as Library from "../../src/index.ts"
import { freeEndpoint, type Scheme } from "./endpoints.ts"
import { open } from "./open.ts"

const SCHEMES: readonly Scheme[] = ["inproc", "ipc", "tcp"]

/** More than a turn's budget of operations that complete at once. */
const MANY = 1200

/**
 * Tests of what every program does with sockets, for places whose globals aren't those of Node.
 *
 * @param load gives the library; it is called by each test
 */
export function describeEverydayUse(load: () => Promise<typeof Library>): void {
  describe.each(SCHEMES)("over %s", scheme => {
    it("many messages come in order, whoever comes first", async () => {
      const { Pull, Push } = await load()
      const endpoint = await freeEndpoint(scheme)
      const push = open(new Push({ reconnectInterval: 1 }))
      const pull = open(new Pull())
      push.connect(endpoint)
      await pull.bind(endpoint)
      const sending = (async () => {
        for (let n = 0; n < MANY; n++) await push.send(String(n))
      })()
      const received: string[] = []
      for (let n = 0; n < MANY; n++) received.push(String(await pull.receive()))
      await sending
      expect(received).toEqual(Array.from({ length: MANY }, (_, n) => String(n)))
    })

    it("a request finds its reply, and events are told", async () => {
      const { Reply, Request } = await load()
      const endpoint = await freeEndpoint(scheme)
      const reply = open(new Reply({ heartbeatInterval: 50, heartbeatTimeToLive: 1000 }))
      const request = open(new Request({ heartbeatInterval: 50, handshakeInterval: 10_000 }))
      const bound = new Promise(resolve => reply.events.on("bind", resolve))
      await reply.bind(endpoint)
      if (scheme !== "inproc") await bound
      request.connect(endpoint)
      await request.send("question")
      await reply.send(await reply.receive())
      expect(String(await request.receive())).toBe("question")
    })

    it("a message that comes too late is told", async () => {
      const { Pull } = await load()
      const pull = open(new Pull({ receiveTimeout: 20 }))
      await pull.bind(await freeEndpoint(scheme))
      await expect(pull.receive()).rejects.toMatchObject({ code: "EAGAIN" })
    })

    it("signals of this place end what is under way", async () => {
      const { Pull } = await load()
      const endpoint = await freeEndpoint(scheme)
      const pull = open(new Pull())
      const controller = new AbortController()
      const { signal } = controller
      await pull.bind(endpoint, { signal })
      const received = pull.receive({ signal })
      controller.abort(new Error("no longer wanted"))
      await expect(received).rejects.toThrow("no longer wanted")
      await expect(open(new Pull()).bind("inproc://never", { signal })).rejects.toThrow("no longer wanted")
    })

    it("what was sent is delivered when the socket drains", async () => {
      const { Pull, Push } = await load()
      const endpoint = await freeEndpoint(scheme)
      const pull = open(new Pull())
      const push = new Push({ linger: 10_000 })
      await pull.bind(endpoint)
      push.connect(endpoint)
      await push.send("last")
      expect(await push.drain({ timeout: 10_000 })).toEqual([])
      expect(String(await pull.receive())).toBe("last")
    })
  })
}
