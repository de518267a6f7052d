/** Options, context and type as properties: zeromqjs.md 1.2, 1.3, 1.5, 1.9; api.md point 3. */
import { describe, expect, it } from "vitest"
import { BaseContext } from "../../../src/context/context.ts"
import type { ContextSettings } from "../../../src/context/settings.ts"
import { Dealer, open, thrown, WHERE, warnings } from "../../support/probe-socket.ts"

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

  it("__proto__, of what was JSON, is no option, and no prototype", () => {
    const options = JSON.parse('{"__proto__": {"linger": 5}}')
    const refused = "Cannot add property __proto__, object is not extensible"
    expect(() => new Dealer(options)).toThrow(new TypeError(refused))
    expect(() => new BaseContext([], options)).toThrow(new TypeError(refused))
  })

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
