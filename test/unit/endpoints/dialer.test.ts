/** One connect(): zmtp.md 5.0, 6.3, 6.4 and 7.6, zeromqjs.md 1.6, design.md 5. */
import { describe, expect, it, vi } from "vitest"
import { protocolError, strangerError, ZmqError } from "../../../src/base/errors.ts"
import { code, fakeSocket, pass, types } from "../../support/fake-socket.ts"
import { settled } from "../../support/fake-transport.ts"

vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))

const WHERE = "fake://there"
const broken = () => protocolError("ERR_ZMTP_UNEXPECTED_COMMAND", "a test")

describe("dialling", () => {
  it("the first attempt is immediate, with our type and the options of the moment", () => {
    const { core, transport } = fakeSocket("DEALER", { ipv6: true })
    core.endpoints.connect(WHERE)
    expect(transport.dials.length).toBe(1)
    expect(transport.lastDial.address).toBe("there")
    expect(transport.lastDial.host.local.socketType).toBe("DEALER")
    core.options.set("ipv6", false)
    expect(transport.lastDial.host.options.ipv6).toBe(true)
  })

  it("a refused attempt is made again after the interval that connect:retry tells, for ever", async () => {
    const { core, transport, events } = fakeSocket("DEALER", {
      reconnectInterval: 20,
      reconnectMaxInterval: 100,
    })
    core.endpoints.connect(WHERE)
    for (const [n, interval] of [20, 40, 80, 100, 100, 100].entries()) {
      await transport.lastDial.fail()
      expect(events[n]).toEqual({ type: "connect:retry", address: WHERE, interval })
      await pass(interval - 1)
      expect(transport.dials.length).toBe(n + 1)
      await pass(1)
      expect(transport.dials.length).toBe(n + 2)
    }
  })

  it("waits again, from the shortest interval on, after an established connection was lost", async () => {
    const { core, transport, events, pattern } = fakeSocket("DEALER", {
      reconnectInterval: 20,
      reconnectMaxInterval: 100,
    })
    core.endpoints.connect(WHERE)
    await transport.lastDial.fail()
    await pass(20)
    const connection = await transport.lastDial.succeed()
    connection.closed()
    await settled()
    expect(transport.dials.length).toBe(2)
    expect(events.map(event => (event.type === "connect:retry" ? event.interval : event.type))).toEqual([
      20, 20,
    ])
    await pass(20)
    await transport.lastDial.succeed()
    expect(pattern.log).toEqual(["attach", "connected", "disconnected", "connected"])
  })

  it("a connection that comes when nobody wants it any more is closed", async () => {
    const { core, transport } = fakeSocket()
    core.endpoints.connect(WHERE)
    const dial = transport.lastDial
    const late = dial.succeed()
    core.close()
    const connection = await late
    expect([connection.isOpen, connection.isLeaving]).toEqual([true, true])
    expect(transport.dials.length).toBe(1)
  })
})

