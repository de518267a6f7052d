/** The ends of a socket: `using`, `await using`, and drain(), which tells what did not get through. */
import { describe, expect, it, onTestFinished, vi } from "vitest"
// biome-ignore lint/suspicious/noShadowRestrictedNames: this is about the library's Proxy
import { Context, Pair, Proxy, Publisher, Pull, Push, type Socket, Subscriber } from "../../src/index.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { nextEvent, turn } from "../support/events.ts"
import { fakeSocket, pass } from "../support/fake-socket.ts"
import { settled } from "../support/fake-transport.ts"

vi.mock("../../src/base/clock.ts", () => import("../support/fake-clock.ts"))

function closedInTheEnd<S extends Socket>(socket: S): S {
  onTestFinished(() => socket.close())
  return socket
}

/** Publishes until the subscriber has received something. */
async function untilHeard(publisher: Publisher, subscriber: Subscriber): Promise<void> {
  const heard = subscriber.receive()
  let waiting = true
  void heard.then(() => {
    waiting = false
  })
  while (waiting) {
    await publisher.send("")
    await new Promise(resolve => setImmediate(resolve))
  }
}

describe("disposing", () => {
  it("closes the socket at the end of the block", async () => {
    let outside: Push
    {
      using push = new Push()
      outside = push
    }
    expect(outside.closed).toBe(true)
  })

  it.each<Scheme>(["inproc", "ipc", "tcp"])("waits, over %s, until the name is free", async scheme => {
    const endpoint = await freeEndpoint(scheme)
    for (let n = 0; n < 3; n++) {
      await using pull = new Pull()
      await pull.bind(endpoint)
    }
  })

  it("delivers what was sent, as close() does", async () => {
    const endpoint = await freeEndpoint("tcp")
    const pull = closedInTheEnd(new Pull())
    {
      await using push = new Push()
      push.connect(endpoint)
      await push.send("early")
    }
    await pull.bind(endpoint)
    expect(String(await pull.receive())).toBe("early")
  })

  it("waits for a bind() under way, and undoes it", async () => {
    const endpoint = await freeEndpoint("tcp")
    const pull = new Pull()
    const bound = pull.bind(endpoint)
    await pull[Symbol.asyncDispose]()
    await bound
    expect(pull.closed).toBe(true)
    await closedInTheEnd(new Pull()).bind(endpoint)
  })

  it("may be repeated, and follow a close()", async () => {
    const pull = new Pull()
    await pull.bind("inproc://disposed-twice")
    pull.close()
    await Promise.all([pull[Symbol.asyncDispose](), pull[Symbol.asyncDispose]()])
    await pull[Symbol.asyncDispose]()
  })
})

describe("disposing a context", () => {
  it("closes its sockets and frees their names; then it takes no more sockets", async () => {
    const endpoint = await freeEndpoint("tcp")
    const context = new Context()
    const sockets = [new Pull({ context }), new Push({ context }), new Pair({ context })]
    await sockets[0]?.bind(endpoint)
    await context[Symbol.asyncDispose]()
    expect(sockets.map(({ closed }) => closed)).toEqual([true, true, true])
    await closedInTheEnd(new Pull()).bind(endpoint)
    expect(() => new Push({ context })).toThrow(expect.objectContaining({ code: "EFAULT" }))
    await context[Symbol.asyncDispose]()
  })

  it("leaves other contexts alone", async () => {
    const other = closedInTheEnd(new Push())
    {
      await using context = new Context()
      new Push({ context })
    }
    expect(other.closed).toBe(false)
  })
})

