/** One bind(): zmtp.md 5.0, 5.1 and 7.6, zeromqjs.md 1.6 and 2.9, design.md 5. */
import { describe, expect, it, vi } from "vitest"
import { ZmqError } from "../../../src/base/errors.ts"
import { FakeConnection } from "../../support/fake-connection.ts"
import { fakeSocket, types } from "../../support/fake-socket.ts"
import { settled } from "../../support/fake-transport.ts"

vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))

const WHERE = "fake://here"
const pair = { socketType: "PAIR" }

async function bound(...settings: Parameters<typeof fakeSocket>) {
  const socket = fakeSocket(...settings)
  await socket.core.endpoints.bind(WHERE)
  return { ...socket, listener: socket.transport.lastListener }
}

describe("bind()", () => {
  it("resolves when the transport listens, with the resolved endpoint", async () => {
    const { core } = await bound()
    expect(core.options.get("lastEndpoint")).toBe(WHERE)
    await core.endpoints.bind("fake://0")
    expect(core.options.get("lastEndpoint")).toBe("fake://resolved")
  })

  it("makes a pipe for each peer that comes in, once its handshake is done", async () => {
    const { listener, pattern, write, read } = await bound()
    expect(pattern.canSend()).toBe(false)
    const first = await listener.incoming()
    const second = await listener.incoming()
    expect(pattern.log).toEqual(["attach", "connected", "attach", "connected"])
    expect([first.isOpen, second.isOpen]).toEqual([true, true])
    write("out")
    second.deliver("in")
    expect([first.texts, read()]).toEqual([["out"], ["in"]])
  })

  it("is not disturbed by handshakes that fail, or take for ever", async () => {
    const { listener, pattern } = await bound()
    listener.accept(new Promise(() => {}))
    listener.accept(Promise.reject(new ZmqError("EPIPE")))
    await listener.incoming()
    expect(pattern.log).toEqual(["attach", "connected"])
  })

  it("surfaces an error of the library's own as an uncaught exception, not as a rejection", async () => {
    const { listener, pattern } = await bound()
    const fault = new Error("on purpose")
    pattern.connected = () => {
      throw fault
    }
    const surfaced = new Promise(resolve => process.once("uncaughtException", resolve))
    const others = process.listeners("uncaughtException").slice(0, -1)
    for (const other of others) process.off("uncaughtException", other)
    listener.accept(Promise.resolve(new FakeConnection()))
    expect(await surfaced).toBe(fault)
    for (const other of others) process.on("uncaughtException", other)
  })

  it("refuses a peer of the wrong type, with an event that has the reason", async () => {
    const { listener, pattern, events } = await bound("REP")
    const refused = await listener.incoming({ socketType: "SUB" })
    expect([refused.isLeaving, pattern.log]).toEqual([true, []])
    expect(events).toMatchObject([
      {
        type: "accept:error",
        address: WHERE,
        error: { code: "ERR_ZMTP_INVALID_METADATA", reason: `a REP socket can't talk to a "SUB" socket` },
      },
    ])
    await listener.incoming({ socketType: "REQ" })
    expect(pattern.log).toEqual(["attach", "connected"])
  })
})

describe("when a peer leaves", () => {
  it("its unsent messages are dropped, what it had sent can still be read", async () => {
    const { listener, pattern, write, read } = await bound()
    const connection = await listener.incoming()
    connection.room = 1
    write("1", "2")
    connection.deliver("one", "two")
    const pipe = pattern.pipes[0]
    connection.closed()
    expect([pipe?.canWrite, pipe?.tryWrite([])]).toEqual([false, false])
    expect(pattern.log).toEqual(["attach", "connected", "readable", "disconnected", "detach"])
    expect(pattern.canSend()).toBe(false)
    expect(read()).toEqual(["one", "two"])
    expect((await listener.incoming()).texts).toEqual([])
  })
})

