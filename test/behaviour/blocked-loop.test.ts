/**
 * A program that computes for long, with the defaults of nobody but these limits: when the event loop turns again the
 * answers of the peers lie in the kernel, and no limit may judge before they are read.
 */
import { Worker } from "node:worker_threads"
import { beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { now } from "../../src/base/clock.ts"
import { loadZmtp } from "../../src/endpoints/load.ts"
import { Pull, Push, Request, Router, type Socket } from "../../src/index.ts"
import { connectSocket } from "../../transports/net/dial.ts"
import { connectThrough } from "../../transports/tcp/socks.ts"
import { block } from "../support/block.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { nextEvent, recordEvents, turn } from "../support/events.ts"
import { NumberedCheck, numbered } from "../support/numbered.ts"
import { open } from "../support/open.ts"
import { Peer } from "../support/peer.ts"
import { PeerThread } from "../support/peer-thread.ts"
import { Relay } from "../support/relay.ts"
import type { RemotePeer } from "../support/remote-peer.ts"

// A program's first connection has a few turns more, in which the code is loaded.
beforeAll(async () => void (await loadZmtp()))

const LIMIT = 200
/** Late enough for every limit, and not made good by what is given back. */
const LONG = 4 * LIMIT

const types = (socket: Socket) => {
  const seen = recordEvents(socket)
  return () => seen.map(({ type }) => type)
}

/** Has turns for what was sent and received before the block, and after it. */
async function blockBetweenTurns(): Promise<void> {
  await turn()
  await turn()
  block(LONG)
  await turn()
  await turn()
}

/** Blocks the loop in each of its turns, until the function returned is called; at the end of the test at the latest. */
function blockEachTurn(): () => void {
  let over = false
  const stop = () => {
    over = true
  }
  const again = () => {
    if (over) return
    block(LIMIT + 50)
    setImmediate(again)
  }
  onTestFinished(stop)
  again()
  return stop
}

const base64 = (text: string) => [Buffer.from(text).toString("base64")]

/** A peer whose loop turns while ours doesn't. */
const PLACES: readonly [Scheme, string, () => Promise<RemotePeer>][] = [
  ["tcp", "libzmq", () => Peer.start("native")],
  ["ipc", "libzmq", () => Peer.start("native")],
  ["inproc", "another thread", () => PeerThread.start()],
]

describe.each(PLACES)("over %s, with %s", (scheme, _, start) => {
  it("an answer that came in time is received in time", async () => {
    await using peer = await start()
    const request = open(new Request({ receiveTimeout: LIMIT }))
    const reply = await peer.call("open", "Reply")
    const endpoint = await peer.call("bind", reply, await freeEndpoint(scheme))
    request.connect(endpoint)
    const echoed = peer.call("echo", reply, 3)
    for (let n = 0; n < 3; n++) {
      await request.send(`question ${n}`)
      const received = request.receive()
      await turn()
      block(LONG)
      expect(String(await received)).toBe(`question ${n}`)
    }
    await echoed
  })

  it("room that came in time is used in time", async () => {
    await using peer = await start()
    const router = open(new Router({ mandatory: true, sendHighWaterMark: 1, sendTimeout: LIMIT }))
    const endpoint = await freeEndpoint(scheme)
    await router.bind(endpoint)
    const dealer = await peer.call("open", "Dealer", { routingId: "them", receiveHighWaterMark: 1 })
    await peer.call("connect", dealer, endpoint)
    await peer.call("send", dealer, base64("hello"))
    await router.receive()
    const shape = { parts: 2, size: 256 * 1024 }
    let next = 0
    while (router.trySend(["them", ...numbered(next, shape)])) {
      next++
      await turn()
    }
    const sent = router.send(["them", ...numbered(next, shape)])
    const received = peer.call("receiveNumbered", dealer, 0, next + 1, shape)
    await turn()
    block(LONG)
    await sent
    await received
  })

  it("a peer that came in time is sent to in time", async () => {
    await using peer = await start()
    const endpoint = await freeEndpoint(scheme)
    const push = open(new Push({ sendTimeout: LIMIT }))
    await push.bind(endpoint)
    const pull = await peer.call("open", "Pull")
    const sent = push.send("welcome")
    const connected = peer.call("connect", pull, endpoint)
    await turn()
    block(LONG)
    await Promise.all([sent, connected])
    await peer.call("receive", pull)
  })

  it("drain() and linger give the time that the loop has lost", async () => {
    await using peer = await start()
    for (const way of ["drain", "close"] as const) {
      const pull = await peer.call("open", "Pull")
      const endpoint = await peer.call("bind", pull, await freeEndpoint(scheme))
      const push = open(new Push({ linger: 10 * LIMIT, sendHighWaterMark: 0 }))
      push.connect(endpoint)
      for (let n = 0; n < 100; n++) await push.send([String(n), Buffer.alloc(200_000, n)])
      const received = peer.call("receiveNumbered", pull, 0, 100, { parts: 2, size: 200_000 })
      await turn()
      const drained = way === "drain" ? push.drain({ timeout: 10 * LIMIT }) : push.close()
      await turn()
      block(12 * LIMIT)
      if (way === "drain") expect(await drained).toEqual([])
      await received
    }
  })
})

describe.each(["tcp", "ipc"] as const)("over %s", scheme => {
  it("a peer whose PINGs were not read in time has kept its promise", async () => {
    await using peer = await Peer.start("native")
    const endpoint = await freeEndpoint(scheme)
    const pull = open(new Pull())
    const seen = types(pull)
    await pull.bind(endpoint)
    // Its own limit is long, because nobody answers while we compute.
    const beats = { heartbeatInterval: 50, heartbeatTimeToLive: LIMIT, heartbeatTimeout: 60_000 }
    const push = await peer.call("open", "Push", beats)
    await peer.call("connect", push, endpoint)
    const sent = peer.call("sendNumbered", push, 0, 4)
    const check = new NumberedCheck(0)
    while (check.next < 4) {
      check.take(await pull.receive())
      await blockBetweenTurns()
    }
    await sent
    expect(seen()).toEqual(["bind", "accept", "handshake"])
  })

  it("a peer whose PONG was not read in time has answered", async () => {
    await using peer = await Peer.start("native")
    const pull = await peer.call("open", "Pull")
    const endpoint = await peer.call("bind", pull, await freeEndpoint(scheme))
    const push = open(new Push({ heartbeatInterval: 50, heartbeatTimeout: LIMIT }))
    const seen = types(push)
    const shaken = nextEvent(push, "handshake")
    push.connect(endpoint)
    await shaken
    for (let n = 0; n < 4; n++) {
      await push.send(String(n))
      await blockBetweenTurns()
    }
    await peer.call("receiveNumbered", pull, 0, 4)
    expect(seen()).not.toContain("disconnect")
  })

  it.each(["bind", "connect"] as const)("a handshake that was not read in time is made (%s)", async role => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "Pull")
    const push = open(new Push({ handshakeInterval: LIMIT }))
    const seen = types(push)
    for (const event of ["accept", "connect"] as const) push.events.on(event, () => block(LONG))
    const shaken = nextEvent(push, "handshake")
    const endpoint = await freeEndpoint(scheme)
    if (role === "bind") {
      await push.bind(endpoint)
      await peer.call("connect", theirs, endpoint)
    } else {
      await peer.call("bind", theirs, endpoint)
      push.connect(endpoint)
    }
    await shaken
    expect(seen()).not.toContain("handshake:error:other")
  })

  it("a handshake is made though the loop is blocked in each of its turns", async () => {
    await using peer = await Peer.start("native")
    const endpoint = await freeEndpoint(scheme)
    await peer.call("bind", await peer.call("open", "Pull"), endpoint)
    const push = open(new Push({ handshakeInterval: LIMIT }))
    const seen = types(push)
    const shaken = nextEvent(push, "handshake")
    push.events.on("connect", blockEachTurn)
    push.connect(endpoint)
    await shaken
    expect(seen()).not.toContain("handshake:error:other")
  })

  it("a connection that the kernel has made in time is one", async () => {
    await using peer = await Peer.start("native")
    const endpoint = await freeEndpoint(scheme)
    await peer.call("bind", await peer.call("open", "Pull"), endpoint)
    const url = new URL(endpoint)
    const where = scheme === "tcp" ? { host: url.hostname, port: Number(url.port) } : { path: url.pathname }
    const connecting = connectSocket(where, endpoint, LIMIT, new AbortController().signal)
    block(LONG)
    const socket = await connecting
    socket.destroy()
  })

  it("a process that was stopped for long finds its peers alive", async () => {
    await using native = await Peer.start("native")
    await using ours = await Peer.start("ours")
    const target = await freeEndpoint(scheme)
    const endpoint = await freeEndpoint(scheme)
    const pull = await ours.call("open", "Pull", { heartbeatInterval: 50, heartbeatTimeout: LIMIT })
    await ours.call("watch", pull)
    await ours.call("bind", pull, target)
    const between = await Relay.start(endpoint, target)
    onTestFinished(() => between.stop())
    const beats = { heartbeatInterval: 50, heartbeatTimeToLive: LIMIT, heartbeatTimeout: 60_000 }
    const push = await native.call("open", "Push", beats)
    await native.call("connect", push, endpoint)
    await between.seen("there", "PING", 2)
    ours.freeze()
    await between.seen("there", "PING", 10)
    ours.thaw()
    await native.call("send", push, base64("still there"))
    expect(await ours.call("receive", pull)).toEqual(base64("still there"))
    expect((await ours.call("sees", pull, "handshake")).map(({ type }) => type)).toEqual([
      "bind",
      "accept",
      "handshake",
    ])
  })
})

