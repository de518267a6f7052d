/** The public face, over a fake transport: zeromqjs.md 1.2, 1.3, 1.5, 1.9, 2.1, 2.2, 2.5, 2.6, 2.9; api.md point 3. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest"
import { BaseContext } from "../../src/context.ts"
import type { ContextSettings } from "../../src/context-settings.ts"
import { ZmqError } from "../../src/errors.ts"
import type { OptionProperties } from "../../src/options.ts"
import { BaseSocket, defineOptions } from "../../src/socket.ts"
import type { SocketTypeName } from "../../src/socket-types.ts"
import type { Readable, Writable } from "../../src/transfer.ts"
import { type FakeConnection, message } from "../support/fake-connection.ts"
import { PipesPattern } from "../support/fake-pattern.ts"
import { FakeTransport, settled } from "../support/fake-transport.ts"

const WHERE = "fake://there"

/** A class of the library's kind, with every option of its type, and a pattern of ours. */
function socketClass<T extends SocketTypeName>(type: T, name: string) {
  const transport = new FakeTransport()
  const context = new BaseContext([transport])
  // biome-ignore lint/suspicious/noUnsafeDeclarationMerging: as in src/sockets.ts
  class Probe extends BaseSocket {
    static readonly transport = transport
    static readonly context = context
    readonly pattern: PipesPattern
    constructor(options?: object, given: BaseContext = context) {
      const pattern = new PipesPattern()
      super({ type, context: given, pattern: () => pattern }, options)
      this.pattern = pattern
    }
  }
  // biome-ignore lint/correctness/noUnusedVariables: it says what the class has
  interface Probe extends Writable, Readable, OptionProperties<T> {}
  defineOptions(Probe, type)
  Object.defineProperty(Probe, "name", { value: name })
  return Probe
}

let Dealer: ReturnType<typeof socketClass<"DEALER">>
beforeEach(() => {
  Dealer = socketClass("DEALER", "Dealer")
})

const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {})
afterEach(() => warnings.mockClear())

function open(options?: object) {
  const socket = new Dealer(options)
  onTestFinished(() => socket.close())
  return socket
}

/** A socket whose bind() does not come to its end until the test says so. */
function binding() {
  const socket = open()
  let settle = { succeed: () => {}, fail: (_: Error) => {} }
  Dealer.transport.listening = new Promise((succeed, fail) => {
    settle = { succeed, fail }
  })
  return { socket, bound: socket.bind(WHERE), ...settle }
}

/** The error of a call that must throw, rather than reject. */
function thrown(call: () => unknown): ZmqError {
  try {
    void Promise.resolve(call()).catch(() => {})
  } catch (error) {
    return error as ZmqError
  }
  throw new Error("it didn't throw")
}

/** The error of a call that must reject, rather than throw. */
function rejection(promise: Promise<unknown>): Promise<ZmqError> {
  return promise.then(
    () => {
      throw new Error("it didn't reject")
    },
    error => error,
  )
}

// biome-ignore lint/suspicious/noExplicitAny: what plain JavaScript may call
const untyped = (value: unknown) => value as any

