/** What each type promises holds between threads as within one. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  XPublisher,
} from "../../src/index.ts"
import { nextEvent, recordEvents, turn, until } from "../support/events.ts"
import { PeerThread } from "../support/peer-thread.ts"

let names = 0
const fresh = () => `inproc://semantics-${++names}`
const base64 = (...parts: string[]) => parts.map(part => Buffer.from(part).toString("base64"))
const text = (parts: string[]) => parts.map(part => Buffer.from(part, "base64").toString())

function closing<S extends Socket>(socket: S): S {
  onTestFinished(() => socket.close())
  return socket
}

let peer: PeerThread
beforeAll(async () => {
  peer = await PeerThread.start()
})
afterAll(() => peer.kill())

describe("PUB and XPUB", () => {
  it("filter at their own thread: what nobody there has subscribed to is not sent", async () => {
    const endpoint = fresh()
    const publisher = closing(new XPublisher({ sendHighWaterMark: 5 }))
    await publisher.bind(endpoint)
    const subscriber = await peer.call("open", "Subscriber", { receiveHighWaterMark: 5 })
    await peer.call("connect", subscriber, endpoint)
    await peer.call("subscribe", subscriber, "yes")
    expect(String(await publisher.receive())).toBe("\x01yes")
    // Were they sent, they would fill the ten places on the way, and push out what matters.
    for (let n = 0; n < 1000; n++) await publisher.send(`no ${n}`)
    for (let n = 0; n < 5; n++) await publisher.send(`yes ${n}`)
    for (let n = 0; n < 5; n++) expect(text(await peer.call("receive", subscriber))).toEqual([`yes ${n}`])
  })

  it("hear of subscriptions, of their end, and of those of a thread that is over", async () => {
    const endpoint = fresh()
    const publisher = closing(new XPublisher())
    await publisher.bind(endpoint)
    await using mortal = await PeerThread.start()
    const subscriber = await mortal.call("open", "Subscriber")
    await mortal.call("connect", subscriber, endpoint)
    await mortal.call("subscribe", subscriber, "a", "b")
    expect([String(await publisher.receive()), String(await publisher.receive())]).toEqual(["\x01a", "\x01b"])
    await mortal.call("unsubscribe", subscriber, "a")
    expect(String(await publisher.receive())).toBe("\x00a")
    await mortal.kill()
    expect(String(await publisher.receive())).toBe("\x00b")
  })

  it("drop what a subscriber's busy thread has no room for, and go on", async () => {
    const endpoint = fresh()
    const publisher = closing(new Publisher({ sendHighWaterMark: 10 }))
    await publisher.bind(endpoint)
    const subscriber = await peer.call("open", "Subscriber", { receiveHighWaterMark: 10 })
    await peer.call("connect", subscriber, endpoint)
    await peer.call("subscribe", subscriber, "")
    let heard = false
    const first = peer.call("receive", subscriber).then(() => {
      heard = true
    })
    while (!heard) {
      await publisher.send("?")
      await turn()
    }
    await first
    const gate = new Int32Array(new SharedArrayBuffer(4))
    void peer.call("block", gate)
    await until(() => Atomics.load(gate, 0) === 1)
    for (let n = 0; n < 100_000; n++) await publisher.send("flood")
    Atomics.store(gate, 0, 0)
    Atomics.notify(gate, 0)
    // What was on the way and in the queues there and here; then it is heard again.
    let count = 0
    for (let next = ""; next !== "again"; next = text(await peer.call("receive", subscriber))[0]!) {
      if (next === "flood") count++
      await publisher.send("again")
    }
    expect(count).toBeLessThanOrEqual(10 + 10 + 10)
  })
})

describe("ROUTER", () => {
  it("knows peers by their routing ids, and refuses those it doesn't know", async () => {
    const endpoint = fresh()
    const router = closing(new Router({ mandatory: true }))
    await router.bind(endpoint)
    const dealers = await Promise.all(["a", "b"].map(routingId => peer.call("open", "Dealer", { routingId })))
    for (const dealer of dealers) {
      await peer.call("connect", dealer, endpoint)
      await peer.call("send", dealer, base64("here"))
    }
    const ids = [String((await router.receive())[0]), String((await router.receive())[0])]
    expect(new Set(ids)).toEqual(new Set(["a", "b"]))
    await router.send(["b", "for b"])
    expect(text(await peer.call("receive", dealers[1]!))).toEqual(["for b"])
    await expect(router.send(["c", "for c"])).rejects.toMatchObject({ code: "EHOSTUNREACH" })
  })

  it("forgets a peer whose thread is over, and hands its id over to the next", async () => {
    const endpoint = fresh()
    const router = closing(new Router({ mandatory: true, sendTimeout: 0 }))
    await router.bind(endpoint)
    for (let life = 0; life < 2; life++) {
      await using mortal = await PeerThread.start()
      const dealer = await mortal.call("open", "Dealer", { routingId: "same" })
      await mortal.call("connect", dealer, endpoint)
      await mortal.call("send", dealer, base64("here"))
      expect((await router.receive()).map(String)).toEqual(["same", "here"])
      await router.send(["same", "hello"])
      expect(text(await mortal.call("receive", dealer))).toEqual(["hello"])
      const gone = nextEvent(router, "disconnect")
      await mortal.kill()
      await gone
      await expect(router.send(["same", "too late"])).rejects.toMatchObject({ code: "EHOSTUNREACH" })
    }
  })
})

it("PAIR has one peer, in whatever thread", async () => {
  const endpoint = fresh()
  const pair = closing(new Pair())
  await pair.bind(endpoint)
  const [first, second] = await Promise.all([1, 2].map(() => peer.call("open", "Pair", { sendTimeout: 0 })))
  await peer.call("connect", first!, endpoint)
  await pair.send("for the first")
  expect(text(await peer.call("receive", first!))).toEqual(["for the first"])
  await peer.call("connect", second!, endpoint)
  // The second is turned away; the first is not disturbed.
  for (let n = 0; n < 3; n++) {
    await peer.call("send", first!, base64(`${n}`))
    expect(String(await pair.receive())).toBe(`${n}`)
    await pair.send(`${n}`)
    expect(text(await peer.call("receive", first!))).toEqual([`${n}`])
  }
  await peer.call("close", second!)
})

it("PUSH deals out to threads in turn, and passes over those that are full", async () => {
  const endpoint = fresh()
  const push = closing(new Push({ sendHighWaterMark: 1 }))
  await push.bind(endpoint)
  const pull = await peer.call("open", "Pull")
  await peer.call("connect", pull, endpoint)
  await push.send("linked")
  await peer.call("receive", pull)
  const here = closing(new Pull({ receiveHighWaterMark: 1 }))
  here.connect(endpoint)
  await turn()
  await push.send("a")
  await push.send("b")
  const both = await Promise.all([here.receive().then(String), peer.call("receive", pull).then(text)])
  expect(new Set(both.flat())).toEqual(new Set(["a", "b"]))
  // Nobody reads here: all but a few go there.
  const sending = (async () => {
    for (let n = 0; n < 100; n++) await push.send(`${n}`)
  })()
  for (let n = 0; n < 95; n++) await peer.call("receive", pull)
  await sending
})

it("REQ asks again when the thread that was asked is over", async () => {
  const endpoint = fresh()
  const request = closing(new Request({ relaxed: true, correlate: true, receiveTimeout: 200 }))
  request.connect(endpoint)
  await using mortal = await PeerThread.start()
  const deaf = await mortal.call("open", "Reply")
  await mortal.call("bind", deaf, endpoint)
  await request.send("to the deaf")
  await expect(request.receive()).rejects.toMatchObject({ code: "EAGAIN" })
  const gone = nextEvent(request, "disconnect")
  await mortal.kill()
  await gone
  const reply = closing(new Reply())
  await reply.bind(endpoint)
  request.receiveTimeout = -1
  await request.send("again")
  expect(String(await reply.receive())).toBe("again")
  await reply.send("yes")
  expect(String(await request.receive())).toBe("yes")
})

it("there are no events but of a thread that is over", async () => {
  const endpoint = fresh()
  const dealer = closing(new Dealer())
  const seen = recordEvents(dealer)
  await dealer.bind(endpoint)
  await using mortal = await PeerThread.start()
  const there = await mortal.call("open", "Dealer")
  await mortal.call("connect", there, endpoint)
  await mortal.call("send", there, base64("hello"))
  await dealer.receive()
  expect(seen).toEqual([])
  const gone = nextEvent(dealer, "disconnect")
  await mortal.kill()
  await gone
  expect(seen.map(({ type }) => type)).toEqual(["disconnect"])
})

it("what a closed socket still has for a thread that doesn't take it is dropped when its linger is over", async () => {
  const endpoint = fresh()
  const pull = await peer.call("open", "Pull", { receiveHighWaterMark: 1 })
  await peer.call("bind", pull, endpoint)
  const push = new Push({ linger: 0, sendHighWaterMark: 100 })
  push.connect(endpoint)
  await push.send("first")
  await peer.call("receive", pull)
  for (let n = 0; n < 50; n++) await push.send(`${n}`)
  push.close()
  const last = closing(new Push())
  last.connect(endpoint)
  await last.send("last")
  let count = 0
  while (text(await peer.call("receive", pull))[0] !== "last") count++
  expect(count).toBeLessThan(50)
})

describe("a routing id, and a PAIR's place, have one peer, whatever its thread", () => {
  it.each([
    ["ROUTER", () => new Router(), "Dealer"],
    ["PAIR", () => new Pair(), "Pair"],
  ] as const)(
    "at a %s the second waits until the first has left, and loses nothing",
    async (_, make, type) => {
      const endpoint = fresh()
      const server = closing(make())
      await server.bind(endpoint)
      const options = { ...(type === "Dealer" && { routingId: "same" }), reconnectInterval: 5, linger: 0 }
      const [first, second] = [await peer.call("open", type, options), await peer.call("open", type, options)]
      await peer.call("connect", first, endpoint)
      await peer.call("send", first, base64("first"))
      expect(String((await server.receive()).at(-1))).toBe("first")
      const refused = nextEvent(server, "accept:error")
      await peer.call("connect", second, endpoint)
      for (let n = 0; n < 100; n++) await peer.call("send", second, base64(`${n}`))
      expect((await refused).error.code).toBe(type === "Pair" ? "EISCONN" : "EADDRINUSE")
      expect(server.readable).toBe(false)
      await peer.call("close", first)
      for (let n = 0; n < 100; n++) expect(String((await server.receive()).at(-1))).toBe(`${n}`)
      await peer.call("close", second)
    },
  )
})
