/** What the options do, through the public face and over each transport that knows them (zmq_setsockopt(3)). */
import { createServer, Socket as NetSocket } from "node:net"
import { describe, expect, it, onTestFinished } from "vitest"
import { Publisher, Pull, Push, Reply, Request, type Socket, Subscriber } from "../src/index.ts"
import { freeEndpoint, freePort, type Scheme } from "./support/endpoints.ts"
import { nextEvent, until } from "./support/events.ts"
import { Peer } from "./support/peer.ts"

function open<S extends Socket>(socket: S): S {
  onTestFinished(() => socket.close())
  return socket
}

const SCHEMES: Scheme[] = ["inproc", "ipc", "tcp"]
const quick = { reconnectInterval: 5 }

/** A TCP server that takes connections and says nothing. */
async function silentServer(): Promise<{ endpoint: string; sockets: NetSocket[] }> {
  const sockets: NetSocket[] = []
  const server = createServer(socket => sockets.push(socket.on("error", () => {})))
  const port = await freePort()
  await new Promise<void>(resolve => server.listen(port, "127.0.0.1", resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { endpoint: `tcp://127.0.0.1:${port}`, sockets }
}

describe.each(SCHEMES)("over %s", scheme => {
  it("immediate false: half of the messages wait for the peer that isn't there", async () => {
    const [there, absent] = [await freeEndpoint(scheme), await freeEndpoint(scheme)]
    const pull = open(new Pull())
    await pull.bind(there)
    const push = open(new Push({ linger: 0 }))
    push.connect(absent)
    push.connect(there)
    for (let n = 0; n < 10; n++) await push.send(String(n))
    for (const n of [1, 3, 5, 7, 9]) expect(String(await pull.receive())).toBe(String(n))
    expect(pull.readable).toBe(false)
  })

  it("immediate true: all messages go to the peer that is there, and send waits while nobody is", async () => {
    const [there, absent] = [await freeEndpoint(scheme), await freeEndpoint(scheme)]
    const push = open(new Push({ immediate: true, linger: 0, ...quick }))
    push.connect(absent)
    push.connect(there)
    expect(push.writable).toBe(false)
    const first = push.send("0")
    const pull = open(new Pull())
    await pull.bind(there)
    await first
    for (let n = 1; n < 10; n++) await push.send(String(n))
    for (let n = 0; n < 10; n++) expect(String(await pull.receive())).toBe(String(n))
    pull.close()
    await until(() => !push.writable)
  })

  it("conflate on the sender: only the newest message waits for a peer, whole", async () => {
    const endpoint = await freeEndpoint(scheme)
    const push = open(new Push({ conflate: true, ...quick }))
    push.connect(endpoint)
    for (let n = 0; n < 50; n++) await push.send([String(n), "tail"])
    const pull = open(new Pull())
    await pull.bind(endpoint)
    expect((await pull.receive()).map(String)).toEqual(["49", "tail"])
    expect(pull.readable).toBe(false)
  })

  it("conflate on the receiver: only the newest message waits to be received", async () => {
    const endpoint = await freeEndpoint(scheme)
    const pull = open(new Pull({ conflate: true }))
    await pull.bind(endpoint)
    const push = open(new Push())
    push.connect(endpoint)
    for (let n = 0; n < 50; n++) await push.send([String(n), "tail"])
    // The newest one comes last: whoever waits for it receives it, whatever was seen before.
    for (;;) {
      const [number, tail] = await pull.receive()
      expect(String(tail)).toBe("tail")
      if (String(number) === "49") break
    }
    expect(pull.readable).toBe(false)
  })

  it("sendHighWaterMark: so many messages wait for a peer that isn't there", async () => {
    const push = open(new Push({ sendHighWaterMark: 10, sendTimeout: 0, linger: 0 }))
    push.connect(await freeEndpoint(scheme))
    for (let n = 0; n < 10; n++) await push.send("x")
    expect(push.writable).toBe(false)
    await expect(push.send("x")).rejects.toMatchObject({ code: "EAGAIN" })
    // Live: a higher mark makes room at once; 0 is no limit.
    push.sendHighWaterMark = 11
    await push.send("x")
    await expect(push.send("x")).rejects.toMatchObject({ code: "EAGAIN" })
    push.sendHighWaterMark = 0
    for (let n = 0; n < 5000; n++) await push.send("x")
  })

  it("linger 0: what is queued is dropped by close()", async () => {
    const endpoint = await freeEndpoint(scheme)
    const push = open(new Push({ linger: 0, ...quick }))
    push.connect(endpoint)
    await push.send("lost")
    push.close()
    const pull = open(new Pull({ receiveTimeout: 100 }))
    await pull.bind(endpoint)
    await expect(pull.receive()).rejects.toMatchObject({ code: "EAGAIN" })
  })

  it("linger -1: what is queued is delivered after close(), though the peer comes later", async () => {
    const endpoint = await freeEndpoint(scheme)
    const push = open(new Push(quick))
    push.connect(endpoint)
    for (let n = 0; n < 100; n++) await push.send(String(n))
    push.close()
    const pull = open(new Pull())
    await pull.bind(endpoint)
    for (let n = 0; n < 100; n++) expect(String(await pull.receive())).toBe(String(n))
  })

  it("linger: disconnect() delivers what was sent too", async () => {
    const endpoint = await freeEndpoint(scheme)
    const pull = open(new Pull({ receiveHighWaterMark: 1 }))
    await pull.bind(endpoint)
    const push = open(new Push())
    push.connect(endpoint)
    for (let n = 0; n < 500; n++) await push.send([String(n), Buffer.alloc(20_000)])
    push.disconnect(endpoint)
    expect(push.writable).toBe(false)
    for (let n = 0; n < 500; n++) expect((await pull.receive())[0]?.toString()).toBe(String(n))
  })

  it("sendTimeout and receiveTimeout: EAGAIN when the time is over, not before the operation was tried", async () => {
    const endpoint = await freeEndpoint(scheme)
    const push = open(new Push({ sendTimeout: 20 }))
    const pull = open(new Pull({ receiveTimeout: 20 }))
    await push.bind(endpoint)
    await expect(push.send("x")).rejects.toMatchObject({ code: "EAGAIN", errno: 11 })
    await expect(pull.receive()).rejects.toMatchObject({ code: "EAGAIN", errno: 11 })
    const received = pull.receive()
    pull.connect(endpoint)
    push.sendTimeout = -1
    await push.send("in time")
    pull.receiveTimeout = -1
    expect(String(await received.catch(() => pull.receive()))).toBe("in time")
  })

  it("invertMatching: what does not match is delivered", async () => {
    const endpoint = await freeEndpoint(scheme)
    const pub = open(new Publisher({ invertMatching: true }))
    const sub = open(new Subscriber({ invertMatching: true }))
    sub.subscribe("a")
    await pub.bind(endpoint)
    sub.connect(endpoint)
    const first = sub.receive()
    let there = false
    void first.then(() => {
      there = true
    })
    while (!there) {
      await pub.send("b")
      await new Promise(resolve => setImmediate(resolve))
    }
    await pub.send("a, unwanted")
    await pub.send("the end")
    let last = ""
    while (last !== "the end") {
      last = String(await sub.receive())
      expect(last).not.toContain("unwanted")
    }
  })

  it("noDrop: a PUB waits for its slowest subscriber instead of dropping", async () => {
    const endpoint = await freeEndpoint(scheme)
    const pub = open(new Publisher({ noDrop: true, sendHighWaterMark: 5 }))
    const sub = open(new Subscriber({ receiveHighWaterMark: 5 }))
    sub.subscribe()
    await pub.bind(endpoint)
    sub.connect(endpoint)
    const first = sub.receive()
    let there = false
    void first.then(() => {
      there = true
    })
    while (!there) {
      await pub.send("sync")
      await new Promise(resolve => setImmediate(resolve))
    }
    const body = Buffer.alloc(100_000)
    const sending = (async () => {
      for (let n = 0; n < 300; n++) await pub.send([`n${n}`, body])
    })()
    for (let n = 0; n < 300; ) {
      const [head] = await sub.receive()
      if (String(head) === "sync") continue
      expect(String(head)).toBe(`n${n++}`)
    }
    await sending
  })
})

describe.each(["ipc", "tcp"] as const)("over %s", scheme => {
  it("maxMessageSize: a peer that sends more is closed with EMSGSIZE, and libzmq, as documented, stays away then", async () => {
    await using peer = await Peer.start("native")
    const endpoint = await freeEndpoint(scheme)
    const pull = open(new Pull({ maxMessageSize: 1000 }))
    await pull.bind(endpoint)
    const push = await peer.call("open", "Push")
    await peer.call("connect", push, endpoint)
    const send = (size: number) => peer.call("send", push, [Buffer.alloc(size).toString("base64")])
    await send(1000)
    expect((await pull.receive())[0]?.length).toBe(1000)
    const closed = nextEvent(pull, "disconnect")
    await send(1001)
    expect((await closed).error).toMatchObject({
      code: "EMSGSIZE",
      reason: expect.stringContaining("1001 bytes"),
    })
  })

  it("maxMessageSize: we don't dial such a peer again", async () => {
    await using peer = await Peer.start("native")
    const endpoint = await freeEndpoint(scheme)
    const push = await peer.call("open", "Push")
    await peer.call("bind", push, endpoint)
    const pull = open(new Pull({ maxMessageSize: 10, ...quick }))
    pull.connect(endpoint)
    const closed = nextEvent(pull, "disconnect")
    await peer.call("send", push, [Buffer.alloc(11).toString("base64")])
    expect((await closed).error).toMatchObject({ code: "EMSGSIZE" })
    expect(() => pull.disconnect(endpoint)).toThrow(
      expect.objectContaining({ code: "ENOENT", address: endpoint }),
    )
  })

  it("routingId travels to libzmq's ROUTER", async () => {
    await using peer = await Peer.start("native")
    const endpoint = await freeEndpoint(scheme)
    const router = await peer.call("open", "Router")
    await peer.call("bind", router, endpoint)
    const req = open(new Request({ routingId: "åbçdéfghïjk" }))
    expect(req.routingId).toBe("åbçdéfghïjk")
    req.connect(endpoint)
    await req.send("hello")
    const [id, delimiter, body] = await peer.call("receive", router)
    expect(Buffer.from(id as string, "base64").toString()).toBe("åbçdéfghïjk")
    expect(delimiter).toBe("")
    await peer.call("send", router, [id as string, "", body as string])
    expect(String(await req.receive())).toBe("hello")
  })

  it("correlate: four bytes and an empty part go before the request; replies with another id are passed over", async () => {
    await using peer = await Peer.start("native")
    const endpoint = await freeEndpoint(scheme)
    const router = await peer.call("open", "Router")
    await peer.call("bind", router, endpoint)
    const req = open(new Request({ correlate: true }))
    req.connect(endpoint)
    await req.send("question")
    const [peerId, id, delimiter, body] = await peer.call("receive", router)
    expect(Buffer.from(id as string, "base64").length).toBe(4)
    expect([delimiter, Buffer.from(body as string, "base64").toString()]).toEqual(["", "question"])
    const base64 = (text: string) => Buffer.from(text).toString("base64")
    const otherId = Buffer.from(Buffer.from(id as string, "base64").map(byte => byte ^ 1)).toString("base64")
    await peer.call("send", router, [peerId as string, otherId, "", base64("wrong")])
    await peer.call("send", router, [peerId as string, id as string, "", base64("right")])
    expect(String(await req.receive())).toBe("right")
  })

  it("relaxed and correlate: a new request gives the old one up, and its late reply is not mistaken", async () => {
    const endpoint = await freeEndpoint(scheme)
    const rep = open(new Reply())
    await rep.bind(endpoint)
    const req = open(new Request({ relaxed: true, correlate: true }))
    req.connect(endpoint)
    await req.send("first")
    await req.send("second")
    for (let n = 0; n < 2; n++) await rep.send(["reply to", ...(await rep.receive())])
    expect((await req.receive()).map(String)).toEqual(["reply to", "second"])
  })

  it("reconnectInterval 0: a refused endpoint is not dialled again, and is gone", async () => {
    const endpoint = await freeEndpoint(scheme)
    const pull = open(new Pull({ reconnectInterval: 0 }))
    const closed = nextEvent(pull, "close")
    pull.connect(endpoint)
    await closed
    await until(() => {
      try {
        pull.disconnect(endpoint)
        return false
      } catch (error) {
        expect(error).toMatchObject({ code: "ENOENT" })
        return true
      }
    })
  })
})

describe("over tcp", () => {
  it("handshakeInterval: whoever is connected but doesn't shake hands is closed, and dialled again", async () => {
    const { endpoint, sockets } = await silentServer()
    const pull = open(new Pull({ handshakeInterval: 50, ...quick }))
    const failed = nextEvent(pull, "handshake:error:other")
    const retried = nextEvent(pull, "connect:retry")
    pull.connect(endpoint)
    expect((await failed).error).toMatchObject({ code: "EAGAIN" })
    expect((await retried).interval).toBeGreaterThanOrEqual(5)
    await until(() => sockets.length > 1)
  })

  it("linger n: close() gives up after so many milliseconds when the peer takes nothing", async () => {
    const pull = open(new Pull({ receiveHighWaterMark: 1 }))
    await pull.bind("tcp://127.0.0.1:*")
    const gone = nextEvent(pull, "disconnect")
    const push = open(new Push({ linger: 50 }))
    push.connect(pull.lastEndpoint as string)
    for (let n = 0; n < 100; n++) await push.send(Buffer.alloc(1 << 20))
    push.close()
    let received = 0
    pull.receiveTimeout = 500
    // Reading begins only once the linger time is over: the connection ends in the middle.
    await new Promise(resolve => setTimeout(resolve, 200))
    while (await pull.receive().then(Boolean, () => false)) received++
    expect(received).toBeLessThan(100)
    await gone
  })

  it("tcpKeepalive, tcpKeepaliveIdle and backlog are taken", async () => {
    const options = { tcpKeepalive: 1, tcpKeepaliveIdle: 30, backlog: 5 }
    const pull = open(new Pull(options))
    await pull.bind("tcp://127.0.0.1:*")
    const push = open(new Push({ tcpKeepalive: 1, tcpKeepaliveIdle: 30 }))
    push.connect(pull.lastEndpoint as string)
    await push.send("x")
    expect(String(await pull.receive())).toBe("x")
    expect({ ...options }).toEqual({
      tcpKeepalive: pull.tcpKeepalive,
      tcpKeepaliveIdle: pull.tcpKeepaliveIdle,
      backlog: pull.backlog,
    })
  })

  it("the other settings of tcp are taken, and don't keep it from working", async () => {
    const options = {
      tcpKeepalive: 1,
      tcpKeepaliveIdle: 60,
      tcpKeepaliveInterval: 30,
      tcpKeepaliveCount: 5,
      tcpMaxRetransmitTimeout: 1000,
      typeOfService: 0,
      interface: null,
    }
    const pull = open(new Pull({ ...options, receiveBufferSize: 65_536 }))
    await pull.bind("tcp://127.0.0.1:*")
    const push = open(new Push({ ...options, sendBufferSize: 65_536 }))
    push.connect(pull.lastEndpoint as string)
    await push.send("x")
    expect(String(await pull.receive())).toBe("x")
    expect(pull).toMatchObject({ ...options, receiveBufferSize: 65_536 })
    expect(push).toMatchObject({ ...options, sendBufferSize: 65_536 })
  })

  it("interface is refused, since Node can't do it, rather than taken for done", () => {
    const pull = open(new Pull())
    expect(() => Object.assign(pull, { interface: "lo" })).toThrow(
      expect.objectContaining({ code: "ENOTSUP", reason: expect.stringContaining("Node") }),
    )
    expect(pull.interface).toBe(null)
  })

  it("typeOfService is set where Node can, and else refused", async () => {
    for (const value of [256, -1])
      expect(() => open(new Pull({ typeOfService: value }))).toThrow("Invalid argument")
    if (!("setTypeOfService" in NetSocket.prototype)) {
      expect(() => open(new Pull({ typeOfService: 16 }))).toThrow(
        expect.objectContaining({ code: "ENOTSUP", reason: expect.stringContaining("Node") }),
      )
      return
    }
    const pull = open(new Pull({ typeOfService: 16 }))
    await pull.bind("tcp://127.0.0.1:*")
    const push = open(new Push({ typeOfService: 16 }))
    push.connect(pull.lastEndpoint as string)
    await push.send("x")
    expect(String(await pull.receive())).toBe("x")
  })

  it("ipv6: addresses in brackets, and names of both families", async () => {
    const pull = open(new Pull({ ipv6: true }))
    await pull.bind("tcp://[::1]:*")
    expect(pull.lastEndpoint).toMatch(/^tcp:\/\/\[::1\]:\d+$/)
    const push = open(new Push({ ipv6: true }))
    push.connect(pull.lastEndpoint as string)
    await push.send("six")
    expect(String(await pull.receive())).toBe("six")
    await expect(open(new Pull()).bind("tcp://[::1]:*")).rejects.toMatchObject({ code: "ENODEV" })
  })
})
