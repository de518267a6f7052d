/** zeromqjs.md 1.7, zmq_proxy(3) and zmq_proxy_steerable(3). */
import { connect } from "node:net"
import { describe, expect, it, onTestFinished } from "vitest"
import {
  Dealer,
  Pair,
  // biome-ignore lint/suspicious/noShadowRestrictedNames: this is about the library's Proxy
  Proxy,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  type Socket,
  Stream,
  Subscriber,
} from "../../src/index.ts"
import { coreOf } from "../../src/socket/socket.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { turn } from "../support/events.ts"
import { open } from "../support/open.ts"
import { Peer } from "../support/peer.ts"

async function bound<S extends Socket>(socket: S): Promise<S> {
  await open(socket).bind(await freeEndpoint("inproc"))
  return socket
}

function connected<S extends Socket>(socket: S, to: Socket): S {
  open(socket).connect(to.lastEndpoint as string)
  return socket
}

/** A proxy before a STREAM: a client of that, and who talks to it from behind. */
async function inFrontOfStream(streamOptions = {}, options = {}) {
  const front = open(new Stream(streamOptions))
  await front.bind("tcp://127.0.0.1:0")
  const back = await bound(new Dealer())
  const peer = connected(new Dealer(), back)
  run(new Proxy(front, back, options))
  const client = connect(Number(front.lastEndpoint!.split(":").at(-1)), "127.0.0.1")
  return { back, peer, client, id: (await peer.receive())[0] as Buffer }
}

/** Runs until the end of the test. */
function run<P extends Proxy>(proxy: P): P {
  const ended = proxy.run()
  onTestFinished(async () => {
    if (!proxy.frontEnd.closed) proxy.terminate()
    await ended
  })
  return proxy
}

/** A proxy from a PUSH to a PULL, and these two. */
async function pipeline(highWaterMark = 1000) {
  const front = await bound(new Pull({ receiveHighWaterMark: highWaterMark }))
  const back = await bound(new Push({ sendHighWaterMark: highWaterMark }))
  const source = connected(new Push({ sendHighWaterMark: highWaterMark, sendTimeout: 0 }), front)
  const proxy = new Proxy(front, back)
  return { proxy, front, back, source }
}

async function turns(count = 10): Promise<void> {
  for (let i = 0; i < count; i++) await turn()
}

async function sendUntilFull(push: Push): Promise<number> {
  for (let n = 0; ; n++) {
    const sent = await push.send(String(n)).then(
      () => true,
      () => false,
    )
    await turn()
    if (!sent) return n
  }
}

const receiveTexts = async (pull: Pull | Pair | Subscriber, count: number): Promise<string[]> => {
  const texts: string[] = []
  while (texts.length < count) texts.push((await pull.receive()).join("|"))
  return texts
}

describe("the arguments of Proxy", () => {
  const socket = () => open(new Pull())
  const make = (...args: unknown[]) => {
    return () => Reflect.construct(Proxy, args)
  }

  it("must be sockets, and say so as the native package does", () => {
    expect(make()).toThrow(new TypeError("Front-end must be a socket object"))
    expect(make("front", socket())).toThrow(new TypeError("Front-end must be a socket object"))
    expect(make(socket())).toThrow(new TypeError("Back-end must be a socket object"))
    expect(make(socket(), null)).toThrow(new TypeError("Back-end must be a socket object"))
    expect(make({}, {})).toThrow(new Error("Invalid argument"))
    expect(make(socket(), {})).toThrow(new Error("Invalid argument"))
    expect(make(socket(), socket(), 1)).toThrow(new TypeError("Expected 2 arguments but received 3"))
    expect(make(socket(), socket(), socket())).toThrow(new TypeError("Expected 2 arguments but received 3"))
    expect(make(socket(), socket(), { capture: {} })).toThrow(new Error("Invalid argument"))
  })

  it("must not name an end as its own capture socket", () => {
    const front = socket()
    expect(make(front, socket(), { capture: front })).toThrow(expect.objectContaining({ code: "EINVAL" }))
  })

  it("are the ends, which can't be set", () => {
    const front = socket()
    const back = open(new Push())
    const proxy = new Proxy(front, back)
    expect(proxy.frontEnd).toBe(front)
    expect(proxy.backEnd).toBe(back)
    expect(() => Object.assign(proxy, { frontEnd: back })).toThrow(
      new TypeError("Cannot set property frontEnd of #<Proxy> which has only a getter"),
    )
  })

  it("of its methods are none", async () => {
    const { proxy } = await pipeline()
    for (const name of ["run", "pause", "resume", "terminate"] as const) {
      expect(() => Reflect.apply(proxy[name], proxy, [1])).toThrow("Expected 0 arguments but received 1")
    }
  })
})

