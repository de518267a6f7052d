/** JeroMQ 0.3.6 speaks ZMTP 2.0 only, and hangs up on a greeting of 64 bytes. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  Dealer,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Subscriber,
} from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { compilePeer, JeroMq, missing } from "../support/jeromq.ts"
import { open } from "../support/open.ts"

const reason = missing()
if (reason !== undefined) process.stderr.write(`JeroMQ is not tested: ${reason}\n`)

const COUNT = 5
const numbers = Array.from({ length: COUNT }, (_, n) => n)

async function take(socket: Pull | Subscriber): Promise<void> {
  for (const n of numbers) {
    const [name, body] = await socket.receive()
    expect([String(name), body?.length]).toEqual([`n${n}`, n * 100])
  }
}

describe.skipIf(reason !== undefined).each(["bind", "connect"] as const)(
  "JeroMQ 0.3.6 that has to %s",
  role => {
    let folder = ""
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "jeromq-"))
      compilePeer(folder)
    })
    afterAll(() => rmSync(folder, { recursive: true }))

    /** Joins the two; the peer has said that it is ready. */
    async function facing(socket: Socket, type: string): Promise<JeroMq> {
      open(socket)
      const endpoint = await freeEndpoint("tcp")
      if (role === "connect") await socket.bind(endpoint)
      const peer = new JeroMq(folder, type, role, endpoint, COUNT)
      expect(await peer.line()).toBe("ready")
      if (role === "bind") socket.connect(endpoint)
      return peer
    }

    it("PUSH to PULL", async () => {
      const pull = new Pull()
      await facing(pull, "PUSH")
      await take(pull)
    })

    it("PULL from PUSH", async () => {
      const push = new Push({ heartbeatInterval: 5 })
      const peer = await facing(push, "PULL")
      for (const n of numbers) await push.send([`n${n}`, Buffer.alloc(n * 100)])
      expect(await peer.lines(COUNT)).toEqual(numbers.map(n => `n${n} ${n * 100}`))
    })

    it("REQ to REP", async () => {
      const reply = new Reply()
      const peer = await facing(reply, "REQ")
      for (const _ of numbers) await reply.send(["yes", ...(await reply.receive())])
      expect(await peer.lines(COUNT)).toEqual(numbers.map(n => `yes ${n * 100 + 2}`))
    })

    it("REP to REQ", async () => {
      const request = new Request()
      await facing(request, "REP")
      for (const n of numbers) {
        await request.send(["a", `b${n}`])
        expect((await request.receive()).map(String)).toEqual(["a", `b${n}`])
      }
    })

    it("DEALER to ROUTER", async () => {
      const router = new Router()
      const peer = await facing(router, "DEALER")
      for (const _ of numbers) await router.send(await router.receive())
      expect(await peer.lines(COUNT)).toEqual(numbers.map(n => `n${n} ${n * 100}`))
    })

    it("ROUTER to DEALER", async () => {
      const dealer = new Dealer({ routingId: "me" })
      await facing(dealer, "ROUTER")
      for (const n of numbers) {
        await dealer.send([`d${n}`, "x"])
        expect((await dealer.receive()).map(String)).toEqual([`d${n}`, "x"])
      }
    })

    it("SUB from PUB", async () => {
      const publisher = new Publisher()
      const peer = await facing(publisher, "SUB")
      const first = peer.line()
      let heard = false
      void first.then(() => {
        heard = true
      })
      while (!heard) {
        await publisher.send("topic")
        await new Promise(resolve => setImmediate(resolve))
      }
      expect(await first).toBe("topic 0")
    })

    it("XPUB to SUB", async () => {
      const subscriber = new Subscriber()
      subscriber.subscribe("n")
      await facing(subscriber, "XPUB")
      await take(subscriber)
    })
  },
)
