/** Heartbeats with libzmq, both ways: they keep healthy connections up, and end those of frozen peers. */
import { describe, expect, it, onTestFinished } from "vitest"
import { Dealer, Pair, Pull, Push } from "../../src/index.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { nextEvent, recordEvents, turn, until } from "../support/events.ts"
import { NumberedCheck } from "../support/numbered.ts"
import { Peer } from "../support/peer.ts"
import { Relay } from "../support/relay.ts"

const beats = { heartbeatInterval: 50, heartbeatTimeout: 1000, heartbeatTimeToLive: 1000 }

/** A relay to what is, or will be, bound to `target`. */
async function relay(scheme: Scheme, target: string): Promise<{ relay: Relay; endpoint: string }> {
  const endpoint = await freeEndpoint(scheme)
  const started = await Relay.start(endpoint, target)
  onTestFinished(() => started.stop())
  return { relay: started, endpoint }
}

describe.each(["ipc", "tcp"] as const)("heartbeats over %s", scheme => {
  it.each([
    ["ours to libzmq", beats, {}, { back: "PING", there: "PONG" }],
    ["libzmq's to us", {}, beats, { back: "PONG", there: "PING" }],
    ["both ways", beats, beats, { back: "PING", there: "PING" }],
  ] as const)(
    "%s are answered and keep an idle connection up",
    async (_title, options, theirOptions, goesBy) => {
      await using peer = await Peer.start("native")
      const ours = new Pair(options)
      onTestFinished(() => ours.close())
      await ours.bind(await freeEndpoint(scheme))
      const between = await relay(scheme, ours.lastEndpoint as string)
      const seen = recordEvents(ours)
      const theirs = await peer.call("open", "Pair", theirOptions)
      await peer.call("connect", theirs, between.endpoint)
      await Promise.all([
        between.relay.seen("back", goesBy.back, 10),
        between.relay.seen("there", goesBy.there, 10),
      ])
      await ours.send("still there?")
      expect(Buffer.from((await peer.call("receive", theirs))[0] ?? "", "base64").toString()).toBe(
        "still there?",
      )
      expect(seen.map(({ type }) => type)).toEqual(["accept", "handshake"])
    },
  )

  it("a frozen libzmq peer is noticed, and dialled again once it is back", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "Pull")
    const endpoint = await freeEndpoint(scheme)
    await peer.call("bind", theirs, endpoint)
    const ours = new Push({ ...beats, reconnectInterval: 20, handshakeInterval: 500 })
    onTestFinished(() => ours.close())
    const shaken = nextEvent(ours, "handshake")
    ours.connect(endpoint)
    await shaken
    const lost = nextEvent(ours, "disconnect")
    peer.freeze()
    expect((await lost).error).toMatchObject({ code: "ETIMEDOUT" })
    const again = nextEvent(ours, "handshake")
    peer.thaw()
    await again
    await ours.send("back")
    expect(Buffer.from((await peer.call("receive", theirs))[0] ?? "", "base64").toString()).toBe("back")
  })

  it("libzmq notices when we are frozen, by the silence after its PINGs", async () => {
    await using peer = await Peer.start("native")
    await using frozen = await Peer.start("ours")
    const endpoint = await freeEndpoint(scheme)
    const theirs = await peer.call("open", "Pull", { heartbeatInterval: 50, heartbeatTimeout: 200 })
    await peer.call("watch", theirs)
    await peer.call("bind", theirs, endpoint)
    const push = await frozen.call("open", "Push")
    await frozen.call("connect", push, endpoint)
    await peer.call("sees", theirs, "handshake")
    frozen.freeze()
    await peer.call("sees", theirs, "disconnect")
  })

  it("libzmq notices when we are frozen, by the time to live of our PINGs", async () => {
    await using peer = await Peer.start("native")
    await using frozen = await Peer.start("ours")
    const target = await freeEndpoint(scheme)
    const theirs = await peer.call("open", "Pull")
    await peer.call("watch", theirs)
    await peer.call("bind", theirs, target)
    const between = await relay(scheme, target)
    const push = await frozen.call("open", "Push", beats)
    const pinged = between.relay.seen("there", "PING", 1)
    await frozen.call("connect", push, between.endpoint)
    await pinged
    frozen.freeze()
    await peer.call("sees", theirs, "disconnect")
  })

  it("we notice a peer whose PINGs stop, by their time to live", async () => {
    await using peer = await Peer.start("native")
    const pull = new Pull()
    onTestFinished(() => pull.close())
    await pull.bind(await freeEndpoint(scheme))
    const between = await relay(scheme, pull.lastEndpoint as string)
    const theirs = await peer.call("open", "Push", beats)
    const pinged = between.relay.seen("there", "PING", 1)
    await peer.call("connect", theirs, between.endpoint)
    await pinged
    const lost = nextEvent(pull, "disconnect")
    peer.freeze()
    expect((await lost).error).toMatchObject({ code: "ETIMEDOUT" })
  })

  it.each([
    ["while we read", false],
    ["though we don't read, because our queue is full", true],
  ])("a frozen peer is noticed while messages wait for it, %s", async (_, full) => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "Dealer")
    const endpoint = await freeEndpoint(scheme)
    await peer.call("bind", theirs, endpoint)
    const limits = { sendHighWaterMark: 1, receiveHighWaterMark: 1 }
    const ours = new Dealer({
      heartbeatInterval: 100,
      heartbeatTimeout: 200,
      reconnectInterval: 0,
      ...limits,
    })
    onTestFinished(() => ours.close())
    const shaken = nextEvent(ours, "handshake")
    ours.connect(endpoint)
    await shaken
    if (full) for (let n = 0; n < 3; n++) await peer.call("send", theirs, ["bWU="])
    if (full) await until(() => ours.readable)
    const lost = nextEvent(ours, "disconnect")
    peer.freeze()
    const body = Buffer.alloc(256 * 1024)
    let over = false
    void lost.then(() => {
      over = true
    })
    for (let sent = 0; !over; await turn()) if (ours.trySend(body)) expect(++sent).toBeLessThan(1000)
    expect((await lost).error).toMatchObject({ code: "ETIMEDOUT" })
  })

  it.each(["native", "ours"] as const)(
    "a peer that works off a full queue is not taken for dead by %s, though it reads no PING",
    async library => {
      await using peer = await Peer.start(library)
      const pull = new Pull({ receiveHighWaterMark: 10 })
      onTestFinished(() => pull.close())
      await pull.bind(await freeEndpoint(scheme))
      const between = await relay(scheme, pull.lastEndpoint as string)
      const seen = recordEvents(pull)
      // So long that a busy machine is no reason; the PONGs take longer still.
      const watching = { heartbeatInterval: 200, heartbeatTimeout: 3000 }
      const push = await peer.call("open", "Push", watching)
      const pinged = between.relay.seen("there", "PING", 1)
      await peer.call("connect", push, between.endpoint)
      await pinged
      const shape = { parts: 2, size: 64 * 1024 }
      const sent = peer.call("sendNumbered", push, 0, 200, shape)
      await until(() => pull.readable)
      await between.relay.seen("back", "PONG", 40)
      const check = new NumberedCheck(0, shape)
      while (check.next < 200) check.take(await pull.receive())
      await sent
      expect(seen.map(({ type }) => type)).toEqual(["accept", "handshake"])
    },
  )
})
