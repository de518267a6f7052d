/** Every legal pair against libzmq in another process: numbered messages, none lost, doubled or out of order. */
import { describe, expect, it } from "vitest"
import { Pair, Publisher, Pull, Push, Reply, Request, type Socket, Subscriber } from "../../src/index.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { NumberedCheck, numbered } from "../support/numbered.ts"
import { Peer } from "../support/peer.ts"

const COUNT = 100_000
const MIXED = { parts: "mixed" } as const
// PUB drops for a subscriber at its high-water mark; without one nothing may be missing.
const UNLIMITED = { sendHighWaterMark: 0 }
const UNLIMITED_IN = { receiveHighWaterMark: 0 }

async function send(socket: Push | Pair | Publisher, to = COUNT): Promise<void> {
  for (let n = 0; n < to; n++) await socket.send(numbered(n, MIXED))
}

async function receive(socket: Pull | Pair | Subscriber, to = COUNT): Promise<void> {
  const check = new NumberedCheck(0, MIXED)
  while (check.next < to) check.take(await socket.receive())
}

/** Joins one of our sockets and one of the peer's over a fresh endpoint. */
async function join(
  scheme: Scheme,
  ours: Socket,
  peer: Peer,
  theirs: string,
  weBind: boolean,
): Promise<void> {
  const endpoint = await freeEndpoint(scheme)
  if (weBind) {
    await ours.bind(endpoint)
    await peer.call("connect", theirs, endpoint)
  } else {
    await peer.call("bind", theirs, endpoint)
    ours.connect(endpoint)
  }
}

const cases = (["ipc", "tcp"] as const).flatMap(scheme => [
  { scheme, weBind: true, title: `${scheme}, we bind` },
  { scheme, weBind: false, title: `${scheme}, libzmq binds` },
])

describe.each(cases)("with libzmq over $title", ({ scheme, weBind }) => {
  it("our PUSH, their PULL", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "Pull")
    const ours = new Push()
    await join(scheme, ours, peer, theirs, weBind)
    const received = peer.call("receiveNumbered", theirs, 0, COUNT, MIXED)
    await send(ours)
    await received
    ours.close()
  })

  it("their PUSH, our PULL", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "Push")
    const ours = new Pull()
    await join(scheme, ours, peer, theirs, weBind)
    const sent = peer.call("sendNumbered", theirs, 0, COUNT, MIXED)
    await receive(ours)
    await sent
    ours.close()
  })

  it("PAIR and PAIR, both ways at once", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "Pair")
    const ours = new Pair()
    await join(scheme, ours, peer, theirs, weBind)
    const elsewhere = [
      peer.call("sendNumbered", theirs, 0, COUNT, MIXED),
      peer.call("receiveNumbered", theirs, 0, COUNT, MIXED),
    ]
    await Promise.all([send(ours), receive(ours), ...elsewhere])
    ours.close()
  })

  it("our REQ, their REP", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "Reply")
    const ours = new Request()
    await join(scheme, ours, peer, theirs, weBind)
    const echoed = peer.call("echo", theirs, COUNT)
    const check = new NumberedCheck(0, MIXED)
    for (let n = 0; n < COUNT; n++) {
      await ours.send(numbered(n, MIXED))
      check.take(await ours.receive())
    }
    await echoed
    ours.close()
  })

  it("their REQ, our REP", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "Request")
    const ours = new Reply()
    await join(scheme, ours, peer, theirs, weBind)
    const asked = peer.call("askNumbered", theirs, 0, COUNT, MIXED)
    const check = new NumberedCheck(0, MIXED)
    while (check.next < COUNT) {
      const request = await ours.receive()
      check.take(request)
      await ours.send(request)
    }
    await asked
    ours.close()
  })

  it("our PUB, their SUB", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "Subscriber", UNLIMITED_IN)
    await peer.call("subscribe", theirs, "wanted")
    const ours = new Publisher(UNLIMITED)
    await join(scheme, ours, peer, theirs, weBind)
    const first = peer.call("receive", theirs)
    let there = false
    void first.then(() => {
      there = true
    })
    while (!there) {
      await ours.send("wanted, are you there?")
      await new Promise(resolve => setImmediate(resolve))
    }
    await ours.send("wanted: now")
    while (Buffer.from((await peer.call("receive", theirs))[0] ?? "", "base64").toString() !== "wanted: now");
    const received = peer.call("receiveNumbered", theirs, 0, COUNT, { ...MIXED, topic: "wanted" })
    for (let n = 0; n < COUNT; n++) {
      await ours.send(numbered(n, { ...MIXED, topic: "unwanted" }))
      await ours.send(numbered(n, { ...MIXED, topic: "wanted" }))
    }
    await received
    ours.close()
  })

  it("their PUB, our SUB", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "Publisher", UNLIMITED)
    const ours = new Subscriber(UNLIMITED_IN)
    ours.subscribe("wanted")
    await join(scheme, ours, peer, theirs, weBind)
    const first = ours.receive()
    let there = false
    void first.then(() => {
      there = true
    })
    const parts = (text: string) => [Buffer.from(text).toString("base64")]
    while (!there) await peer.call("send", theirs, parts("wanted, are you there?"))
    await peer.call("send", theirs, parts("wanted: now"))
    while ((await ours.receive())[0]?.toString() !== "wanted: now");
    const unwanted = peer.call("sendNumbered", theirs, 0, 10, { ...MIXED, topic: "unwanted" })
    await unwanted
    const sent = peer.call("sendNumbered", theirs, 0, COUNT, { ...MIXED, topic: "wanted" })
    const check = new NumberedCheck(0, { ...MIXED, topic: "wanted" })
    while (check.next < COUNT) check.take(await ours.receive())
    await sent
    ours.close()
  })
})

describe("the harness can fail", () => {
  it("a missing message is seen", () => {
    const check = new NumberedCheck(0)
    check.take(numbered(0))
    expect(() => check.take(numbered(2))).toThrow("expected number 1")
  })
})