describe("run()", () => {
  it("wants both ends, and the capture socket, bound or connected", async () => {
    const front = open(new Pull())
    const back = open(new Push())
    const capture = open(new Publisher())
    const proxy = new Proxy(front, back, { capture })
    const refusal = (name: string) =>
      expect.objectContaining({
        code: "EINVAL",
        errno: 22,
        message: `${name} socket must be bound or connected`,
      })
    expect(() => proxy.run()).toThrow(refusal("Front-end"))
    await front.bind(await freeEndpoint("inproc"))
    expect(() => proxy.run()).toThrow(refusal("Back-end"))
    back.connect(await freeEndpoint("inproc"))
    expect(() => proxy.run()).toThrow(refusal("Capture"))
    front.close()
    expect(() => proxy.run()).toThrow(refusal("Front-end"))
  })

  it("wants them for itself", async () => {
    const { proxy, front, back } = await pipeline()
    const receiving = front.receive().catch(error => error.code)
    expect(() => proxy.run()).toThrow(expect.objectContaining({ code: "EBUSY" }))
    front.close()
    expect(await receiving).toBe("EAGAIN")
    expect(back.closed).toBe(false)
  })

  it("blocks its sockets: every other method throws EBUSY, and close() waits for the end", async () => {
    const { proxy, front, back } = await pipeline()
    const running = proxy.run()
    const blocked = expect.objectContaining({
      code: "EBUSY",
      message: "Socket is blocked by a bind or unbind operation",
    })
    expect(() => front.receive()).toThrow(blocked)
    expect(() => back.send("")).toThrow(blocked)
    expect(() => front.bind("inproc://other")).toThrow(blocked)
    expect(() => front.unbind("inproc://other")).toThrow(blocked)
    expect(() => back.connect("inproc://other")).toThrow(blocked)
    expect(() => back.disconnect("inproc://other")).toThrow(blocked)
    await expect(front[Symbol.asyncIterator]().next()).rejects.toEqual(blocked)
    expect(() => proxy.run()).toThrow(blocked)
    expect(() => new Proxy(front, open(new Push({ linger: 0 }))).run()).toThrow("Back-end")
    front.close()
    await turns()
    expect([front.closed, back.closed]).toEqual([false, false])
    proxy.terminate()
    expect(await running).toBeUndefined()
    expect([front.closed, back.closed]).toEqual([true, true])
  })
})

describe("pause(), resume() and terminate()", () => {
  const closed = expect.objectContaining({ code: "EBADF", errno: 9, message: "Socket is closed" })

  it("throw EBADF before run() and after the end; run() can't be called again", async () => {
    const { proxy } = await pipeline()
    for (const name of ["pause", "resume", "terminate"] as const) expect(() => proxy[name]()).toThrow(closed)
    const running = proxy.run()
    proxy.terminate()
    // Still ending: no error, no effect.
    for (const name of ["pause", "resume", "terminate"] as const) proxy[name]()
    await running
    for (const name of ["pause", "resume", "terminate"] as const) expect(() => proxy[name]()).toThrow(closed)
    expect(() => proxy.run()).toThrow("Front-end socket must be bound or connected")
  })

  it("stop and continue, with nothing lost between", async () => {
    const { proxy, back, source } = await pipeline()
    const sink = connected(new Pull(), back)
    run(proxy)
    proxy.pause()
    proxy.resume()
    await source.send("1")
    expect(await receiveTexts(sink, 1)).toEqual(["1"])
    proxy.pause()
    await source.send("2")
    await turns()
    expect(sink.readable).toBe(false)
    proxy.resume()
    await source.send("3")
    expect(await receiveTexts(sink, 2)).toEqual(["2", "3"])
  })

  it("let what was forwarded still be delivered after the end", async () => {
    const front = await bound(new Pull())
    const back = open(new Push())
    const endpoint = await freeEndpoint("tcp")
    back.connect(endpoint)
    const source = connected(new Push(), front)
    const proxy = new Proxy(front, back)
    const running = proxy.run()
    for (let n = 0; n < 100; n++) await source.send(String(n))
    await turns()
    proxy.terminate()
    await running
    const sink = open(new Pull())
    await sink.bind(endpoint)
    expect(await receiveTexts(sink, 100)).toEqual(Array.from({ length: 100 }, (_, n) => String(n)))
  })
})