describe("the end of an endpoint: disconnect() answers ENOENT, nothing is dialled again", () => {
  async function expectEnded(
    { core, transport, pattern, events }: ReturnType<typeof fakeSocket>,
    dials: number,
  ) {
    await pass(1e6)
    expect(transport.dials.length).toBe(dials)
    expect(code(() => core.endpoints.close(WHERE))).toBe("ENOENT")
    expect(pattern.pipes).toEqual([])
    expect(types(events)).not.toContain("connect:retry")
    // Nobody has asked for the end.
    expect(types(events).filter(type => type === "connect:stop")).toEqual(["connect:stop"])
    expect(events.at(-1)).toMatchObject({ type: "connect:stop", address: WHERE })
  }

  it("but not when somebody answers who doesn't speak ZMTP: the peer may be behind", async () => {
    const socket = fakeSocket()
    socket.core.endpoints.connect(WHERE)
    for (let n = 1; n < 4; n++) {
      await socket.transport.lastDial.fail(strangerError("a test"))
      await pass(10)
      expect(socket.transport.dials.length).toBe(n + 1)
    }
    expect(types(socket.events)).toEqual(["connect:retry", "connect:retry", "connect:retry"])
  })

  it("with its reason, where there is one", async () => {
    const refused = fakeSocket()
    refused.core.endpoints.connect(WHERE)
    await refused.transport.lastDial.fail(broken())
    expect(refused.events.at(-1)).toMatchObject({ error: { code: "ERR_ZMTP_UNEXPECTED_COMMAND" } })
    const left = fakeSocket("PAIR")
    left.core.endpoints.connect(WHERE)
    ;(await left.transport.lastDial.succeed({ socketType: "PAIR" })).closed()
    await settled()
    expect(left.events.at(-1)).toEqual({ type: "connect:stop", address: WHERE })
  })

  it("when the handshake ends in a protocol error", async () => {
    const socket = fakeSocket()
    socket.core.endpoints.connect(WHERE)
    await socket.transport.lastDial.fail(broken())
    await expectEnded(socket, 1)
  })

  it("when an established connection ends with a protocol error", async () => {
    const socket = fakeSocket()
    socket.core.endpoints.connect(WHERE)
    const connection = await socket.transport.lastDial.succeed()
    connection.closed(protocolError("EMSGSIZE", "a test"))
    await expectEnded(socket, 1)
  })

  it("when the pattern finds that the peer broke the protocol", async () => {
    const socket = fakeSocket()
    socket.core.endpoints.connect(WHERE)
    const connection = await socket.transport.lastDial.succeed()
    socket.pattern.pipes[0]?.fail(broken())
    connection.closeIfAsked()
    await expectEnded(socket, 1)
  })

  it("when the peer's socket type doesn't go with ours", async () => {
    const socket = fakeSocket("REQ")
    socket.core.endpoints.connect(WHERE)
    const connection = await socket.transport.lastDial.succeed({ socketType: "SUB" })
    expect(connection.isLeaving).toBe(true)
    expect(socket.pattern.log).not.toContain("connected")
    await expectEnded(socket, 1)
  })

  it.each([0, -1])("when the first attempt fails and reconnectInterval is %i", async reconnectInterval => {
    const socket = fakeSocket("DEALER", { reconnectInterval })
    socket.core.endpoints.connect(WHERE)
    await socket.transport.lastDial.fail()
    await expectEnded(socket, 1)
  })

  it.each([0, -1])("when a connection is lost and reconnectInterval is %i", async reconnectInterval => {
    const socket = fakeSocket("DEALER", { reconnectInterval })
    socket.core.endpoints.connect(WHERE)
    ;(await socket.transport.lastDial.succeed()).closed()
    await expectEnded(socket, 1)
  })

  it("when a PAIR has lost an established connection", async () => {
    const socket = fakeSocket("PAIR")
    socket.core.endpoints.connect(WHERE)
    ;(await socket.transport.lastDial.succeed({ socketType: "PAIR" })).closed(new ZmqError("ECONNRESET"))
    await expectEnded(socket, 1)
    // Its place is free again.
    expect(code(() => socket.core.endpoints.connect(WHERE))).toBeUndefined()
  })

  it("leaves what was received to be read, and takes no more messages", async () => {
    const { core, transport, pattern, read } = fakeSocket("PAIR")
    core.endpoints.connect(WHERE)
    const connection = await transport.lastDial.succeed()
    connection.deliver("one", "two")
    connection.closed()
    expect([pattern.canSend(), pattern.canReceive()]).toEqual([false, true])
    expect(read()).toEqual(["one", "two"])
  })
})

describe("a peer that tells no socket type", () => {
  it("is let in, as by libzmq", async () => {
    const { core, transport, pattern } = fakeSocket("REQ")
    core.endpoints.connect(WHERE)
    await transport.lastDial.succeed({ socketType: undefined })
    expect(pattern.log).toContain("connected")
  })
})

