/** A closed socket, one that binds, and its endpoints: zeromqjs.md 2.2, 2.9; zmtp.md 7.6. */
import { describe, expect, it, onTestFinished } from "vitest"
import { ZmqError } from "../../../src/base/errors.ts"
import type { SocketTypeName } from "../../../src/base/socket-types.ts"
import { BaseContext } from "../../../src/context/context.ts"
import type { Readable } from "../../../src/socket/transfer.ts"
import { FakeTransport, settled } from "../../support/fake-transport.ts"
import {
  binding,
  Dealer,
  open,
  rejection,
  socketClass,
  thrown,
  WHERE,
  warnings,
} from "../../support/probe-socket.ts"

describe("a closed socket (2.2)", () => {
  const closed = () => {
    const socket = open()
    socket.connect(WHERE)
    socket.close()
    return socket
  }

  it.each<[string, (socket: InstanceType<typeof Dealer>) => unknown]>([
    ["send", socket => socket.send("x")],
    ["trySend", socket => socket.trySend("x")],
    ["receive", socket => socket.receive()],
    ["tryReceive", socket => socket.tryReceive()],
    ["bind", socket => socket.bind(WHERE)],
    ["unbind", socket => socket.unbind(WHERE)],
    ["connect", socket => socket.connect(WHERE)],
    ["disconnect", socket => socket.disconnect(WHERE)],
  ])("%s() throws EBADF", (_, call) => {
    expect(thrown(() => call(closed()))).toMatchObject({
      code: "EBADF",
      errno: 9,
      message: "Socket is closed",
    })
  })

  it.each(["linger", "routingId", "events", "type", "lastEndpoint"] as const)(
    "reading %s throws ENOTSOCK",
    name => {
      expect(thrown(() => closed()[name])).toMatchObject({
        code: "ENOTSOCK",
        errno: 88,
        message: "Socket operation on non-socket",
      })
    },
  )

  it("setting an option throws ENOTSOCK", () => {
    expect(thrown(() => (closed().linger = 1)).code).toBe("ENOTSOCK")
  })

  it("close() again does nothing; it is neither readable nor writable, and has no context", () => {
    const socket = closed()
    socket.close()
    expect([socket.closed, socket.readable, socket.writable, socket.context]).toEqual([
      true,
      false,
      false,
      undefined,
    ])
  })

  it("an iteration over it ends at once", async () => {
    for await (const _ of closed()) throw new Error("unreachable")
    for await (const _ of closed().batches()) throw new Error("unreachable")
  })
})

describe("during bind() (2.2)", () => {
  it("everything but options and close() throws EBUSY", async () => {
    const { socket, bound, succeed } = binding()
    const blocked = {
      code: "EBUSY",
      errno: 16,
      message: "Socket is blocked by a bind or unbind operation",
    }
    for (const call of [
      () => socket.send("x"),
      () => socket.trySend("x"),
      () => socket.receive(),
      () => socket.tryReceive(),
      () => socket.bind(WHERE),
      () => socket.unbind(WHERE),
      () => socket.connect(WHERE),
      () => socket.disconnect(WHERE),
    ]) {
      expect(thrown(call)).toMatchObject(blocked)
    }
    // Iterators reject, as the native package's does.
    const iterator = (socket as Readable)[Symbol.asyncIterator]()
    await expect(iterator.next()).rejects.toMatchObject(blocked)
    await expect(socket.batches().next()).rejects.toMatchObject(blocked)
    expect(socket.linger).toBe(-1)
    socket.linger = 0
    expect(warnings).not.toHaveBeenCalled()
    socket.immediate = true
    expect(warnings).toHaveBeenCalledOnce()
    succeed()
    await bound
    expect(() => socket.connect(WHERE)).not.toThrow()
  })

  it("close() is carried out afterwards, when it succeeds", async () => {
    const { socket, bound, succeed } = binding()
    socket.close()
    expect(socket.closed).toBe(false)
    succeed()
    await bound
    expect(socket.closed).toBe(true)
    await settled()
    expect(Dealer.transport.lastListener.closed).toBe(true)
  })

  it("close() is carried out afterwards, when it fails", async () => {
    const { socket, bound, fail } = binding()
    socket.close()
    fail(new ZmqError("EADDRINUSE"))
    expect((await rejection(bound)).code).toBe("EADDRINUSE")
    expect(socket.closed).toBe(true)
  })

  it("a failed bind() leaves the socket as it was", async () => {
    const { socket, bound, fail } = binding()
    fail(new ZmqError("EADDRINUSE"))
    await rejection(bound)
    Dealer.transport.listening = undefined
    await socket.bind(WHERE)
    expect(socket.lastEndpoint).toBe(WHERE)
  })

  it("unbind() blocks likewise", async () => {
    const socket = open()
    await socket.bind(WHERE)
    const unbound = socket.unbind(WHERE)
    expect(thrown(() => socket.send("x")).code).toBe("EBUSY")
    await unbound
    expect(socket.lastEndpoint).toBe(WHERE)
  })

  it("operations that were pending before go on", async () => {
    const socket = open()
    const received = socket.receive()
    await socket.bind(WHERE)
    const connection = await Dealer.transport.lastListener.incoming()
    connection.deliver("hello")
    expect((await received).map(String)).toEqual(["hello"])
  })
})