describe("a SOCKS proxy", () => {
  const SCRIPT = `
    const { createServer } = require("node:net")
    const server = createServer(socket => {
      socket.on("error", () => {})
      socket.once("data", () => {
        socket.write(Buffer.of(5, 0))
        socket.once("data", () => socket.write(Buffer.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0)))
      })
    })
    server.listen(0, "127.0.0.1", () => require("node:worker_threads").parentPort.postMessage(server.address().port))`

  it("that has answered in time is used, though the loop is blocked in each turn", async () => {
    const worker = new Worker(SCRIPT, { eval: true })
    onTestFinished(() => void worker.terminate())
    const port = await new Promise<number>(resolve => worker.once("message", resolve))
    const { signal } = new AbortController()
    const socket = await connectSocket({ host: "127.0.0.1", port }, "tcp://proxy:1", 0, signal)
    onTestFinished(() => void socket.destroy())
    const connected = connectThrough(socket, { host: "127.0.0.1", port: 1 }, "tcp://there:1", LIMIT, signal)
    const stop = blockEachTurn()
    await connected.finally(stop)
  })
})

describe("a peer that really is silent", () => {
  it("is given up in the end, even by a program that never lets its loop rest", async () => {
    const pull = open(new Pull({ receiveTimeout: LIMIT }))
    await pull.bind(await freeEndpoint("tcp"))
    const started = now()
    const stop = blockEachTurn()
    await expect(pull.receive()).rejects.toMatchObject({ code: "EAGAIN" })
    stop()
    expect(now() - started).toBeGreaterThanOrEqual(LIMIT)
  })
})