describe("arguments are checked at once, with a TypeError (1.2)", () => {
  it.each<[string, string, (socket: BaseSocket & Writable & Readable) => unknown]>([
    ["send()", "Message must be present", socket => untyped(socket).send()],
    ["send(undefined)", "Message must be present", socket => untyped(socket).send(undefined)],
    ["send(a, b)", "Expected 1 argument but received 2", socket => untyped(socket).send("a", "b")],
    ["send(a, null)", "Expected 1 argument but received 2", socket => untyped(socket).send("a", null)],
    ["receive(1)", "Expected 0 arguments but received 1", socket => untyped(socket).receive(1)],
    ["close(1)", "Expected 0 arguments but received 1", socket => untyped(socket).close(1)],
    ["bind(a, b)", "Expected 1 argument but received 2", socket => untyped(socket).bind(WHERE, 2)],
    ["unbind(a, b)", "Expected 1 argument but received 2", socket => untyped(socket).unbind(WHERE, 2)],
    ["connect(a, b)", "Expected 1 argument but received 2", socket => untyped(socket).connect(WHERE, {})],
    [
      "disconnect(a, b)",
      "Expected 1 argument but received 2",
      socket => untyped(socket).disconnect(WHERE, 1),
    ],
    ["bind()", "Address must be a string", socket => untyped(socket).bind()],
    ["connect(1)", "Address must be a string", socket => untyped(socket).connect(1)],
    ["disconnect(null)", "Address must be a string", socket => untyped(socket).disconnect(null)],
    ["unbind({})", "Address must be a string", socket => untyped(socket).unbind({})],
    [
      "send(symbol)",
      "Cannot convert a Symbol value to a string",
      socket => untyped(socket).send(Symbol("x")),
    ],
  ])("%s: %s", (_, text, call) => {
    const error = thrown(() => call(open()))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toBe(text)
  })

  it("methods on a foreign this: Illegal invocation", () => {
    const methods = BaseSocket.prototype as unknown as Record<string, (this: unknown) => unknown>
    for (const method of ["send", "trySend", "receive", "tryReceive", "batches"].map(name => methods[name]))
      expect(() => method?.call({})).toThrow(new TypeError("Illegal invocation"))
  })

  it("the constructor takes an object of options, or nothing", () => {
    expect(() => open(undefined)).not.toThrow()
    for (const wrong of [null, 5, "x", true])
      expect(() => new Dealer(untyped(wrong))).toThrow(new TypeError("Options must be an object"))
  })

  it("the constructor takes no foreign context", () => {
    for (const wrong of [{}, null, 3]) {
      const error = thrown(() => new Dealer({}, untyped(wrong)))
      expect([error.message, error.code]).toEqual(["Invalid argument", undefined])
    }
  })
})