describe("endpoints (2.9, zmtp.md 7.6)", () => {
  it("lastEndpoint: null, then the resolved one of bind(), the given one of connect(); unbind() doesn't change it", async () => {
    const socket = open()
    expect(socket.lastEndpoint).toBeNull()
    await socket.bind("fake://0")
    expect(socket.lastEndpoint).toBe("fake://resolved")
    socket.connect(WHERE)
    expect(socket.lastEndpoint).toBe(WHERE)
    await socket.unbind("fake://resolved")
    expect(socket.lastEndpoint).toBe(WHERE)
  })

  it("unbind() goes by the resolved endpoint", async () => {
    const socket = open()
    await socket.bind("fake://0")
    expect((await rejection(socket.unbind("fake://0"))).code).toBe("ENOENT")
    await socket.unbind("fake://resolved")
    expect(Dealer.transport.lastListener.closed).toBe(true)
  })

  it("disconnect() of a bound endpoint and unbind() of a connected one work", async () => {
    const socket = open()
    await socket.bind("fake://a")
    socket.connect("fake://b")
    socket.disconnect("fake://a")
    await socket.unbind("fake://b")
    expect([Dealer.transport.lastListener.closed, Dealer.transport.lastDial.aborted]).toEqual([true, true])
  })

  it("all endpoints of that name are removed", () => {
    const Router = socketClass("ROUTER", "Router")
    const socket = new Router()
    onTestFinished(() => socket.close())
    socket.connect(WHERE)
    socket.connect(WHERE)
    expect(Router.transport.dials.length).toBe(2)
    socket.disconnect(WHERE)
    expect(Router.transport.dials.map(({ aborted }) => aborted)).toEqual([true, true])
    expect(thrown(() => socket.disconnect(WHERE)).code).toBe("ENOENT")
  })

  it.each<[SocketTypeName, number]>([
    ["PUB", 1],
    ["SUB", 1],
    ["REQ", 1],
    ["DEALER", 1],
    ["REP", 2],
    ["PULL", 2],
    ["PUSH", 2],
  ])("%s: a second connect() to the same endpoint makes %i connection(s) in all", (type, count) => {
    const Class = socketClass(type, type)
    const socket = new Class()
    onTestFinished(() => socket.close())
    socket.connect(WHERE)
    socket.connect(WHERE)
    expect(Class.transport.dials.length).toBe(count)
  })

  it("a scheme is served by one transport", () => {
    expect(thrown(() => new BaseContext([new FakeTransport(), new FakeTransport()])).code).toBe("EINVAL")
  })
})
