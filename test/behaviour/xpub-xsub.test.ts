/** XPUB and XSUB through the public face: what libzmq's own tests pin (the names in brackets), over each transport. */
import { describe, expect, it, onTestFinished } from "vitest"
import { Publisher, Subscriber, XPublisher, XSubscriber } from "../../src/index.ts"
import { heldMemory, MIB } from "../hostile/stage.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { turn, until } from "../support/events.ts"
import { open } from "../support/open.ts"
import { bytes, command, frame, GREETING, handshake, RawPeer, RawServer, ready } from "../support/raw-peer.ts"

const quick = { reconnectInterval: 5 }

/** What the next message says, in Latin-1; the parts of several joined by |. */
async function next(socket: Subscriber | XPublisher | XSubscriber): Promise<string> {
  const parts = await socket.receive()
  return parts.map(part => part.toString("latin1")).join("|")
}

async function nextOf(socket: XPublisher, count: number): Promise<string[]> {
  const all: string[] = []
  while (all.length < count) all.push(await next(socket))
  return all
}

const latin1 = (text: string) => Buffer.from(text, "latin1")

let silences = 0

/** Nothing is left to receive, and nothing that was sent before comes any more. */
async function expectSilence(xpub: XPublisher, sub: Subscriber): Promise<void> {
  // New topics are told in every mode; what came before has been told by then.
  const topic = `silence ${++silences}`
  sub.subscribe(topic)
  expect(await next(xpub)).toBe(`\x01${topic}`)
  expect(xpub.readable).toBe(false)
}

