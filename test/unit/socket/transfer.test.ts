/** Sending, receiving, iteration and events: zeromqjs.md 1.3, 1.6, 2.5, 2.6. */
import { describe, expect, it, vi } from "vitest"
import type { ZmqError } from "../../../src/base/errors.ts"
import { type FakeConnection, message } from "../../support/fake-connection.ts"
import { Dealer, open, rejection, thrown, untyped, WHERE } from "../../support/probe-socket.ts"

describe("sending and receiving", () => {
  it("concurrent calls wait their turn instead of failing with EBUSY (api.md)", async () => {
    const socket = open()
    const sends = ["a", "b", "c"].map(text => socket.send(text))
    const receives = [socket.receive(), socket.receive()]
    socket.connect(WHERE)
    const connection = await Dealer.transport.lastDial.succeed()
    await Promise.all(sends)
    connection.deliver("1", "2")
    expect((await Promise.all(receives)).map(String)).toEqual(["1", "2"])
    expect(connection.texts).toEqual(["a", "b", "c"])
  })

  it("send([]) resolves and sends nothing", async () => {
    const socket = open()
    await socket.send([])
    socket.connect(WHERE)
    await socket.send([])
    expect((await Dealer.transport.lastDial.succeed()).texts).toEqual([])
  })

  it.each<[string, (connection: FakeConnection) => void]>([
    ["message", connection => void connection.deliver("reply")],
    ["control", connection => connection.deliverControl({ type: "subscribe", topic: Buffer.from("t") })],
  ])("what waits to be sent is not sent from inside the peer's %s, but right after", async (_, deliver) => {
    const socket = open({ sendHighWaterMark: 1 })
    socket.connect(WHERE)
    const connection = await Dealer.transport.lastDial.succeed()
    connection.room = 1
    for (const text of ["a", "b"]) await socket.send(text)
    const waiting = socket.send("c")
    // The pattern's answer changes with what comes in, as that of REQ does.
    const { pattern } = socket
    const trySend = vi.spyOn(pattern, "trySend").mockReturnValue(false)
    trySend.mockImplementation(parts => connection.send(parts) || true)
    deliver(connection)
    await waiting
    expect(connection.texts).toEqual(["a", "c"])
  })

  it("writable: false without a peer, true right after connect(); with `immediate` only once connected (2.5)", async () => {
    const socket = open()
    expect([socket.writable, socket.readable]).toEqual([false, false])
    socket.connect(WHERE)
    expect(socket.writable).toBe(true)
    const other = open({ immediate: true })
    other.connect(WHERE)
    expect(other.writable).toBe(false)
    const connection = await Dealer.transport.lastDial.succeed()
    expect(other.writable).toBe(true)
    connection.deliver("x")
    expect(other.readable).toBe(true)
  })

  it("high-water mark 1: the second send() times out with EAGAIN (2.3)", async () => {
    const socket = open({ sendHighWaterMark: 1, sendTimeout: 5 })
    socket.connect(WHERE)
    await socket.send("one")
    expect((await rejection(socket.send("two"))).code).toBe("EAGAIN")
  })

  it("sendHighWaterMark 10 without a peer: ten sends, then EAGAIN (2.3)", async () => {
    const socket = open({ sendHighWaterMark: 10, sendTimeout: 0 })
    socket.connect(WHERE)
    for (let n = 0; n < 10; n++) await socket.send(String(n))
    expect((await rejection(socket.send("more"))).code).toBe("EAGAIN")
  })

  it("close() settles a pending receive() before a pending send(), both with EAGAIN", async () => {
    const socket = open()
    const order: string[] = []
    const note = (name: string, operation: Promise<unknown>) =>
      operation.catch((error: ZmqError) => order.push(`${name} ${error.code}`))
    const all = [note("send", socket.send("x")), note("receive", socket.receive())]
    socket.close()
    await Promise.all(all)
    expect(order).toEqual(["receive EAGAIN", "send EAGAIN"])
  })

  it("a signal ends the wait, and nothing is sent", async () => {
    const socket = open()
    const controller = new AbortController()
    const sent = socket.send("never", { signal: controller.signal })
    const received = socket.receive({ signal: controller.signal })
    controller.abort()
    expect(await rejection(sent)).toBe(controller.signal.reason)
    expect(await rejection(received)).toBe(controller.signal.reason)
    socket.connect(WHERE)
    expect((await Dealer.transport.lastDial.succeed()).texts).toEqual([])
  })
})

describe("iteration (2.6)", () => {
  async function connected(options?: object) {
    const socket = open(options)
    socket.connect(WHERE)
    return { socket, connection: await Dealer.transport.lastDial.succeed() }
  }

  it("gives message after message; leaving doesn't close the socket", async () => {
    const { socket, connection } = await connected()
    connection.deliver("1", "2", "3")
    const seen: string[] = []
    for await (const [part] of socket) {
      seen.push(String(part))
      if (seen.length === 2) break
    }
    expect([seen, socket.closed]).toEqual([["1", "2"], false])
    expect(String(await socket.receive())).toBe("3")
  })

  it("has an iterator with next() and return() only", () => {
    const iterator = open()[Symbol.asyncIterator]()
    expect(untyped(iterator).return).toBeTypeOf("function")
    expect(untyped(iterator).throw).toBeUndefined()
  })

  it("ends when the socket is closed", async () => {
    const { socket } = await connected()
    const next = socket[Symbol.asyncIterator]().next()
    socket.close()
    expect(await next).toEqual({ value: undefined, done: true })
  })

  it("throws EAGAIN when receiveTimeout is over", async () => {
    const { socket } = await connected({ receiveTimeout: 1 })
    expect((await rejection(socket[Symbol.asyncIterator]().next())).code).toBe("EAGAIN")
  })

  it("throws any other reason, though the socket is closed: EFSM of a REQ", async () => {
    const { socket } = await connected()
    vi.spyOn(socket.pattern, "refusal").mockReturnValue(untyped("EFSM"))
    const next = socket[Symbol.asyncIterator]().next()
    socket.close()
    expect((await rejection(next)).code).toBe("EFSM")
  })
})

describe("events (1.3, 1.6)", () => {
  it("is always the same observer; on a closed socket it throws, the one held ends", async () => {
    const socket = open()
    const { events } = socket
    expect(socket.events).toBe(events)
    socket.close()
    expect(thrown(() => socket.events).code).toBe("ENOTSOCK")
    expect(await events.receive()).toEqual({ type: "end" })
    expect(events.closed).toBe(true)
  })

  it("a transport's reports become events, with the dialled endpoint where they have no address", async () => {
    const socket = open()
    const { events } = socket
    socket.connect(WHERE)
    const { host } = Dealer.transport.lastDial
    host.report({ type: "connect:delay" })
    host.report({ type: "close" })
    expect([await events.receive(), await events.receive()]).toEqual([
      { type: "connect:delay", address: WHERE },
      { type: "close", address: WHERE },
    ])
    await socket.bind(WHERE)
    const { host: binding } = Dealer.transport.lastListener
    binding.report({ type: "close" })
    binding.report({ type: "bind", address: WHERE })
    expect([await events.receive(), await events.receive()]).toEqual([
      { type: "close" },
      { type: "bind", address: WHERE },
    ])
  })
})

it("messages of several parts pass whole", async () => {
  const socket = open()
  socket.connect(WHERE)
  await socket.send(["a", Buffer.from("b"), null])
  expect((await Dealer.transport.lastDial.succeed()).sent).toEqual([message("a", "b", "")])
})