describe("forwarding", () => {
  it.each(["ipc", "tcp"] as const)(
    "whole messages of one to three parts between native peers over %s",
    async scheme => {
      await using peer = await Peer.start("native")
      const front = open(new Pull())
      const back = open(new Push())
      await front.bind(await freeEndpoint(scheme))
      await back.bind(await freeEndpoint(scheme))
      run(new Proxy(front, back))
      const source = await peer.call("open", "Push")
      const sink = await peer.call("open", "Pull")
      await peer.call("connect", source, front.lastEndpoint as string)
      await peer.call("connect", sink, back.lastEndpoint as string)
      const sending = peer.call("sendNumbered", source, 0, 20_000, { parts: "mixed", size: 100 })
      await peer.call("receiveNumbered", sink, 0, 20_000, { parts: "mixed", size: 100 })
      await sending
    },
  )

  it("goes both ways, and fairly", async () => {
    const front = await bound(new Pair())
    const back = await bound(new Pair())
    const left = connected(new Pair(), front)
    const right = connected(new Pair(), back)
    const proxy = run(new Proxy(front, back))
    proxy.pause()
    for (let n = 0; n < 500; n++) {
      await left.send(["from", "left"])
      await right.send(["from", "right"])
    }
    const seen: string[] = []
    const listen = async (socket: Pair) => {
      for (let n = 0; n < 500; n++) seen.push((await socket.receive()).join(" "))
    }
    proxy.resume()
    await Promise.all([listen(left), listen(right)])
    let ahead = 0
    for (const text of seen) {
      ahead += text === "from left" ? 1 : -1
      expect(Math.abs(ahead)).toBeLessThanOrEqual(128)
    }
    expect(ahead).toBe(0)
  })

  it("reads nothing that the other end can't take", async () => {
    // What fits between the source and a PULL that nobody reads; the proxy must not make it more.
    const { source: alone } = await pipeline(10)
    const { proxy, back, source } = await pipeline(10)
    run(proxy)
    const taken = await sendUntilFull(source)
    expect(taken).toBe(await sendUntilFull(alone))
    // A slow back end: no more goes in than fits into the queues on the way, and all of it comes out.
    const sink = connected(new Pull({ receiveHighWaterMark: 10 }), back)
    await turns()
    const more = await sendUntilFull(source)
    expect(more).toBeLessThanOrEqual(3 * taken)
    const all = await receiveTexts(sink, taken + more)
    const numbers = (count: number) => Array.from({ length: count }, (_, n) => String(n))
    expect(all).toEqual([...numbers(taken), ...numbers(more)])
    // Room again, with nobody asking for it but the proxy.
    await source.send("further")
    expect(await receiveTexts(sink, 1)).toEqual(["further"])
  })

  it("starves neither timers nor input, even when a message goes round in circles for ever", async () => {
    const front = await bound(new Pair())
    const back = await bound(new Pair())
    run(new Proxy(front, back))
    const left = connected(new Pair(), front)
    await left.send("round and round")
    run(new Proxy(left, connected(new Pair(), back)))
    // Timers are what is tested: a starved one would never come.
    for (let n = 0; n < 5; n++) await new Promise(resolve => setTimeout(resolve, 0))
  })

  it("echoes when both ends are the same socket", async () => {
    const reply = await bound(new Reply())
    run(new Proxy(reply, reply))
    const request = connected(new Request(), reply)
    for (const text of ["one", "two"]) {
      await request.send([text, "more"])
      expect((await request.receive()).join("|")).toBe(`${text}|more`)
    }
  })

  it("closes a STREAM's connection that would miss bytes in the middle", async () => {
    const capture = await bound(new Pair())
    const captured = connected(new Pair(), capture)
    const { peer, client, id } = await inFrontOfStream({ sendHighWaterMark: 2, sendTimeout: 0 }, { capture })
    await captured.receive()
    const count = 64
    for (let n = 1; n <= count; n++) {
      await peer.send([id, Buffer.alloc(1024 * 1024, n)])
      await captured.receive()
    }
    const got = Buffer.concat(await client.toArray())
    expect(got.length).toBeLessThan(count * 1024 * 1024)
    const wrong = got.findIndex((byte, at) => byte !== 1 + (at >> 20))
    expect(wrong).toBe(-1)
  })

  it.each([
    ["that is too large for anybody", (id: Buffer) => [id, { length: 2 ** 31 } as Buffer]],
    ["of more parts than a STREAM sends", (id: Buffer) => [id, Buffer.from("lost"), Buffer.from("bytes")]],
  ])("closes a STREAM's connection for a message %s", async (_what, make) => {
    const { back, peer, client, id } = await inFrontOfStream()
    await peer.send([id, "first"])
    const { pattern } = coreOf(back)
    const receive = pattern.tryReceive.bind(pattern)
    // Sockets of the library refuse to send such a message; those with a pattern of one's own may receive any.
    pattern.tryReceive = () => (receive() === undefined ? undefined : make(id))
    await peer.send([id, "second"])
    expect(String(Buffer.concat(await client.toArray()))).toBe("first")
  })

  it("from publishers to subscribers of its own", async () => {
    const front = await bound(new Subscriber())
    front.subscribe("a")
    const back = await bound(new Publisher())
    run(new Proxy(front, back))
    const publisher = connected(new Publisher(), front)
    const subscriber = connected(new Subscriber(), back)
    subscriber.subscribe("")
    await turns()
    for (const text of ["a1", "b1", "a2"]) await publisher.send(text)
    expect(await receiveTexts(subscriber, 2)).toEqual(["a1", "a2"])
  })
})

