/** Threads that end: in order, by terminate(), by an error nobody catches. */
import { describe, expect, it, onTestFinished } from "vitest"
import { Dealer, Pair, Pull, Push, type Socket } from "../../src/index.ts"
import { nextEvent } from "../support/events.ts"
import { PeerThread } from "../support/peer-thread.ts"
import { WORKERS_LINGER } from "../support/runtime.ts"

let names = 0
const fresh = () => `inproc://death-${++names}`
const base64 = (value: string) => [Buffer.from(value).toString("base64")]

function closing<S extends Socket>(socket: S): S {
  onTestFinished(() => socket.close())
  return socket
}

async function start(): Promise<PeerThread> {
  const peer = await PeerThread.start()
  onTestFinished(() => peer.kill())
  return peer
}

/** `waits`: until what it has sent is delivered. `handsOver`: it has time to post what is still queued. */
const WAYS = [
  ["is terminated", { end: (peer: PeerThread) => peer.kill(), waits: false, handsOver: false }],
  ["throws", { end: (peer: PeerThread) => peer.call("fail").catch(() => {}), waits: false, handsOver: true }],
  [
    "ends in order",
    { end: (peer: PeerThread) => peer.call("leave").catch(() => {}), waits: true, handsOver: true },
  ],
] as const

describe.each(WAYS)("a worker that %s", (_way, { end, waits, handsOver }) => {
  it("is seen to be gone: an event, and nothing that had arrived is lost", async ({ skip }) => {
    skip(waits && WORKERS_LINGER.missing, WORKERS_LINGER.reason)
    const endpoint = fresh()
    const pull = closing(new Pull({ receiveHighWaterMark: 10 }))
    await pull.bind(endpoint)
    const peer = await start()
    const push = await peer.call("open", "Push", { sendHighWaterMark: 1 })
    await peer.call("connect", push, endpoint)
    // Once the last one is queued there, all others are on this side: ten in the pipe, ten still packed.
    await peer.call("sendNumbered", push, 0, 21)
    await peer.call("memory")
    const gone = nextEvent(pull, "disconnect")
    void end(peer)
    if (!waits) await peer.exited
    const count = handsOver ? 21 : 20
    for (let n = 0; n < count; n++) expect(String((await pull.receive())[0])).toBe(String(n))
    expect(await gone).toMatchObject({ address: endpoint, error: { code: "ECONNRESET" } })
    expect(pull.readable).toBe(false)
  })

  it("frees its name, and the next one that binds it gets what was waiting", async () => {
    const endpoint = fresh()
    const push = closing(new Push({ linger: 0 }))
    push.connect(endpoint)
    for (let life = 0; life < 3; life++) {
      const peer = await start()
      const pull = await peer.call("open", "Pull")
      await peer.call("bind", pull, endpoint)
      await push.send(`life ${life}`)
      expect(await peer.call("receive", pull)).toEqual(base64(`life ${life}`))
      const gone = nextEvent(push, "disconnect")
      void end(peer)
      await gone
    }
    const pull = closing(new Pull())
    await pull.bind(endpoint)
    await push.send("home")
    expect(String(await pull.receive())).toBe("home")
  })
})

describe("a link between threads", () => {
  it("ends silently when a socket is closed, and is made again when the name is bound again", async () => {
    const endpoint = fresh()
    const peer = await start()
    const dealer = closing(new Dealer())
    const { events } = dealer
    dealer.connect(endpoint)
    for (let life = 0; life < 3; life++) {
      const there = await peer.call("open", "Dealer")
      await peer.call("bind", there, endpoint)
      await dealer.send("ask")
      await peer.call("echo", there, 1)
      expect(String(await dealer.receive())).toBe("ask")
      await peer.call("close", there)
    }
    dealer.close()
    expect((await events.receive()).type).toBe("end")
  })

  it("is not made again by a PAIR", async () => {
    const endpoint = fresh()
    const peer = await start()
    const pair = closing(new Pair({ sendTimeout: 0 }))
    pair.connect(endpoint)
    const there = await peer.call("open", "Pair")
    await peer.call("bind", there, endpoint)
    await pair.send("hello")
    await peer.call("receive", there)
    const gone = nextEvent(pair, "disconnect")
    await peer.kill()
    await gone
    await expect(pair.send("anybody?")).rejects.toMatchObject({ code: "EAGAIN" })
  })

  it("delivers what was sent before the close, within linger", async ({ skip }) => {
    skip(WORKERS_LINGER.missing, WORKERS_LINGER.reason)
    const endpoint = fresh()
    const pull = closing(new Pull({ receiveHighWaterMark: 1 }))
    await pull.bind(endpoint)
    const peer = await start()
    const push = await peer.call("open", "Push")
    await peer.call("connect", push, endpoint)
    await peer.call("sendNumbered", push, 0, 500)
    await peer.call("close", push)
    void peer.call("leave").catch(() => {})
    for (let n = 0; n < 500; n++) expect(String((await pull.receive())[0])).toBe(String(n))
    await peer.exited
  })
})
