/** What calls throw at once, and what they reject with: zeromqjs.md 1.2, 2.1. */
import { describe, expect, it } from "vitest"
import { BaseSocket } from "../../../src/socket/socket.ts"
import type { Readable, Writable } from "../../../src/socket/transfer.ts"
import { Dealer, open, rejection, thrown, untyped, WHERE } from "../../support/probe-socket.ts"

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
