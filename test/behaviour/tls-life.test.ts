/** The ends of life over tls://: a process that exits, peers that die, freeze or are slow, and a loop that stands still. */
import { describe, expect, it, onTestFinished } from "vitest"
import { Context, Dealer, Pull, Push, Router } from "../../src/index.ts"
import { tls } from "../../transports/tls.ts"
import { block } from "../support/block.ts"
import { Authority } from "../support/certificates.ts"
import { nextEvent, recordEvents, turn, until } from "../support/events.ts"
import { NumberedCheck, numbered } from "../support/numbered.ts"
import { open } from "../support/open.ts"
import { Peer } from "../support/peer.ts"
import type { WayToExit } from "../support/peer-process.ts"

const authority = await Authority.create()
const credentials = { ca: authority.cert, ...(await authority.issue()) }
const ANYWHERE = "tls://127.0.0.1:*"

const over = () => ({ context: new Context({ transports: [tls(credentials)] }) })

async function start(): Promise<Peer> {
  const peer = await Peer.start("ours")
  onTestFinished(() => peer.kill())
  return peer
}

async function receiveNumbered(pull: Pull, from: number, to: number): Promise<void> {
  const check = new NumberedCheck(from)
  while (check.next < to) check.take(await pull.receive())
}

const WAYS: readonly WayToExit[] = ["exit", "throw", "listener"]

describe("what was sent before the end of the process arrives", () => {
  it.each(WAYS)("by %s", async way => {
    const pull = open(new Pull(over()))
    await pull.bind(ANYWHERE)
    const peer = await start()
    const push = await peer.call("open", "Push", { tls: credentials })
    await peer.call("connect", push, pull.lastEndpoint as string)
    await peer.call("sendNumbered", push, 0, 1)
    await receiveNumbered(pull, 0, 1)
    void peer.call("sendAndExit", push, 1, 101, way).catch(() => {})
    await receiveNumbered(pull, 1, 101)
    await peer.exited
  })

  // More than Node encrypts at once, and less than the kernel takes.
  it.each(WAYS)("by %s, though it is much", async way => {
    const pull = open(new Pull(over()))
    await pull.bind(ANYWHERE)
    const peer = await start()
    const push = await peer.call("open", "Push", { tls: credentials })
    await peer.call("connect", push, pull.lastEndpoint as string)
    await peer.call("sendNumbered", push, 0, 1)
    await receiveNumbered(pull, 0, 1)
    const size = { parts: 2, size: 10_000 }
    void peer.call("sendAndExit", push, 0, 60, way, size).catch(() => {})
    const check = new NumberedCheck(0, size)
    while (check.next < 60) check.take(await pull.receive())
    await peer.exited
  })
})

describe("a peer", () => {
  it("that is killed is noticed, and replaced by the next one", async () => {
    const pull = open(new Pull(over()))
    await pull.bind(ANYWHERE)
    const first = await start()
    const push = await first.call("open", "Push", { tls: credentials })
    await first.call("connect", push, pull.lastEndpoint as string)
    await first.call("sendNumbered", push, 0, 3)
    await receiveNumbered(pull, 0, 3)
    const gone = nextEvent(pull, "disconnect")
    await first.kill()
    // The system ends the connection, and TLS doesn't.
    expect((await gone).error).toMatchObject({ code: "ECONNRESET" })
    const second = await start()
    const again = await second.call("open", "Push", { tls: credentials })
    await second.call("connect", again, pull.lastEndpoint as string)
    await second.call("sendNumbered", again, 0, 3)
    await receiveNumbered(pull, 0, 3)
  })

  it("that comes back at its endpoint is found again", async () => {
    const first = open(new Pull(over()))
    await first.bind(ANYWHERE)
    const endpoint = first.lastEndpoint as string
    const push = open(new Push({ ...over(), reconnectInterval: 1 }))
    push.connect(endpoint)
    await push.send("1")
    expect(String(await first.receive())).toBe("1")
    const gone = nextEvent(push, "disconnect")
    first.close()
    expect(await gone).not.toHaveProperty("error")
    const second = open(new Pull(over()))
    await second.bind(endpoint)
    await push.send("2")
    expect(String(await second.receive())).toBe("2")
  })

  it("that closes with much on its way delivers all of it, to one that is slow to read", async () => {
    const pull = open(new Pull({ ...over(), receiveHighWaterMark: 1 }))
    await pull.bind(ANYWHERE)
    const push = open(new Push(over()))
    push.connect(pull.lastEndpoint as string)
    const options = { parts: 2, size: 50_000 }
    for (let n = 0; n < 200; n++) await push.send(numbered(n, options))
    push.close()
    const check = new NumberedCheck(0, options)
    while (check.next < 200) {
      check.take(await pull.receive())
      await turn()
    }
  })

  it("that is frozen ends by the heartbeat, and loses nothing of the others'", async () => {
    const router = open(new Router({ ...over(), heartbeatInterval: 50, heartbeatTimeout: 100 }))
    await router.bind(ANYWHERE)
    const peer = await start()
    const dealer = await peer.call("open", "Dealer", { tls: credentials })
    await peer.call("connect", dealer, router.lastEndpoint as string)
    await peer.call("sendNumbered", dealer, 0, 1)
    await router.receive()
    const gone = nextEvent(router, "disconnect")
    peer.freeze()
    const honest = open(new Dealer(over()))
    honest.connect(router.lastEndpoint as string)
    await honest.send("here")
    expect(String((await router.receive())[1])).toBe("here")
    expect((await gone).error).toMatchObject({ code: "ETIMEDOUT" })
    peer.thaw()
  })

  it("that doesn't read holds its sender back", async () => {
    const pull = open(new Pull({ ...over(), receiveHighWaterMark: 1 }))
    await pull.bind(ANYWHERE)
    const push = open(new Push({ ...over(), sendHighWaterMark: 1, sendTimeout: 0 }))
    const ready = nextEvent(push, "handshake")
    push.connect(pull.lastEndpoint as string)
    await ready
    const body = Buffer.alloc(100_000)
    let sent = 0
    // Until nothing more is taken in many turns.
    for (let turns = 0; turns < 200; turns++) {
      if (push.writable) {
        await push.send(body)
        sent++
        turns = 0
      }
      await turn()
    }
    expect(sent).toBeLessThan(400)
    for (let n = 0; n < sent; n++) expect((await pull.receive())[0]).toHaveLength(body.length)
  })
})

describe("a loop that stands still", () => {
  it("during the handshake makes no connection fail", async () => {
    const LIMIT = 200
    const peer = await start()
    const pull = await peer.call("open", "Pull", { tls: credentials })
    const endpoint = await peer.call("bind", pull, ANYWHERE)
    const push = open(new Push({ ...over(), handshakeInterval: LIMIT }))
    const seen = recordEvents(push)
    push.connect(endpoint)
    await until(() => seen.some(({ type }) => type === "connect"))
    // Longer than all limits, in each turn of the handshake.
    while (!seen.some(({ type }) => type === "handshake")) {
      expect(seen.filter(({ type }) => type.startsWith("handshake:error"))).toEqual([])
      block(LIMIT + 50)
      await turn()
    }
  })
})
