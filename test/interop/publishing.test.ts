/** XPUB and XSUB against libzmq in another process: numbered messages both ways, and peers that come back. */
import { once } from "node:events"
import { describe, expect, it } from "vitest"
import { Publisher, type Socket, Subscriber, XPublisher, XSubscriber } from "../../src/index.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { turn } from "../support/events.ts"
import { NumberedCheck, numbered } from "../support/numbered.ts"
import { open } from "../support/open.ts"
import { Peer } from "../support/peer.ts"

const COUNT = 100_000
const WANTED = { parts: "mixed", topic: "wanted" } as const
/** Of several parts, libzmq takes those that begin with 0 or 1 for subscriptions. */
const UPWARDS = { topic: "up" } as const
// Publishers drop for a subscriber at its high-water mark, XSUB for a publisher; without one nothing may be missing.
const OUT = { sendHighWaterMark: 0 }
const BOTH = { sendHighWaterMark: 0, receiveHighWaterMark: 0 }
const SUBSCRIBE = "\x01wanted"

const base64 = (text: string) => [Buffer.from(text, "latin1").toString("base64")]
const latin1 = (parts: readonly string[]) =>
  parts.map(part => Buffer.from(part, "base64").toString("latin1")).join("|")

/** Joins one of our sockets and one of the peer's over a fresh endpoint. */
async function join(scheme: Scheme, ours: Socket, peer: Peer, theirs: string, weBind: boolean) {
  const endpoint = await freeEndpoint(scheme)
  if (weBind) {
    await ours.bind(endpoint)
    await peer.call("connect", theirs, endpoint)
  } else {
    await peer.call("bind", theirs, endpoint)
    ours.connect(endpoint)
  }
}

async function publish(socket: Publisher | XPublisher): Promise<void> {
  for (let n = 0; n < COUNT; n++) {
    await socket.send(numbered(n, { ...WANTED, topic: "unwanted" }))
    await socket.send(numbered(n, WANTED))
  }
}

async function take(
  socket: Subscriber | XPublisher | XSubscriber,
  options: typeof WANTED | typeof UPWARDS,
): Promise<void> {
  const check = new NumberedCheck(0, options)
  while (check.next < COUNT) check.take(await socket.receive())
}

const isSubscribed = async (xpub: XPublisher) => expect((await xpub.receive()).join("|")).toBe(SUBSCRIBE)

const cases = (["ipc", "tcp"] as const).flatMap(scheme => [
  { scheme, weBind: true, title: `${scheme}, we bind` },
  { scheme, weBind: false, title: `${scheme}, libzmq binds` },
])

describe.each(cases)("with libzmq over $title", ({ scheme, weBind }) => {
  it("our PUB, their XSUB", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "XSubscriber", BOTH)
    await peer.call("send", theirs, base64(SUBSCRIBE))
    const ours = open(new Publisher(OUT))
    await join(scheme, ours, peer, theirs, weBind)
    let there = false
    const first = peer.call("receive", theirs).then(() => {
      there = true
    })
    while (!there) {
      await ours.send("wanted, are you there?")
      await turn()
    }
    await first
    await ours.send("wanted: now")
    while (latin1(await peer.call("receive", theirs)) !== "wanted: now");
    const received = peer.call("receiveNumbered", theirs, 0, COUNT, WANTED)
    await publish(ours)
    await received
  })

  it("their PUB, our XSUB", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "Publisher", OUT)
    const ours = open(new XSubscriber(BOTH))
    await ours.send(SUBSCRIBE)
    await join(scheme, ours, peer, theirs, weBind)
    let there = false
    const first = ours.receive().then(() => {
      there = true
    })
    while (!there) await peer.call("send", theirs, base64("wanted, are you there?"))
    await first
    await peer.call("send", theirs, base64("wanted: now"))
    while ((await ours.receive()).join("|") !== "wanted: now");
    await peer.call("sendNumbered", theirs, 0, 10, { ...WANTED, topic: "unwanted" })
    const sent = peer.call("sendNumbered", theirs, 0, COUNT, WANTED)
    await take(ours, WANTED)
    await sent
  })

  it("our XPUB, their SUB", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "Subscriber", { receiveHighWaterMark: 0 })
    await peer.call("subscribe", theirs, "wanted")
    const ours = open(new XPublisher(OUT))
    await join(scheme, ours, peer, theirs, weBind)
    const received = peer.call("receiveNumbered", theirs, 0, COUNT, WANTED)
    await isSubscribed(ours)
    await publish(ours)
    await received
    await peer.call("unsubscribe", theirs, "wanted")
    expect((await ours.receive()).join("|")).toBe("\x00wanted")
  })

  it("their XPUB, our SUB", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "XPublisher", OUT)
    const ours = open(new Subscriber({ receiveHighWaterMark: 0 }))
    ours.subscribe("wanted")
    await join(scheme, ours, peer, theirs, weBind)
    expect(latin1(await peer.call("receive", theirs))).toBe(SUBSCRIBE)
    const sent = peer.call("sendNumbered", theirs, 0, COUNT, WANTED)
    await take(ours, WANTED)
    await sent
    ours.unsubscribe("wanted")
    expect(latin1(await peer.call("receive", theirs))).toBe("\x00wanted")
  })

  it("our XPUB, their XSUB, both ways", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "XSubscriber", BOTH)
    await peer.call("send", theirs, base64(SUBSCRIBE))
    const ours = open(new XPublisher(BOTH))
    await join(scheme, ours, peer, theirs, weBind)
    const received = peer.call("receiveNumbered", theirs, 0, COUNT, WANTED)
    await isSubscribed(ours)
    const sent = peer.call("sendNumbered", theirs, 0, COUNT, UPWARDS)
    await Promise.all([publish(ours), take(ours, UPWARDS), received, sent])
    await peer.call("send", theirs, base64("\x00wanted"))
    expect((await ours.receive()).join("|")).toBe("\x00wanted")
  })

  it("their XPUB, our XSUB, both ways", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "XPublisher", BOTH)
    const ours = open(new XSubscriber(BOTH))
    await ours.send(SUBSCRIBE)
    await join(scheme, ours, peer, theirs, weBind)
    expect(latin1(await peer.call("receive", theirs))).toBe(SUBSCRIBE)
    const elsewhere = [
      peer.call("sendNumbered", theirs, 0, COUNT, WANTED),
      peer.call("receiveNumbered", theirs, 0, COUNT, UPWARDS),
    ]
    const upwards = async () => {
      for (let n = 0; n < COUNT; n++) await ours.send(numbered(n, UPWARDS))
    }
    await Promise.all([upwards(), take(ours, WANTED), ...elsewhere])
    await ours.send(Buffer.from("\x00wanted", "latin1"))
    expect(latin1(await peer.call("receive", theirs))).toBe("\x00wanted")
  })
})

