/** The end of one connect(), by close() and disconnect(): zmtp.md 6.3 and 6.4. */
import { describe, expect, it, vi } from "vitest"
import { protocolError } from "../../../src/base/errors.ts"
import { code, fakeSocket, pass } from "../../support/fake-socket.ts"
import { settled } from "../../support/fake-transport.ts"

vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))

const WHERE = "fake://there"
const broken = () => protocolError("ERR_ZMTP_UNEXPECTED_COMMAND", "a test")

describe("close() and disconnect()", () => {
  const how = [
    ["close()", ({ core }: ReturnType<typeof fakeSocket>) => core.close()],
    ["disconnect()", ({ core }: ReturnType<typeof fakeSocket>) => void core.endpoints.close(WHERE)],
  ] as const

  describe.each(how)("%s", (_, leave) => {
    it("aborts an attempt, when nothing is queued", async () => {
      const socket = fakeSocket()
      socket.core.endpoints.connect(WHERE)
      leave(socket)
      await pass(1e6)
      expect([socket.transport.lastDial.aborted, socket.transport.dials.length]).toEqual([true, 1])
    })

    it("ends the wait for the next attempt, when nothing is queued", async () => {
      const socket = fakeSocket()
      socket.core.endpoints.connect(WHERE)
      await socket.transport.lastDial.fail()
      leave(socket)
      await pass(1e6)
      expect(socket.transport.dials.length).toBe(1)
    })

    it("drops what is unread before the pattern hears of it, which would keep the pipe to read it", async () => {
      const socket = fakeSocket()
      socket.core.endpoints.connect(WHERE)
      const connection = await socket.transport.lastDial.succeed()
      connection.deliver("never received")
      const detach = vi.spyOn(socket.pattern, "detach")
      const unread: boolean[] = []
      detach.mockImplementation(pipe => void unread.push(pipe.canRead))
      leave(socket)
      expect(unread).toEqual([false])
      connection.closeIfAsked()
      await settled()
    })

    it("ends an open connection, without a disconnect event", async () => {
      const socket = fakeSocket()
      socket.core.endpoints.connect(WHERE)
      const connection = await socket.transport.lastDial.succeed()
      connection.deliver("never received")
      leave(socket)
      expect(connection.log).toEqual(["open", "end"])
      connection.closeIfAsked()
      await settled()
      expect(socket.events.filter(({ type }) => type !== "end")).toEqual([])
      expect(socket.pattern.canReceive()).toBe(false)
      await pass(1e6)
      expect(socket.transport.dials.length).toBe(1)
    })

    it("linger -1: goes on dialling while the peer is away, and delivers when it comes back", async () => {
      const socket = fakeSocket()
      socket.core.endpoints.connect(WHERE)
      socket.write("1", "2")
      leave(socket)
      expect(code(() => socket.core.endpoints.close(WHERE))).toBeDefined()
      for (let n = 0; n < 3; n++) {
        await socket.transport.lastDial.fail()
        await pass(10)
      }
      const connection = await socket.transport.lastDial.succeed()
      expect(connection.texts).toEqual(["1", "2"])
      expect(connection.isLeaving).toBe(true)
      connection.closeIfAsked()
      await pass(1e6)
      expect(socket.transport.dials.length).toBe(4)
    })

    it("linger -1: what a lost connection had not taken goes to the next one", async () => {
      const socket = fakeSocket()
      socket.core.endpoints.connect(WHERE)
      const first = await socket.transport.lastDial.succeed()
      first.room = 1
      socket.write("1", "2", "3")
      leave(socket)
      first.closed()
      await pass(10)
      const second = await socket.transport.lastDial.succeed()
      expect(second.texts).toEqual(["2", "3"])
      second.closeIfAsked()
      await pass(1e6)
      expect(socket.transport.dials.length).toBe(2)
    })

    it("linger n: gives up when the time is over, in an attempt and between two", async () => {
      for (const away of [false, true]) {
        const socket = fakeSocket("DEALER", { linger: 25, reconnectInterval: 20, reconnectMaxInterval: 20 })
        socket.core.endpoints.connect(WHERE)
        socket.write("1")
        leave(socket)
        if (away) await pass(10)
        await socket.transport.lastDial.fail()
        await pass(away ? 15 : 24)
        const dials = socket.transport.dials.length
        expect(dials).toBe(away ? 1 : 2)
        await pass(1)
        if (!away) expect(socket.transport.lastDial.aborted).toBe(true)
        await pass(1e6)
        expect(socket.transport.dials.length).toBe(dials)
      }
    })

    it("linger 0: gives up at once", async () => {
      const socket = fakeSocket("DEALER", { linger: 0 })
      socket.core.endpoints.connect(WHERE)
      socket.write("1")
      leave(socket)
      await settled()
      expect(socket.transport.lastDial.aborted).toBe(true)
      const open = fakeSocket("DEALER", { linger: 0 })
      open.core.endpoints.connect(WHERE)
      const connection = await open.transport.lastDial.succeed()
      connection.room = 1
      open.write("1", "2")
      leave(open)
      expect(connection.log).toContain("destroy")
      connection.closeIfAsked()
      await pass(1e6)
      expect([connection.texts, open.transport.dials.length]).toEqual([["1"], 1])
    })

    it("lingers no longer when the peer breaks the protocol", async () => {
      const socket = fakeSocket()
      socket.core.endpoints.connect(WHERE)
      const connection = await socket.transport.lastDial.succeed()
      connection.room = 1
      socket.write("1", "2")
      leave(socket)
      connection.closed(broken())
      await pass(1e6)
      expect(socket.transport.dials.length).toBe(1)
    })

    it("with `immediate`: what is queued lives no longer than its connection", async () => {
      const socket = fakeSocket("DEALER", { immediate: true })
      socket.core.endpoints.connect(WHERE)
      const connection = await socket.transport.lastDial.succeed()
      connection.room = 1
      socket.write("1", "2")
      leave(socket)
      connection.closed()
      await pass(1e6)
      expect(socket.transport.dials.length).toBe(1)
    })
  })

  it("close() after disconnect() changes nothing for who lingers", async () => {
    const socket = fakeSocket()
    socket.core.endpoints.connect(WHERE)
    socket.write("1")
    void socket.core.endpoints.close(WHERE)
    socket.core.close()
    const connection = await socket.transport.lastDial.succeed()
    expect(connection.texts).toEqual(["1"])
    connection.closeIfAsked()
  })

  it("the pattern loses the pipe once", async () => {
    const socket = fakeSocket()
    socket.core.endpoints.connect(WHERE)
    socket.write("1")
    socket.core.close()
    const connection = await socket.transport.lastDial.succeed()
    connection.closeIfAsked()
    await settled()
    expect(socket.pattern.log).toEqual(["attach", "detach"])
  })
})