describe("PAIR", () => {
  it("a second peer is closed, shows as accept:error EISCONN, and leaves the first one alone", async () => {
    const { listener, pattern, events, write } = await bound("PAIR")
    const first = await listener.incoming(pair)
    const second = await listener.incoming(pair)
    expect([first.isLeaving, second.isLeaving]).toEqual([false, true])
    expect(events).toMatchObject([
      {
        type: "accept:error",
        address: WHERE,
        error: { code: "EISCONN", reason: "a PAIR socket has at most one peer" },
      },
    ])
    second.closeIfAsked()
    write("still here")
    expect(first.texts).toEqual(["still here"])
    expect(pattern.log).toEqual(["attach", "connected"])
  })

  it("is never promoted: whoever was refused stays refused, and the place goes to who comes next", async () => {
    const { listener, pattern, read } = await bound("PAIR")
    const first = await listener.incoming(pair)
    const second = await listener.incoming(pair)
    first.deliver("unread")
    first.closed()
    second.closeIfAsked()
    expect(pattern.pipes).toEqual([])
    const third = await listener.incoming(pair)
    expect(third.isLeaving).toBe(false)
    third.deliver("hello")
    expect(read()).toEqual(["unread", "hello"])
  })

  it("the place is free only when the connection has fully closed", async () => {
    const { core, listener, write } = await bound("PAIR")
    const first = await listener.incoming(pair)
    first.room = 1
    write("1", "2")
    await core.endpoints.close(WHERE)
    await core.endpoints.bind(WHERE)
    const again = () => core.endpoints.connect("fake://elsewhere")
    expect(again).toThrow(expect.objectContaining({ code: "EISCONN" }))
    first.drain()
    expect(again).toThrow(expect.objectContaining({ code: "EISCONN" }))
    first.closeIfAsked()
    expect(again).not.toThrow()
  })

  it("a connected PAIR takes no incoming peer", async () => {
    const { core, listener, events } = await bound("PAIR")
    core.endpoints.connect("fake://there")
    expect((await listener.incoming(pair)).isLeaving).toBe(true)
    expect(types(events)).toEqual(["accept:error"])
  })
})

describe("unbind() and close()", () => {
  it("free the name, and end the accepted connections after delivering", async () => {
    const { core, listener, pattern, events, write } = await bound()
    const busy = await listener.incoming()
    busy.room = 1
    write("1", "2", "3")
    await core.endpoints.close(WHERE)
    expect(listener.closed).toBe(true)
    expect(pattern.pipes).toEqual([])
    expect(busy.isLeaving).toBe(false)
    busy.drain()
    expect(busy.log).toEqual(["open", "1", "2", "3", "end"])
    busy.closeIfAsked()
    await settled()
    expect(types(events)).toEqual([])
    expect(() => core.endpoints.close(WHERE)).toThrow(
      expect.objectContaining({ code: "ENOENT", address: WHERE }),
    )
    core.close()
  })

  it("abort the handshakes under way, silently; what succeeds all the same is closed", async () => {
    const { core, listener, pattern, events } = await bound()
    const late = new FakeConnection()
    let finish = (_: FakeConnection) => {}
    listener.accept(
      new Promise(resolve => {
        finish = resolve
      }),
    )
    expect(listener.host.signal.aborted).toBe(false)
    core.close()
    expect(listener.host.signal.aborted).toBe(true)
    finish(late)
    await settled()
    expect([late.isOpen, late.isLeaving, pattern.log]).toEqual([true, true, []])
    expect(types(events)).toEqual(["end"])
  })

  it("a connection ends at once when its linger is over; one that is lost meanwhile is forgotten", async () => {
    const { core, listener, write } = await bound("DEALER", { linger: 0 })
    const first = await listener.incoming()
    first.room = 1
    write("1", "2")
    const second = await listener.incoming()
    core.close()
    expect([first.log.at(-1), second.log.at(-1)]).toEqual(["destroy", "destroy"])
    first.closeIfAsked()
    second.closed(new ZmqError("ECONNRESET"))
    await settled()
  })

  it("`end` is told when the listener is closed, whatever still lingers", async () => {
    const { core, listener, events, write } = await bound()
    const connection = await listener.incoming()
    connection.room = 1
    write("1", "2")
    let release = () => {}
    listener.hold = new Promise(resolve => {
      release = resolve
    })
    core.close()
    await settled()
    expect(events).toEqual([])
    release()
    await settled()
    expect(events).toEqual([{ type: "end" }])
    connection.drain()
    connection.closeIfAsked()
  })
})