describe("disposing a proxy", () => {
  async function proxied(context: Context) {
    const frontEnd = new Pull({ context })
    const backEnd = new Push({ context })
    const endpoint = await freeEndpoint("tcp")
    await frontEnd.bind(endpoint)
    backEnd.connect(await freeEndpoint("inproc"))
    return { proxy: new Proxy(frontEnd, backEnd), endpoint }
  }

  it("that runs ends it, closes its sockets and frees their names", async () => {
    const { proxy, endpoint } = await proxied(new Context())
    const ended = proxy.run()
    await proxy[Symbol.asyncDispose]()
    await ended
    expect([proxy.frontEnd.closed, proxy.backEnd.closed]).toEqual([true, true])
    await closedInTheEnd(new Pull()).bind(endpoint)
    await proxy[Symbol.asyncDispose]()
  })

  it("that never ran closes its sockets", async () => {
    const { proxy, endpoint } = await proxied(new Context())
    await proxy[Symbol.asyncDispose]()
    await closedInTheEnd(new Pull()).bind(endpoint)
  })

  it("happens with its context, or with one of its sockets", async () => {
    const context = new Context()
    const { proxy } = await proxied(context)
    const ended = proxy.run()
    await context[Symbol.asyncDispose]()
    await ended

    const other = await proxied(new Context())
    const otherEnded = other.proxy.run()
    await other.proxy.backEnd[Symbol.asyncDispose]()
    await otherEnded
    expect(other.proxy.frontEnd.closed).toBe(true)
  })
})

