/** Chains of three XSUB/XPUB forwarders, ours and libzmq's in turn: what the leaf wants decides what the root sends. */
import { describe, expect, it, onTestFinished } from "vitest"
import { Publisher, Subscriber, XPublisher, XSubscriber } from "../../src/index.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { turn } from "../support/events.ts"
import { Forwarder } from "../support/forwarder.ts"
import { NumberedCheck, numbered } from "../support/numbered.ts"
import { open } from "../support/open.ts"
import { Peer } from "../support/peer.ts"

const COUNT = 10_000
const NEWS = { parts: "mixed", topic: "news" } as const
const UNLIMITED = { sendHighWaterMark: 0, receiveHighWaterMark: 0 }

type Maker = "ours" | "native"

/** One forwarder. */
interface Hop {
  /** How many messages have gone down through it. */
  forwarded(): Promise<number>
}

async function ourHop(above: string, below: string): Promise<Hop> {
  const [xsub, xpub] = [open(new XSubscriber(UNLIMITED)), open(new XPublisher(UNLIMITED))]
  xsub.connect(above)
  await xpub.bind(below)
  const forwarder = new Forwarder(xsub, xpub)
  return { forwarded: async () => forwarder.down }
}

async function nativeHop(above: string, below: string): Promise<Hop> {
  const peer = await Peer.start("native")
  onTestFinished(() => peer.kill())
  const [xsub, xpub] = [
    await peer.call("open", "XSubscriber", UNLIMITED),
    await peer.call("open", "XPublisher", UNLIMITED),
  ]
  await peer.call("connect", xsub, above)
  await peer.call("bind", xpub, below)
  await peer.call("forward", xsub, xpub)
  return { forwarded: () => peer.call("forwarded", xsub) }
}

/** Hops from the root's endpoint to the one that a leaf connects to. */
async function chain(scheme: Scheme, root: string, makers: readonly Maker[]) {
  const hops: Hop[] = []
  let above = root
  for (const maker of makers) {
    const below = await freeEndpoint(scheme)
    hops.push(await (maker === "ours" ? ourHop(above, below) : nativeHop(above, below)))
    above = below
  }
  return { hops, end: above }
}

const text = (parts: readonly Uint8Array[]) =>
  parts.map(part => Buffer.from(part).toString("latin1")).join("|")

const makers: [string, readonly Maker[]][] = [
  ["ours – native – ours", ["ours", "native", "ours"]],
  ["native – ours – native", ["native", "ours", "native"]],
]

describe.each(makers)("%s", (_, hopsOf) => {
  it.each(["ipc", "tcp"] as const)(
    "over %s: messages follow subscriptions, and stop with them",
    async scheme => {
      const endpoint = await freeEndpoint(scheme)
      const root = open(new XPublisher(UNLIMITED))
      await root.bind(endpoint)
      const { hops, end } = await chain(scheme, endpoint, hopsOf)
      const [first, second] = [1, 2].map(() => open(new Subscriber({ receiveHighWaterMark: 0 }))) as [
        Subscriber,
        Subscriber,
      ]
      for (const leaf of [first, second]) leaf.connect(end)

      first.subscribe("news")
      expect(text(await root.receive())).toBe("\x01news")
      for (let n = 0; n < COUNT; n++) {
        await root.send(numbered(n, { ...NEWS, topic: "unwanted" }))
        await root.send(numbered(n, NEWS))
      }
      const check = new NumberedCheck(0, NEWS)
      while (check.next < COUNT) check.take(await first.receive())
      for (const hop of hops) expect(await hop.forwarded()).toBe(COUNT)

      // A further leaf with the same topic is no news to the root, nor is it when one of two leaves it.
      second.subscribe("news", "second")
      expect(text(await root.receive())).toBe("\x01second")
      first.unsubscribe("news")
      first.subscribe("first")
      expect(text(await root.receive())).toBe("\x01first")
      await root.send("news for one")
      expect(text(await second.receive())).toBe("news for one")

      second.unsubscribe("news")
      expect(text(await root.receive())).toBe("\x00news")
      for (let n = 0; n < 100; n++) await root.send("news for nobody")
      await root.send("second: the end")
      expect(text(await second.receive())).toBe("second: the end")
      for (const hop of hops) expect(await hop.forwarded()).toBe(COUNT + 2)

      second.close()
      expect(text(await root.receive())).toBe("\x00second")
      expect(root.readable).toBe(false)
    },
  )

  it("over tcp, from a libzmq PUB to a libzmq SUB", async () => {
    const peer = await Peer.start("native")
    onTestFinished(() => peer.kill())
    const root = await peer.call("open", "Publisher", { sendHighWaterMark: 0 })
    const { hops, end } = await chain("tcp", await peer.call("bind", root, "tcp://127.0.0.1:*"), hopsOf)
    const leaf = await peer.call("open", "Subscriber", { receiveHighWaterMark: 0 })
    await peer.call("subscribe", leaf, "news", "the end")
    await peer.call("connect", leaf, end)
    const send = (message: string) => peer.call("send", root, [Buffer.from(message).toString("base64")])
    const receive = async () => Buffer.from((await peer.call("receive", leaf))[0] ?? "", "base64").toString()
    let there = false
    const first = receive().then(() => {
      there = true
    })
    while (!there) await send("the end of the beginning")
    await first
    await send("the end: now")
    while ((await receive()) !== "the end: now");
    const received = peer.call("receiveNumbered", leaf, 0, COUNT, NEWS)
    await peer.call("sendNumbered", root, 0, COUNT, NEWS)
    await received

    await peer.call("unsubscribe", leaf, "news")
    // Only what the first hop gets no more has stopped at the root.
    const down = async () => (await hops[0]?.forwarded()) ?? 0
    let count = await down()
    for (;;) {
      await send("news?")
      await send("the end?")
      while ((await receive()) !== "the end?");
      const now = await down()
      if (now - count === 1) break
      count = now
      await turn()
    }
  })
})

it("over inproc, from our PUB through three of ours", async () => {
  const endpoint = await freeEndpoint("inproc")
  const root = open(new Publisher())
  await root.bind(endpoint)
  const { hops, end } = await chain("inproc", endpoint, ["ours", "ours", "ours"])
  const leaf = open(new Subscriber())
  leaf.connect(end)
  leaf.subscribe("news")
  let there = false
  const first = leaf.receive().then(() => {
    there = true
  })
  while (!there) {
    await root.send("news")
    await turn()
  }
  await first
  leaf.unsubscribe("news")
  for (let count = -1, now = 0; count !== now; ) {
    count = now
    for (let n = 0; n < 10; n++) {
      await root.send("news")
      await turn()
    }
    now = (await hops[0]?.forwarded()) ?? 0
  }
})