it.each(["ipc", "tcp"] as const)(
  "what their XSUB sends over %s in several parts arrives whole, whatever the parts begin with",
  async scheme => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "XSubscriber")
    const ours = open(new XPublisher())
    await join(scheme, ours, peer, theirs, true)
    const parts = [...base64("head"), ...base64("\x01body"), ...base64("")]
    for (let n = 0; n < 2; n++) await peer.call("send", theirs, parts)
    for (let n = 0; n < 2; n++) expect((await ours.receive()).join("|")).toBe("head|\x01body|")
  },
)

function disconnected(socket: Socket): Promise<unknown> {
  const emitter = socket.events.on("disconnect", () => {})
  return once(emitter, "disconnect")
}

async function peerWith(type: string): Promise<{ peer: Peer; socket: string }> {
  const peer = await Peer.start("native")
  return { peer, socket: await peer.call("open", type) }
}

describe.each(["ipc", "tcp"] as const)("over %s, libzmq is killed and started again", scheme => {
  it("our connected XSUB subscribes again, to what it wants by then", async () => {
    const endpoint = await freeEndpoint(scheme)
    const xsub = open(new XSubscriber({ reconnectInterval: 5 }))
    for (const topic of ["a", "b", "b"]) await xsub.send(`\x01${topic}`)
    xsub.connect(endpoint)
    for (const [life, wanted] of [
      ["first", ["\x01a", "\x01b"]],
      ["second", ["\x01b", "\x01c"]],
    ] as const) {
      const { peer, socket } = await peerWith("XPublisher")
      await peer.call("bind", socket, endpoint)
      for (const notice of wanted) expect(latin1(await peer.call("receive", socket))).toBe(notice)
      await peer.call("send", socket, base64(`b in the ${life}`))
      expect((await xsub.receive()).join("|")).toBe(`b in the ${life}`)
      const lost = disconnected(xsub)
      await peer.kill()
      await lost
      for (const message of ["\x00a", "\x00b", "\x01c"]) await xsub.send(Buffer.from(message, "latin1"))
      await xsub.send("\x01b")
    }
  })

  it("our bound XPUB is told that its subscriber left, and that it came back", async () => {
    const endpoint = await freeEndpoint(scheme)
    const xpub = open(new XPublisher())
    await xpub.bind(endpoint)
    for (const life of ["first", "second"]) {
      const { peer, socket } = await peerWith("Subscriber")
      await peer.call("connect", socket, endpoint)
      await peer.call("subscribe", socket, life)
      expect((await xpub.receive()).join("|")).toBe(`\x01${life}`)
      await xpub.send(`${life} news`)
      expect(latin1(await peer.call("receive", socket))).toBe(`${life} news`)
      await peer.kill()
      expect((await xpub.receive()).join("|")).toBe(`\x00${life}`)
    }
  })

  it("their connected XSUB subscribes again when our XPUB comes back", async () => {
    const endpoint = await freeEndpoint(scheme)
    const { peer, socket } = await peerWith("XSubscriber")
    await peer.call("send", socket, base64(SUBSCRIBE))
    await peer.call("connect", socket, endpoint)
    for (const life of ["first", "second"]) {
      const xpub = open(new XPublisher())
      await xpub.bind(endpoint)
      const received = peer.call("receive", socket)
      await isSubscribed(xpub)
      await xpub.send(`wanted in the ${life}`)
      expect(latin1(await received)).toBe(`wanted in the ${life}`)
      await xpub.unbind(endpoint)
      xpub.close()
    }
    await peer.kill()
  })
})