describe("options (1.2, 1.5)", () => {
  it("are properties, and constructor keys", () => {
    const socket = open({ linger: 5, routingId: "me" })
    expect([socket.linger, socket.routingId, socket.sendHighWaterMark]).toEqual([5, "me", 1000])
    socket.linger = 7
    expect(socket.linger).toBe(7)
    expect(Object.keys(socket)).toEqual(["pattern"])
  })

  it("the object given is not changed (api.md)", () => {
    const options = Object.freeze({ context: Dealer.context, linger: 5 })
    open(options)
    expect(options.context).toBe(Dealer.context)
  })

  it.each(["doesNotExist", "correlate", "noDrop", "toString", "constructor"])(
    "%s: what is no option of the type can't be given, and leaves no socket behind",
    name => {
      Dealer.context.maxSockets = 1
      expect(() => new Dealer({ [name]: 1 })).toThrow(
        new TypeError(`Cannot add property ${name}, object is not extensible`),
      )
      expect(() => open()).not.toThrow()
    },
  )

  it.each(["type", "lastEndpoint", "closed", "readable", "writable", "events"])(
    "%s can't be given: it is read-only",
    name => {
      expect(() => new Dealer({ [name]: 1 })).toThrow(
        new TypeError(`Cannot set property ${name} of #<Socket> which has only a getter`),
      )
    },
  )

  it("integers are converted as ToInt32 does", () => {
    const socket = open()
    socket.sendTimeout = 1.9
    expect(socket.sendTimeout).toBe(1)
    socket.sendTimeout = Number.NaN
    expect(socket.sendTimeout).toBe(0)
    expect(thrown(() => (socket.sendTimeout = 2 ** 31))).toMatchObject({
      code: "EINVAL",
      errno: 22,
      message: "Invalid argument",
    })
    expect(socket.sendTimeout).toBe(0)
    socket.maxMessageSize = 2 ** 40
    expect(socket.maxMessageSize).toBe(2 ** 40)
    socket.heartbeatTimeToLive = 250
    expect(socket.heartbeatTimeToLive).toBe(200)
  })

  it.each([
    ["linger", -2],
    ["sendTimeout", -2],
    ["receiveTimeout", -2],
    ["sendHighWaterMark", -1],
    ["receiveHighWaterMark", -1],
    ["reconnectInterval", -2],
    ["reconnectMaxInterval", -1],
    ["backlog", -1],
    ["heartbeatTimeToLive", 6_553_600],
    ["heartbeatTimeout", -1],
    ["tcpKeepalive", 2],
    ["routingId", ""],
    ["routingId", null],
    ["routingId", "x".repeat(256)],
  ])("%s = %j is EINVAL", (name, value) => {
    expect(thrown(() => Object.assign(open(), { [name]: value })).code).toBe("EINVAL")
    expect(thrown(() => new Dealer({ [name]: value })).code).toBe("EINVAL")
  })

  it.each([
    ["linger", "5", "a number"],
    ["linger", true, "a number"],
    ["linger", null, "a number"],
    ["immediate", 1, "a boolean"],
    ["immediate", undefined, "a boolean"],
    ["routingId", 5, "a string or buffer"],
    ["routingId", ["a"], "a string or buffer"],
  ])("%s = %j: must be %s", (name, value, kind) => {
    expect(() => Object.assign(open(), { [name]: value })).toThrow(
      new TypeError(`Option value must be ${kind}`),
    )
  })

  it("a routing id may be bytes, and is copied; text comes back as it was", () => {
    const socket = open()
    expect(socket.routingId).toBeNull()
    const id = Buffer.from("abc")
    Object.assign(socket, { routingId: id })
    id[0] = 0
    expect(socket.routingId).toBe("abc")
    socket.routingId = "åbçdéfghïjk"
    expect(socket.routingId).toBe("åbçdéfghïjk")
  })

  it("defaults of ipv6 and linger come from the context", () => {
    Dealer.context.ipv6 = true
    Dealer.context.blocky = false
    expect([open().ipv6, open().linger]).toEqual([true, 0])
  })

  const TEXT = "Socket option will not take effect until next connect/bind."
  it.each<[string, unknown, boolean]>([
    ["immediate", true, true],
    ["conflate", true, true],
    ["maxMessageSize", 5, true],
    ["reconnectInterval", 5, true],
    ["routingId", "a", true],
    ["linger", 5, false],
    ["sendTimeout", 5, false],
    ["receiveTimeout", 5, false],
    ["sendHighWaterMark", 5, false],
    ["receiveHighWaterMark", 5, false],
  ])("changing %s to %j once connected warns at once: %s", (name, value, warns) => {
    const socket = open()
    Object.assign(socket, { [name]: value })
    expect(warnings).not.toHaveBeenCalled()
    socket.connect(WHERE)
    Object.assign(socket, { [name]: value })
    expect(warnings.mock.calls).toEqual(warns ? [[TEXT]] : [])
  })

  it("no warning when the last endpoint is gone", () => {
    const socket = open()
    socket.connect(WHERE)
    socket.disconnect(WHERE)
    socket.immediate = true
    expect(warnings).not.toHaveBeenCalled()
  })
})