// (A subscriber's requests are told in turn only once it is connected: before that it has but topics.)
describe.each<Scheme>(["inproc", "ipc", "tcp"])("over %s", scheme => {
  async function bound(options?: ConstructorParameters<typeof XPublisher>[0]) {
    const endpoint = await freeEndpoint(scheme)
    const xpub = open(new XPublisher(options))
    await xpub.bind(endpoint)
    const subscriber = (options?: ConstructorParameters<typeof Subscriber>[0]) => {
      const sub = open(new Subscriber({ ...quick, ...options }))
      sub.connect(endpoint)
      return sub
    }
    const xsubscriber = () => {
      const xsub = open(new XSubscriber(quick))
      xsub.connect(endpoint)
      return xsub
    }
    return { endpoint, xpub, subscriber, xsubscriber }
  }

  it("verbosity null: the first subscription and the last end of a topic (xpub_verbose)", async () => {
    const { xpub, subscriber } = await bound()
    const [a, b] = [subscriber(), subscriber()]
    a.subscribe("A")
    expect(await next(xpub)).toBe("\x01A")
    b.subscribe("A", "B")
    expect(await next(xpub)).toBe("\x01B")
    a.subscribe("A")
    a.unsubscribe("A")
    a.unsubscribe("A")
    a.subscribe("C")
    expect(await next(xpub)).toBe("\x01C")
    b.unsubscribe("A")
    expect(await next(xpub)).toBe("\x00A")
    await expectSilence(xpub, b)
  })

  it("verbosity allSubs: every subscription, duplicates too (xpub_verbose)", async () => {
    const { xpub, subscriber } = await bound({ verbosity: "allSubs" })
    const [a, b] = [subscriber(), subscriber()]
    a.subscribe("A")
    expect(await next(xpub)).toBe("\x01A")
    a.subscribe("A")
    expect(await next(xpub)).toBe("\x01A")
    b.subscribe("A")
    expect(await next(xpub)).toBe("\x01A")
    b.unsubscribe("A")
    await expectSilence(xpub, b)
    a.unsubscribe("A", "A")
    expect(await next(xpub)).toBe("\x00A")
    xpub.verbosity = null
    a.subscribe("B", "B")
    expect(await next(xpub)).toBe("\x01B")
    await expectSilence(xpub, a)
  })

  it("verbosity allSubsUnsubs: every end too (xpub_verbose)", async () => {
    const { xpub, subscriber } = await bound({ verbosity: "allSubsUnsubs" })
    const [a, b] = [subscriber(), subscriber()]
    a.subscribe("A")
    expect(await next(xpub)).toBe("\x01A")
    b.subscribe("A")
    expect(await next(xpub)).toBe("\x01A")
    a.unsubscribe("A")
    expect(await next(xpub)).toBe("\x00A")
    b.close()
    expect(await next(xpub)).toBe("\x00A")
    await expectSilence(xpub, a)
  })

  it("manual: the program makes the subscriptions, for who asked last (xpub_manual)", async () => {
    const { xpub, subscriber } = await bound({ manual: true })
    const [a, b] = [subscriber(), subscriber()]
    a.subscribe("A")
    expect(await next(xpub)).toBe("\x01A")
    xpub.subscribe("A", "XA")
    b.subscribe("B")
    expect(await next(xpub)).toBe("\x01B")
    xpub.subscribe("B")
    for (const topic of ["A", "B"]) await xpub.send([topic, "body"])
    expect([await next(a), await next(b)]).toEqual(["A|body", "B|body"])
    a.unsubscribe("A")
    expect(await next(xpub)).toBe("\x00A")
    xpub.unsubscribe("A")
    a.subscribe("XA")
    expect(await next(xpub)).toBe("\x01XA")
    for (const topic of ["A", "XA"]) await xpub.send(topic)
    expect(await next(a)).toBe("XA")
    a.close()
    expect(await next(xpub)).toBe("\x00XA")
    b.subscribe("end")
    expect(await next(xpub)).toBe("\x01end")
    expect(() => open(new XPublisher()).subscribe("A")).toThrow(expect.objectContaining({ code: "EINVAL" }))
  })

  it("welcomeMessage: each new peer gets it, a SUB sees it when it matches (xpub_welcome_msg)", async () => {
    const { xpub, subscriber, xsubscriber } = await bound({ welcomeMessage: "W" })
    const wants = subscriber()
    wants.subscribe("W")
    expect(await next(wants)).toBe("W")
    expect(await next(xsubscriber())).toBe("W")
    const other = subscriber()
    other.subscribe("other")
    expect(await nextOf(xpub, 2)).toEqual(["\x01W", "\x01other"])
    xpub.welcomeMessage = null
    await xpub.send("other")
    expect(await next(other)).toBe("other")
    const late = xsubscriber()
    await late.send("hello")
    expect(await next(xpub)).toBe("hello")
    expect(late.readable).toBe(false)
  })

  it("noDrop: refuses while a subscriber is full, and everything arrives (xpub_nodrop, hwm_pubsub)", async () => {
    const { xpub, subscriber } = await bound({ noDrop: true, sendHighWaterMark: 1, sendTimeout: 0 })
    const sub = subscriber({ receiveHighWaterMark: 1 })
    sub.subscribe()
    expect(await next(xpub)).toBe("\x01")
    const body = Buffer.alloc(100_000)
    let accepted = 0
    const refused = async () => {
      for (;;) {
        const code = await xpub.send([String(accepted), body]).then(
          () => undefined,
          ({ code }: { code: string }) => code,
        )
        if (code !== undefined) return code
        accepted++
      }
    }
    expect(await refused()).toBe("EAGAIN")
    // A larger mark takes effect at once.
    xpub.sendHighWaterMark = 11
    const before = accepted
    expect(await refused()).toBe("EAGAIN")
    expect(accepted - before).toBe(10)
    const waiting = xpub.send([String(accepted++), body]).catch(({ code }: { code: string }) => code)
    expect(await waiting).toBe("EAGAIN")
    accepted--
    xpub.sendTimeout = -1
    const last = xpub.send([String(accepted++), body])
    for (let n = 0; n < accepted; n++) expect((await sub.receive())[0]?.toString()).toBe(String(n))
    await last
  })

  it("invertMatching: sends to who did not subscribe, and may be toggled (pub_invert_matching)", async () => {
    const { xpub, subscriber, xsubscriber } = await bound({ invertMatching: true })
    const [a, all] = [subscriber({ invertMatching: true }), xsubscriber()]
    a.subscribe("A")
    await all.send("here")
    expect(new Set(await nextOf(xpub, 2))).toEqual(new Set(["\x01A", "here"]))
    for (const topic of ["A", "B"]) await xpub.send(topic)
    expect([await next(a), await next(all), await next(all)]).toEqual(["B", "A", "B"])
    xpub.invertMatching = false
    a.invertMatching = false
    for (const topic of ["B", "A"]) await xpub.send(topic)
    expect(await next(a)).toBe("A")
    expect(all.readable).toBe(false)
  })

  it("topics of every length round a frame's limit (xpub_topic)", async () => {
    const { xpub, subscriber } = await bound()
    const sub = subscriber()
    for (let length = 244; length <= 260; length++) {
      const topic = "t".repeat(length)
      sub.subscribe(topic)
      expect(await next(xpub)).toBe(`\x01${topic}`)
      sub.unsubscribe(topic)
      expect(await next(xpub)).toBe(`\x00${topic}`)
    }
  })

  it("user messages of one part and several pass upwards (xpub_manual)", async () => {
    const { xpub, xsubscriber } = await bound()
    const xsub = xsubscriber()
    await xsub.send("early")
    await xsub.send(["multi", "", "\x01part"])
    await xsub.send(latin1("\x01A"))
    await xsub.send("")
    // (A subscription is no message: it may overtake what waits to be sent.)
    expect(new Set(await nextOf(xpub, 4))).toEqual(new Set(["early", "multi||\x01part", "\x01A", ""]))
    await xpub.send(["A", "body"])
    expect(await next(xsub)).toBe("A|body")
  })

  it("a subscriber that disconnects is sent nothing more, and its topic ends (disconnect_inproc)", async () => {
    const { endpoint, xpub, subscriber } = await bound()
    const [leaver, stayer] = [subscriber(), subscriber()]
    leaver.subscribe("foo")
    stayer.subscribe("stay")
    expect(new Set(await nextOf(xpub, 2))).toEqual(new Set(["\x01foo", "\x01stay"]))
    await xpub.send("foo")
    expect(await next(leaver)).toBe("foo")
    leaver.disconnect(endpoint)
    expect(await next(xpub)).toBe("\x00foo")
    for (const topic of ["foo", "stay"]) await xpub.send(topic)
    expect(await next(stayer)).toBe("stay")
    expect(leaver.readable).toBe(false)
    leaver.connect(endpoint)
    expect(await next(xpub)).toBe("\x01foo")
  })

  it("forwards subscriptions and messages between XPUB and XSUB (sub_forward)", async () => {
    const { endpoint: front, xpub: root } = await bound()
    const back = await freeEndpoint(scheme)
    const [xsub, xpub] = [open(new XSubscriber(quick)), open(new XPublisher())]
    xsub.connect(front)
    await xpub.bind(back)
    const forward = async (from: XSubscriber | XPublisher, to: XSubscriber | XPublisher) => {
      for await (const parts of from) await to.send(parts)
    }
    void forward(xpub, xsub)
    void forward(xsub, xpub)
    const leaf = open(new Subscriber(quick))
    leaf.connect(back)
    leaf.subscribe("news")
    expect(await next(root)).toBe("\x01news")
    await root.send(["news", "today"])
    expect(await next(leaf)).toBe("news|today")
    leaf.unsubscribe("news")
    expect(await next(root)).toBe("\x00news")
  })

  it("the ends of very many topics are told though nothing else happens, and others are served meanwhile", async () => {
    const { xpub, subscriber } = await bound()
    const count = 20_000
    const [leaver, stayer] = [subscriber(), subscriber()]
    leaver.subscribe(...Array.from({ length: count }, (_, n) => `topic ${n}`))
    stayer.subscribe("stay")
    await nextOf(xpub, count + 1)
    leaver.close()
    const ended = nextOf(xpub, count)
    await xpub.send("stay")
    expect(await next(stayer)).toBe("stay")
    expect(new Set(await ended).size).toBe(count)
  })

  it("XSUB subscribes again whenever its publisher comes back", async () => {
    const endpoint = await freeEndpoint(scheme)
    const xsub = open(new XSubscriber(quick))
    xsub.connect(endpoint)
    for (const topic of ["a", "b", "b", "c"]) await xsub.send(`\x01${topic}`)
    await xsub.send(latin1("\x00c"))
    for (let life = 0; life < 3; life++) {
      const xpub = new XPublisher({ verbosity: "allSubs" })
      await xpub.bind(endpoint)
      expect(await nextOf(xpub, 2)).toEqual(["\x01a", "\x01b"])
      await xpub.send(["b", String(life)])
      expect(await next(xsub)).toBe(`b|${life}`)
      expect(xpub.readable).toBe(false)
      await xpub.unbind(endpoint)
      xpub.close()
    }
  })

  it("XSUB takes everything that a PUB sends it", async () => {
    const endpoint = await freeEndpoint(scheme)
    const [pub, xsub] = [open(new Publisher({ invertMatching: true })), open(new XSubscriber(quick))]
    await pub.bind(endpoint)
    xsub.connect(endpoint)
    const received = next(xsub)
    let there = false
    void received.then(() => {
      there = true
    })
    while (!there) {
      await pub.send("not subscribed to")
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(await received).toBe("not subscribed to")
  })
})

describe("as objects", () => {
  it("types, defaults and properties are the native package's", () => {
    const [xpub, xsub] = [open(new XPublisher()), open(new XSubscriber())]
    expect([xpub.type, xsub.type, xpub.linger, xsub.linger]).toEqual([9, 10, -1, 0])
    expect([xpub.writable, xsub.writable, xpub.readable, xsub.readable]).toEqual([true, true, false, false])
    expect([xpub.verbosity, xpub.manual, xpub.welcomeMessage, xpub.noDrop, xpub.invertMatching]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      false,
    ])
    // @ts-expect-error: no value that there is; the native package ignores it.
    xpub.verbosity = "loud"
    expect(() => Object.assign(xpub, { manual: 1 })).toThrow("Option value must be a boolean")
    expect(() => Object.assign(xpub, { welcomeMessage: 5 })).toThrow(
      "Option value must be a string or buffer",
    )
    for (const nothing of [null, "", "W"]) xpub.welcomeMessage = nothing
    // @ts-expect-error: XSUB has none.
    expect(() => new XSubscriber({ invertMatching: true })).toThrow("Cannot add property invertMatching")
  })

  it("an unknown verbosity leaves the one there is", async () => {
    const xpub = open(new XPublisher({ verbosity: "allSubs" }))
    Object.assign(xpub, { verbosity: "loud" })
    await xpub.bind("inproc://verbosity")
    const sub = open(new Subscriber())
    sub.connect("inproc://verbosity")
    for (let n = 0; n < 2; n++) {
      sub.subscribe("A")
      expect(await next(xpub)).toBe("\x01A")
    }
  })
})

