/** Socket types of a program's own: a row and a pattern are all it takes. */
import { describe, expect, it, vi } from "vitest"
import {
  Dealer,
  defineSocket,
  type MessageParts,
  type Pattern,
  type Pipe,
  Pull,
  type Socket,
  type SocketTypeRow,
  transfer,
} from "zeromq-ts"
import { json, raw, withCodec } from "zeromq-ts/codec"
import { patternSuite } from "zeromq-ts/testing"
import { isGiven } from "../../src/base/ownership.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { FakePattern, PipesPattern } from "../support/fake-pattern.ts"
import { Bus, BusPattern } from "../support/home-made-pattern.ts"
import { open } from "../support/open.ts"
import { Peer } from "../support/peer.ts"

patternSuite(
  "BUS",
  { describe, it },
  { create: () => new BusPattern(), sends: "broadcast", receives: "fair" },
)

async function bound<S extends Socket>(socket: S, scheme: Scheme = "inproc"): Promise<S> {
  await open(socket).bind(await freeEndpoint(scheme))
  return socket
}

describe.each(["inproc", "ipc", "tcp"] as const)("a home-made type over %s", scheme => {
  it("talks to itself, with messages of several parts", async () => {
    const hub = await bound(new Bus(), scheme)
    const [left, right] = [open(new Bus()), open(new Bus())]
    for (const bus of [left, right]) bus.connect(hub.lastEndpoint as string)
    await left.send(["from the left", ""])
    await right.send("from the right")
    const received = [await hub.receive(), await hub.receive()].map(parts => parts.map(String))
    expect(received).toHaveLength(2)
    expect(received).toEqual(expect.arrayContaining([["from the left", ""], ["from the right"]]))
    expect([hub.neighbours, left.neighbours]).toEqual([2, 1])
    await hub.send(["to", "all"])
    for (const bus of [left, right]) expect((await bus.receive()).map(String)).toEqual(["to", "all"])
  })

  it("waits for its peer, and connects again when its peer is lost", async () => {
    const endpoint = await freeEndpoint(scheme)
    const early = open(new Bus({ reconnectInterval: 1 }))
    early.connect(endpoint)
    await early.send("early")
    for (const text of ["early", "again"]) {
      const bus = new Bus()
      await bus.bind(endpoint)
      await vi.waitUntil(() => bus.neighbours === 1)
      if (text === "again") await early.send(text)
      expect(String(await bus.receive())).toBe(text)
      await bus[Symbol.asyncDispose]()
    }
  })
})