describe("the capture socket", () => {
  it("gets every message of both ways, and is blocked and closed with the ends", async () => {
    const front = await bound(new Pair())
    const back = await bound(new Pair())
    const capture = await bound(new Push())
    const log = connected(new Pull(), capture)
    const left = connected(new Pair(), front)
    const right = connected(new Pair(), back)
    const proxy = new Proxy(front, back, { capture })
    const running = proxy.run()
    expect(() => capture.send("")).toThrow("Socket is blocked by a bind or unbind operation")
    await left.send(["to", "right"])
    expect(await receiveTexts(log, 1)).toEqual(["to|right"])
    await right.send("to left")
    expect(await receiveTexts(log, 1)).toEqual(["to left"])
    expect((await left.receive()).join("|")).toBe("to left")
    expect((await right.receive()).join("|")).toBe("to|right")
    proxy.terminate()
    await running
    expect(capture.closed).toBe(true)
  })

  it("holds the proxy up while it can't take a message", async () => {
    const { front, back, source } = await pipeline()
    const capture = await bound(new Push())
    const sink = connected(new Pull(), back)
    run(new Proxy(front, back, { capture }))
    await source.send("seen by all")
    await turns()
    expect(sink.readable).toBe(false)
    const log = connected(new Pull(), capture)
    expect(await receiveTexts(log, 1)).toEqual(["seen by all"])
    expect(await receiveTexts(sink, 1)).toEqual(["seen by all"])
  })

  it("never does so when it is a PUB", async () => {
    const { front, back, source } = await pipeline()
    const capture = await bound(new Publisher())
    const sink = connected(new Pull(), back)
    run(new Proxy(front, back, { capture }))
    await source.send("seen by nobody else")
    expect(await receiveTexts(sink, 1)).toEqual(["seen by nobody else"])
  })
})