describe("by number", () => {
  it("manual mode, verbosity and the welcome message, as programs for the native package set them", async () => {
    const xpub = open(new XPublisher())
    xpub.setBoolOption(71, true)
    xpub.setStringOption(72, "W")
    await xpub.bind("inproc://numbers")
    const [a, b] = [open(new Subscriber()), open(new Subscriber())]
    a.connect("inproc://numbers")
    a.subscribe("A", "W")
    expect(await nextOf(xpub, 2)).toEqual(["\x01A", "\x01W"])
    expect(await next(a)).toBe("W")
    xpub.setStringOption(6, "A1")
    for (const topic of ["A0", "A1"]) await xpub.send(topic)
    expect(await next(a)).toBe("A1")
    xpub.setStringOption(7, "A1")
    xpub.setStringOption(6, "A2")
    for (const topic of ["A1", "A2"]) await xpub.send(topic)
    expect(await next(a)).toBe("A2")

    xpub.setBoolOption(71, false)
    xpub.setBoolOption(78, true)
    b.connect("inproc://numbers")
    b.subscribe("B")
    expect(await next(xpub)).toBe("\x01B")
    a.subscribe("B")
    expect(await next(xpub)).toBe("\x01B")
    a.unsubscribe("B")
    expect(await next(xpub)).toBe("\x00B")
    xpub.setBoolOption(40, true)
    a.subscribe("B")
    expect(await next(xpub)).toBe("\x01B")
    a.unsubscribe("B")
    xpub.setBoolOption(40, false)
    await expectSilence(xpub, b)
    for (const number of [6, 7])
      expect(() => xpub.setStringOption(number, "A")).toThrow(expect.objectContaining({ code: "EINVAL" }))
  })
})