describe("what throws and what rejects (2.1)", () => {
  it("connect() and disconnect() throw, with the address", () => {
    const socket = open()
    for (const [address, code] of [
      ["", "EINVAL"],
      ["foo-bar", "EINVAL"],
      ["fake://", "EINVAL"],
      ["fake://bad", "EINVAL"],
      ["foo://bar", "EPROTONOSUPPORT"],
    ] as const) {
      expect(thrown(() => socket.connect(address))).toMatchObject({ code, address })
    }
    expect(thrown(() => socket.disconnect(""))).toMatchObject({ code: "EINVAL", address: "" })
    expect(thrown(() => socket.disconnect("foo://bar")).code).toBe("EPROTONOSUPPORT")
    expect(thrown(() => socket.disconnect(WHERE))).toMatchObject({
      code: "ENOENT",
      address: WHERE,
      message: "No such endpoint",
    })
    expect(socket.lastEndpoint).toBeNull()
  })

  it("bind() and unbind() reject, with the address", async () => {
    const socket = open()
    expect(await rejection(socket.bind(""))).toMatchObject({ code: "EINVAL", address: "" })
    expect(await rejection(socket.bind("fake://bad"))).toMatchObject({
      code: "EINVAL",
      address: "fake://bad",
    })
    expect((await rejection(socket.bind("foo://bar"))).code).toBe("EPROTONOSUPPORT")
    expect(await rejection(socket.unbind(WHERE))).toMatchObject({ code: "ENOENT", address: WHERE })
    Dealer.transport.listening = Promise.reject(
      Object.assign(new Error("listen"), { code: "EADDRINUSE", errno: -98 }),
    )
    const error = await rejection(socket.bind(WHERE))
    expect(Object.keys(error).slice(0, 3)).toEqual(["errno", "code", "address"])
    expect(error).toMatchObject({ code: "EADDRINUSE", address: WHERE, message: "Address already in use" })
    expect(error.errno).toBeGreaterThan(0)
    expect(socket.lastEndpoint).toBeNull()
  })

  it("send() and receive() reject when they are not possible in time", async () => {
    const socket = open({ sendTimeout: 0, receiveTimeout: 0 })
    const error = await rejection(socket.send("x"))
    expect([Object.keys(error), error.code, error.message]).toEqual([
      ["errno", "code"],
      "EAGAIN",
      "Operation was not possible or timed out",
    ])
    expect((await rejection(socket.receive())).code).toBe("EAGAIN")
  })

  it("a context that is full throws EMFILE; closing a socket makes room", () => {
    Dealer.context.maxSockets = 3
    const sockets = [open(), open(), open()]
    expect(thrown(() => new Dealer())).toMatchObject({
      code: "EMFILE",
      message: "Too many open file descriptors",
    })
    sockets[1]?.close()
    expect(() => open()).not.toThrow()
  })
})

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

  it("has an iterator with next() only", () => {
    const iterator = open()[Symbol.asyncIterator]()
    expect(untyped(iterator).return).toBeUndefined()
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

describe("the context", () => {
  it("is the socket's property, until it is closed", () => {
    const socket = open()
    expect(socket.context).toBe(Dealer.context)
    socket.close()
    expect(socket.context).toBeUndefined()
  })

  it("checks its options (1.5)", () => {
    const context = new BaseContext([], { ioThreads: 5, maxSockets: 7, ipv6: true, blocky: false })
    expect([context.ioThreads, context.maxSockets, context.ipv6, context.blocky]).toEqual([5, 7, true, false])
    context.ioThreads = 0
    expect(thrown(() => (context.ioThreads = -1)).code).toBe("EINVAL")
    expect(thrown(() => (context.maxSockets = 0)).code).toBe("EINVAL")
    expect(() => Object.assign(context, { ipv6: 1 })).toThrow(new TypeError("Option value must be a boolean"))
    for (const name of ["doesNotExist", "toString"])
      expect(() => new BaseContext([], { [name]: 1 } as Partial<ContextSettings>)).toThrow(
        new TypeError(`Cannot add property ${name}, object is not extensible`),
      )
    expect(new BaseContext([])).toMatchObject({ ioThreads: 1, maxSockets: 1023, ipv6: false, blocky: true })
  })
})

describe("type", () => {
  it("is libzmq's number", () => {
    expect(open().type).toBe(5)
  })
})

it("messages of several parts pass whole", async () => {
  const socket = open()
  socket.connect(WHERE)
  await socket.send(["a", Buffer.from("b"), null])
  expect((await Dealer.transport.lastDial.succeed()).sent).toEqual([message("a", "b", "")])
})