describe("a home-made type", () => {
  it("refuses peers that its row doesn't name, and is refused by them", async () => {
    const dealer = await bound(new Dealer(), "tcp")
    const bus = await bound(new Bus(), "tcp")
    const errors = [dealer, bus].map(
      socket =>
        new Promise(resolve => socket.events.on("handshake:error:protocol", ({ error }) => resolve(error))),
    )
    dealer.connect(bus.lastEndpoint as string)
    expect(await Promise.race(errors)).toMatchObject({
      code: "ERR_ZMTP_INVALID_METADATA",
      reason: expect.stringMatching(/^a (BUS|DEALER) socket can't talk to a "(BUS|DEALER)" socket$/),
    })
  })

  it("is a class among the others: its name, options, limits and ends", () => {
    const bus = open(new Bus({ sendHighWaterMark: 5, linger: 7 }))
    expect([bus.sendHighWaterMark, bus.linger, bus.type, bus.constructor.name]).toEqual([5, 7, -1, "Bus"])
    expect(() => new Bus({ routingId: "me" } as object)).toThrow("Cannot add property routingId")
    bus.close()
    expect(() => bus.neighbours).toThrow(expect.objectContaining({ code: "ENOTSOCK" }))
    expect(() => bus.receive()).toThrow(expect.objectContaining({ code: "EBADF" }))
  })

  it("has the options that its row says, and starts with the row's linger", () => {
    const row = {
      name: "TELLER",
      peers: ["TELLER"],
      receives: false,
      tellsRoutingId: true,
      linger: 3,
    } as const
    const Teller = defineSocket(row, () => new PipesPattern())
    const teller = open(new Teller({ routingId: "me" }))
    expect([teller.linger, teller.routingId]).toEqual([3, "me"])
    expect("sendTimeout" in teller).toBe(true)
    expect("receiveTimeout" in teller).toBe(false)
    expect(Teller.name).toBe("TELLER")
  })

  it("gives its pattern the options, as they are at the moment", async () => {
    const limits: number[] = []
    class Counting extends BusPattern {
      readonly #options: { readonly sendHighWaterMark: number }
      constructor(options: { readonly sendHighWaterMark: number }) {
        super()
        this.#options = options
      }
      override trySend(message: MessageParts): boolean {
        limits.push(this.#options.sendHighWaterMark)
        return super.trySend(message)
      }
    }
    const CountingBus = defineSocket({ name: "BUS", peers: ["BUS"] }, options => new Counting(options))
    const bus = open(new CountingBus())
    await bus.send("a")
    bus.sendHighWaterMark = 7
    await bus.send("b")
    expect(limits).toEqual([1000, 7])
  })

  it("names its peers with connect(), where its row says that it addresses them", async () => {
    const names: (string | undefined)[] = []
    class Naming extends PipesPattern {
      override attach(pipe: Pipe): void {
        names.push(pipe.connectRoutingId && String(pipe.connectRoutingId))
        super.attach(pipe)
      }
    }
    const Addressing = defineSocket({ name: "A", peers: ["A"], addresses: true }, () => new Naming())
    const socket = open(new Addressing())
    socket.connect("inproc://somebody", { routingId: "him" })
    socket.connect("inproc://somebody")
    expect(names).toEqual(["him", undefined])
    const plain = open(new Bus()) as { connect(address: string, options?: object): void }
    expect(() => plain.connect("inproc://somebody", { routingId: "him" })).toThrow("Expected 1 argument")
  })

  it("takes a codec, which leaves what transfer() says to its pattern", async () => {
    const one = await bound(new Bus())
    const other = open(new Bus())
    other.connect(one.lastEndpoint as string)
    await withCodec(other, json<{ id: number }>()).send({ id: 1 })
    expect(await withCodec(one, json()).receive()).toEqual({ id: 1 })

    const pattern = new FakePattern()
    pattern.room = 2
    const Fake = defineSocket({ name: "FAKE", peers: [] }, () => pattern)
    const fake = withCodec(open(new Fake()), raw())
    await fake.send(transfer(new Uint8Array(8)))
    await fake.send(new Uint8Array(8))
    expect(pattern.sent.map(([part]) => isGiven(part as Uint8Array))).toEqual([true, false])
  })

  it("answers what is not valid, where its row says that it replies", async () => {
    const pattern = new FakePattern()
    pattern.room = 1
    pattern.inbox.push([Buffer.from("{")], [Buffer.from("1")])
    const Answering = defineSocket({ name: "ANSWERING", peers: [], replies: true }, () => pattern)
    const server = withCodec(open(new Answering()), json(), { onInvalid: () => "sorry" })
    expect((await server.messages().next()).value).toBe(1)
    expect(pattern.sent.map(String)).toEqual(['"sorry"'])
  })
})

describe("a pattern of one's own for a type of libzmq's", () => {
  /** Sends each message to the first peer that has room, as no PUSH does. */
  const OwnPush = defineSocket({ name: "PUSH", peers: ["PULL"], receives: false }, () => new PipesPattern())

  it("talks to that type's peers, and has the type's own options", async () => {
    const pull = await bound(new Pull(), "tcp")
    const push = open(new OwnPush({ conflate: false }))
    push.connect(pull.lastEndpoint as string)
    for (let n = 0; n < 100; n++) await push.send(`${n}`)
    for (let n = 0; n < 100; n++) expect(String(await pull.receive())).toBe(`${n}`)
  })

  it("talks to libzmq", async () => {
    const peer = await Peer.start("native")
    try {
      const pull = (await peer.call("open", "Pull")) as string
      const endpoint = (await peer.call("bind", pull, "tcp://127.0.0.1:*")) as string
      const push = open(new OwnPush())
      push.connect(endpoint)
      await push.send("hello")
      expect(await peer.call("receive", pull)).toEqual([Buffer.from("hello").toString("base64")])
    } finally {
      await peer.kill()
    }
  })
})

describe("a row that makes no sense", () => {
  const pattern = (): Pattern => new PipesPattern()
  const rows: readonly object[] = [
    {},
    { name: "A" },
    { peers: [] },
    { name: "", peers: [] },
    { name: "a name", peers: [] },
    { name: "x".repeat(256), peers: [] },
    { name: "Ä", peers: [] },
    { name: "A", peers: "A" },
    { name: "A", peers: [1] },
    { name: "A", peers: [], maxPipes: 0 },
    { name: "A", peers: [], linger: -2 },
    { name: "A", peers: [], linger: Number.NaN },
    { name: "A", peers: [], sends: "yes" },
    { name: "A", peers: [], sends: undefined },
    { name: "A", peers: [], wire: "raw" },
    { name: "A", peers: [], id: 8 },
    { name: "A", peers: [], sendz: true },
  ]
  it.each(rows)("%j is EINVAL", row => {
    expect(() => defineSocket(row as SocketTypeRow, pattern)).toThrow(
      expect.objectContaining({ code: "EINVAL", reason: expect.stringContaining("a socket type") }),
    )
  })

  it("without a function that makes the pattern is a TypeError", () => {
    expect(() => defineSocket({ name: "A", peers: [] }, undefined as never)).toThrow(TypeError)
  })
})