describe("hostile peers", () => {
  const TOPICS = 50_000
  const topicOf = (n: number) => Buffer.from(String(n).padEnd(1000, "."))

  it("requests that nobody receives fill no memory, and hold nobody up", async () => {
    const xpub = open(new XPublisher())
    await xpub.bind("tcp://127.0.0.1:*")
    const endpoint = xpub.lastEndpoint ?? ""
    const honest = open(new Subscriber())
    honest.connect(endpoint)
    honest.subscribe("honest")
    expect(await next(xpub)).toBe("\x01honest")
    const before = heldMemory()
    const flood = await RawPeer.connect(endpoint)
    onTestFinished(() => flood.destroy())
    flood.write(handshake("SUB"))
    for (let n = 0; n < TOPICS; n++) {
      const topic = topicOf(n)
      await flood.pour(Buffer.concat([command("SUBSCRIBE", topic), command("CANCEL", topic)]), 1)
      if (n % 1000 === 0) {
        await xpub.send(`honest ${n}`)
        expect(await next(honest)).toBe(`honest ${n}`)
      }
    }
    // All of it has been taken when this is in force.
    flood.write(command("SUBSCRIBE", Buffer.from("flood is over")))
    const taken = flood.received.length
    while (flood.received.length === taken) {
      await xpub.send("flood is over")
      await turn()
    }
    expect(heldMemory() - before).toBeLessThan(64 * MIB)
    const told = new Set<string>()
    for (let last = ""; last !== "\x01flood is over"; ) {
      last = await next(xpub)
      if (last.startsWith("\x01")) told.add(last.slice(1))
      else told.delete(last.slice(1))
    }
    expect([...told]).toEqual(["flood is over"])
  })

  it("messages that nobody receives hold their sender back, and nobody else", async () => {
    const xpub = open(new XPublisher({ receiveHighWaterMark: 10 }))
    await xpub.bind("tcp://127.0.0.1:*")
    const flood = await RawPeer.connect(xpub.lastEndpoint ?? "")
    onTestFinished(() => flood.destroy())
    flood.write(handshake("XSUB"))
    const before = heldMemory()
    void flood.pour(frame(0, Buffer.alloc(100_000, "x")), 3000)
    await until(() => flood.socket.writableNeedDrain)
    const honest = open(new XSubscriber())
    honest.connect(xpub.lastEndpoint ?? "")
    await honest.send("\x01honest")
    await honest.send("hello")
    const heard: string[] = []
    while (heard.length < 2) {
      const text = await next(xpub)
      if (!text.startsWith("x")) heard.push(text)
    }
    expect(new Set(heard)).toEqual(new Set(["\x01honest", "hello"]))
    await xpub.send("honest")
    expect(await next(honest)).toBe("honest")
    expect(flood.socket.writableNeedDrain).toBe(true)
    expect(heldMemory() - before).toBeLessThan(64 * MIB)
  })
})