describe("drain()", () => {
  it.each<Scheme>(["inproc", "ipc", "tcp"])("over %s resolves when all is on its way", async scheme => {
    const endpoint = await freeEndpoint(scheme)
    const pull = closedInTheEnd(new Pull())
    const push = new Push({ sendHighWaterMark: 0 })
    push.connect(endpoint)
    const total = 20_000
    for (let n = 0; n < total; n++) await push.send(String(n))
    const drained = push.drain()
    expect(push.closed).toBe(true)
    await pull.bind(endpoint)
    for (let n = 0; n < total; n++) expect(String(await pull.receive())).toBe(String(n))
    expect(await drained).toEqual([])
  })

  it("takes no more: who waits is told, later calls find the socket closed, the name is free", async () => {
    const endpoint = await freeEndpoint("tcp")
    const pair = new Pair()
    await pair.bind(endpoint)
    const waiting = [pair.send("nobody is there"), pair.receive()]
    const drained = pair.drain()
    for (const operation of waiting) await expect(operation).rejects.toMatchObject({ code: "EAGAIN" })
    expect(() => pair.send("late")).toThrow(expect.objectContaining({ code: "EBADF" }))
    await expect(pair.drain()).rejects.toMatchObject({ code: "EBADF" })
    expect(await drained).toEqual([])
    await closedInTheEnd(new Pull()).bind(endpoint)
  })

  it("gives up when the time is over, and tells what is left for each endpoint", async () => {
    const [nobody, nobodyElse] = [await freeEndpoint("tcp"), await freeEndpoint("ipc")]
    const push = new Push()
    push.connect(nobody)
    push.connect(nobodyElse)
    for (let n = 0; n < 5; n++) await push.send(String(n))
    expect(await push.drain({ timeout: 10 })).toEqual([
      { address: nobody, messages: 3 },
      { address: nobodyElse, messages: 2 },
    ])
  })

  it("counts what was queued when the time was over, not what its connection had taken", async () => {
    const { core, transport } = fakeSocket("PUSH")
    await core.endpoints.bind("fake://here")
    const peer = await transport.lastListener.incoming()
    peer.room = 1
    for (let n = 0; n < 6; n++) await core.traffic.send([Buffer.from("x")])
    const drained = core.drain({ timeout: 100 })
    await pass(100)
    peer.closeIfAsked()
    expect(await drained).toEqual([{ address: "fake://here", messages: 5 }])
  })

  it("counts a message once for each peer that did not get it", async () => {
    const endpoints = [await freeEndpoint("tcp"), await freeEndpoint("tcp")]
    const publisher = new Publisher({ noDrop: true })
    const subscribers = endpoints.map(() => closedInTheEnd(new Subscriber({ receiveHighWaterMark: 1 })))
    for (const [n, subscriber] of subscribers.entries()) {
      subscriber.subscribe("")
      await subscriber.bind(endpoints[n] as string)
      publisher.connect(endpoints[n] as string)
    }
    // Until both have subscribed, and nothing goes through any more.
    publisher.sendTimeout = 300
    for (const subscriber of subscribers) await untilHeard(publisher, subscriber)
    const body = Buffer.alloc(100_000)
    const fill = async () => {
      for (;;) await publisher.send(body)
    }
    await expect(fill()).rejects.toMatchObject({ code: "EAGAIN" })
    const left = await publisher.drain({ timeout: 10 })
    expect(left.map(({ address }) => address)).toEqual(endpoints)
  })

  it("gives up when the signal is aborted, before or after the call", async () => {
    const endpoint = await freeEndpoint("tcp")
    for (const early of [true, false]) {
      const push = new Push()
      push.connect(endpoint)
      await push.send("x")
      const controller = new AbortController()
      if (early) controller.abort()
      const drained = push.drain({ signal: controller.signal })
      controller.abort()
      expect(await drained).toEqual([{ address: endpoint, messages: 1 }])
    }
  })

  it("uses linger where no timeout is given", async () => {
    const push = new Push({ linger: 1 })
    push.connect(await freeEndpoint("tcp"))
    await push.send("x")
    expect(await push.drain()).toMatchObject([{ messages: 1 }])
  })

  it("waits as well for an endpoint that was disconnected before, and still lingers", async () => {
    const endpoint = await freeEndpoint("tcp")
    const push = new Push()
    push.connect(endpoint)
    await push.send("x")
    push.disconnect(endpoint)
    expect(await push.drain({ timeout: 10 })).toEqual([{ address: endpoint, messages: 1 }])
  })

  it("counts all that a peer that reads nothing may be missing", async () => {
    const endpoint = await freeEndpoint("tcp")
    const pull = closedInTheEnd(new Pull({ receiveHighWaterMark: 1 }))
    await pull.bind(endpoint)
    const push = new Push({ sendHighWaterMark: 10, sendTimeout: 300 })
    push.connect(endpoint)
    let sent = 0
    const body = Buffer.alloc(100_000)
    const fill = async () => {
      for (;;) {
        await push.send(body)
        sent++
      }
    }
    await expect(fill()).rejects.toMatchObject({ code: "EAGAIN" })
    const gone = nextEvent(pull, "disconnect")
    const [left] = await push.drain({ timeout: 10 })
    expect(left?.messages).toBeLessThanOrEqual(sent)
    let received = 0
    const over = gone.then(() => true)
    while (received < sent) {
      if (pull.readable) await pull.receive().then(() => received++)
      else if (await Promise.race([over, turn()])) break
    }
    while (pull.readable) await pull.receive().then(() => received++)
    expect(sent - received).toBeGreaterThanOrEqual(10)
    expect(left?.messages).toBeGreaterThanOrEqual(sent - received)
  })

  it("counts what was queued for a peer that is lost meanwhile", async () => {
    const { core, transport } = fakeSocket("PUSH")
    await core.endpoints.bind("fake://here")
    const peer = await transport.lastListener.incoming()
    peer.room = 1
    for (let n = 0; n < 3; n++) await core.traffic.send([Buffer.from(String(n))])
    const drained = core.drain({ timeout: -1 })
    peer.closed(new Error("the cable"))
    await settled()
    expect(await drained).toEqual([{ address: "fake://here", messages: 2 }])
  })

  it.each([-2, "1", null])("refuses the timeout %s", async timeout => {
    const push = closedInTheEnd(new Push())
    await expect(push.drain({ timeout: timeout as number })).rejects.toThrow()
    expect(push.closed).toBe(false)
  })

  it("does not count what nobody had subscribed to", async () => {
    const endpoint = await freeEndpoint("inproc")
    const publisher = new Publisher()
    await publisher.bind(endpoint)
    const subscriber = closedInTheEnd(new Subscriber())
    subscriber.connect(endpoint)
    await publisher.send("unwanted")
    expect(await publisher.drain({ timeout: 1 })).toEqual([])
  })
})