describe("PAIR", () => {
  it("is dialled again while no attempt has succeeded", async () => {
    const { core, transport } = fakeSocket("PAIR")
    core.endpoints.connect(WHERE)
    for (let n = 1; n < 5; n++) {
      await transport.lastDial.fail()
      await pass(10)
      expect(transport.dials.length).toBe(n + 1)
    }
  })

  it("has one place: a second connect() throws EISCONN with the address", () => {
    const { core } = fakeSocket("PAIR")
    core.endpoints.connect(WHERE)
    expect(() => core.endpoints.connect("fake://elsewhere")).toThrow(
      expect.objectContaining({
        code: "EISCONN",
        address: "fake://elsewhere",
        reason: "a PAIR socket has at most one peer",
      }),
    )
    expect(core.options.get("lastEndpoint")).toBe(WHERE)
  })

  it("keeps the place while the previous connection is still closing", async () => {
    const { core, transport, write } = fakeSocket("PAIR")
    core.endpoints.connect(WHERE)
    const connection = await transport.lastDial.succeed()
    connection.room = 1
    write("1", "2")
    void core.endpoints.close(WHERE)
    expect(code(() => core.endpoints.connect("fake://elsewhere"))).toBe("EISCONN")
    connection.drain()
    expect(code(() => core.endpoints.connect("fake://elsewhere"))).toBe("EISCONN")
    connection.closeIfAsked()
    expect(code(() => core.endpoints.connect("fake://elsewhere"))).toBeUndefined()
  })
})

describe("messages", () => {
  it("queue before the peer is there, up to sendHighWaterMark, and survive a reconnect", async () => {
    const { core, transport, write, pattern } = fakeSocket("DEALER", { sendHighWaterMark: 3 })
    expect(pattern.canSend()).toBe(false)
    core.endpoints.connect(WHERE)
    expect(pattern.canSend()).toBe(true)
    write("1", "2", "3")
    expect(pattern.canSend()).toBe(false)
    const first = await transport.lastDial.succeed()
    expect(first.texts).toEqual(["1", "2", "3"])
    first.closed()
    write("4", "5")
    await pass(10)
    expect((await transport.lastDial.succeed()).texts).toEqual(["4", "5"])
  })

  it("with `immediate` are taken only while there is a connection, and dropped with it", async () => {
    const { core, transport, write, pattern } = fakeSocket("DEALER", { immediate: true })
    core.endpoints.connect(WHERE)
    expect([pattern.canSend(), pattern.log]).toEqual([false, []])
    const first = await transport.lastDial.succeed()
    first.room = 1
    write("1", "2", "3")
    first.closed()
    expect([pattern.canSend(), pattern.pipes.length]).toEqual([false, 0])
    await pass(10)
    const second = await transport.lastDial.succeed()
    write("4")
    expect(second.texts).toEqual(["4"])
    expect(pattern.log).toEqual(["attach", "connected", "disconnected", "detach", "attach", "connected"])
  })
})

describe("a patient transport", () => {
  it("is dialled again at once after a loss, without delay or event", async () => {
    const { core, transport, events } = fakeSocket("DEALER", {}, true)
    core.endpoints.connect(WHERE)
    ;(await transport.lastDial.succeed()).closed()
    await settled()
    expect(transport.dials.length).toBe(2)
    expect(events).toEqual([])
  })

  it("is dialled again after the interval when the connection was lost with an error: somebody refuses us", async () => {
    const { core, transport, events } = fakeSocket("DEALER", {}, true)
    core.endpoints.connect(WHERE)
    ;(await transport.lastDial.succeed()).closed(new ZmqError("ECONNRESET"))
    await settled()
    expect(types(events)).toEqual(["disconnect", "connect:retry"])
    expect(transport.dials.length).toBe(1)
    await pass(10)
    expect(transport.dials.length).toBe(2)
  })

  it.each([0, -1])("likewise with reconnectInterval %i, but not for a PAIR", async reconnectInterval => {
    const { core, transport } = fakeSocket("DEALER", { reconnectInterval }, true)
    core.endpoints.connect(WHERE)
    ;(await transport.lastDial.succeed()).closed()
    expect(transport.dials.length).toBe(2)
    const pair = fakeSocket("PAIR", {}, true)
    pair.core.endpoints.connect(WHERE)
    ;(await pair.transport.lastDial.succeed()).closed()
    expect(pair.transport.dials.length).toBe(1)
  })
})

it("surfaces an error of the library's own as an uncaught exception, not as a rejection", async () => {
  const { core, transport } = fakeSocket("PUSH")
  const fault = new Error("on purpose")
  core.pattern.connected = () => {
    throw fault
  }
  const surfaced = new Promise(resolve => process.once("uncaughtException", resolve))
  const others = process.listeners("uncaughtException").slice(0, -1)
  for (const other of others) process.off("uncaughtException", other)
  core.endpoints.connect(WHERE)
  await transport.lastDial.succeed()
  expect(await surfaced).toBe(fault)
  for (const other of others) process.on("uncaughtException", other)
})