describe("on the wire (mock_pub_sub)", () => {
  it("XPUB takes both forms from anybody", async () => {
    const xpub = open(new XPublisher())
    await xpub.bind("tcp://127.0.0.1:*")
    const peer = await RawPeer.connect(xpub.lastEndpoint ?? "")
    onTestFinished(() => peer.destroy())
    peer.write(handshake("SUB"), command("SUBSCRIBE", latin1("A")), frame(0, latin1("\x01B")))
    expect(await nextOf(xpub, 2)).toEqual(["\x01A", "\x01B"])
    const before = peer.received.length
    for (const topic of ["A", "B"]) await xpub.send(topic)
    await peer.heard(before + 6)
    expect(peer.received.subarray(-6)).toEqual(bytes('00 01 "A" 00 01 "B"'))
    peer.write(frame(0, latin1("\x00A")), command("CANCEL", latin1("B")))
    expect(await nextOf(xpub, 2)).toEqual(["\x00A", "\x00B"])
  })

  it.each([
    ["commands to a 3.1 peer", 1, '04 0B 09 "SUBSCRIBE" "A"', '04 08 06 "CANCEL" "A"'],
    ["messages to a 3.0 peer", 0, '00 02 01 "A"', '00 02 00 "A"'],
  ])("XSUB sends %s, other messages as they are", async (_, minor, subscribe, cancel) => {
    const greeting = Buffer.from(GREETING)
    greeting[11] = minor
    const endpoint = await freeEndpoint("tcp")
    const server = await RawServer.listen(endpoint, peer => peer.write(greeting, ready("XPUB")))
    onTestFinished(() => server.close())
    const xsub = open(new XSubscriber(quick))
    xsub.connect(endpoint)
    const peer = await server.peer(1)
    const expected = [bytes('00 05 "hello"'), bytes(subscribe), bytes(cancel)]
    await xsub.send("hello")
    const hello = expected[0] as Buffer
    await until(() => peer.received.includes(hello))
    const before = peer.received.length
    await xsub.send(latin1("\x01A"))
    await xsub.send(latin1("\x00A"))
    const rest = Buffer.concat(expected.slice(1))
    await peer.heard(before + rest.length)
    expect(peer.received.subarray(before)).toEqual(rest)
  })
})
