/** The end of a pipe, and its controls: contracts.ts (Pipe, Connection), zmtp.md 6.2 and 6.3. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { fakeClock, pass } from "../../support/fake-clock.ts"
import { FakeConnection, message, unread } from "../../support/fake-connection.ts"
import { forgetAll, watched } from "../../support/fake-exit-guard.ts"
import { drainReads, fill, setUpPipe } from "../../support/pipe-set-up.ts"

vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))
vi.mock("../../../src/lifetime/exit-guard.ts", () => import("../../support/fake-exit-guard.ts"))

beforeEach(() => fakeClock())
afterEach(() => {
  forgetAll()
  vi.useRealTimers()
})

describe("control()", () => {
  it("refuses while the connection is congested, and tells when it isn't any more", () => {
    const { pipe, hooks } = setUpPipe()
    const connection = new FakeConnection()
    pipe.connect(connection)
    let told = 0
    hooks.writable = () => told++
    const control = { type: "subscribe", topic: Buffer.from("t") } as const
    connection.congested = true
    expect(pipe.control(control)).toBe(false)
    pipe.drained()
    expect([connection.controls.length, told]).toEqual([0, 0])
    connection.congested = false
    pipe.drained()
    pipe.drained()
    expect([pipe.control(control), connection.controls.length, told]).toEqual([true, 1, 1])
  })

  it("goes ahead of queued messages, and is dropped without a peer", () => {
    const { pipe, connect } = setUpPipe()
    pipe.control({ type: "subscribe", topic: Buffer.from("lost") })
    const connection = connect(1)
    fill(pipe, 1, 3)
    pipe.control({ type: "subscribe", topic: Buffer.from("a") })
    connection.drain()
    expect(connection.log).toEqual(["open", "1", "subscribe", "2", "3"])
  })
})

describe("close()", () => {
  it.each([
    [-1, 30_000],
    [0, 0],
    [50, 50],
    [60_000, 60_000],
  ])("with linger %d asks the endpoint to finish it within %d ms", (linger, within) => {
    const { pipe, closePipe } = setUpPipe({ linger })
    pipe.close()
    expect(closePipe.mock.calls).toEqual([[pipe, within]])
  })
})

describe("stopReading()", () => {
  it.each([
    ["dropped", []],
    ["kept", ["1", "2"]],
  ] as const)("with what is unread %s drops what still comes", (way, left) => {
    const { pipe, connect } = setUpPipe({ receiveHighWaterMark: 2 })
    const connection = connect()
    connection.deliver("1", "2")
    pipe.stopReading(way)
    expect(connection.deliver("3", "4", "5")).toBe(3)
    connection.closed(undefined, unread(["6"]))
    pipe.retire()
    expect(drainReads(pipe)).toEqual(left)
  })
})

describe("finish()", () => {
  it("called again, lets the time begin anew", async () => {
    const { pipe, connect } = setUpPipe()
    const connection = connect(1)
    fill(pipe, 1, 3)
    pipe.finish(100, () => {})
    expect(pipe.finishing).toBe(true)
    await pass(99)
    pipe.finish(100, () => {})
    await pass(99)
    expect(connection.log).not.toContain("destroy")
    await pass(1)
    expect(connection.log).toContain("destroy")
  })

  it("linger 0: gives up what is queued and destroys the connection", () => {
    const { pipe, connect } = setUpPipe()
    const connection = connect(1)
    fill(pipe)
    const expired = vi.fn()
    pipe.finish(0, expired)
    expect(connection.log).toContain("destroy")
    expect([pipe.delivered, pipe.undelivered]).toEqual([true, false])
    connection.closeIfAsked()
    expect(connection.texts).toEqual(["1"])
    expect(expired).not.toHaveBeenCalled()
  })

  it("linger 0 without a connection: it has expired at once", () => {
    const { pipe } = setUpPipe()
    fill(pipe)
    const expired = vi.fn()
    pipe.finish(0, expired)
    expect(expired).toHaveBeenCalledOnce()
    expect(pipe.undelivered).toBe(false)
  })

  it("linger n: delivers while there is time", async () => {
    const { pipe, connect } = setUpPipe()
    const connection = connect(1)
    fill(pipe, 1, 3)
    pipe.finish(100, () => {})
    expect(connection.isLeaving).toBe(false)
    await pass(99)
    connection.drain()
    expect(connection.log).toEqual(["open", "1", "2", "3", "end"])
  })

  it("linger n: when the time is over, what is left is given up and the connection destroyed", async () => {
    const { pipe, connect } = setUpPipe()
    const connection = connect(1)
    fill(pipe, 1, 3)
    pipe.finish(100, () => {})
    await pass(100)
    expect(connection.log).toEqual(["open", "1", "destroy"])
    expect(pipe.undelivered).toBe(false)
  })

  it("linger n: an end that takes longer than that is cut short", async () => {
    const { pipe, connect } = setUpPipe()
    const connection = connect()
    fill(pipe, 1, 1)
    pipe.finish(100, () => {})
    expect(connection.log).toEqual(["open", "1", "end"])
    await pass(100)
    expect(connection.log).toEqual(["open", "1", "end", "destroy"])
  })

  it("linger -1: delivers for ever, to the next connection too", async () => {
    const { pipe, connect } = setUpPipe()
    const first = connect(1)
    fill(pipe, 1, 3)
    const expired = vi.fn()
    pipe.finish(-1, expired)
    first.closed()
    await pass(1e9)
    expect(pipe.undelivered).toBe(true)
    const second = connect()
    expect(second.log).toEqual(["2", "3", "end", "open"])
    expect(expired).not.toHaveBeenCalled()
    expect([vi.getTimerCount(), pipe.undelivered]).toEqual([0, false])
  })

  it("ends the connection at once when nothing is queued", () => {
    const { pipe, connect } = setUpPipe()
    const connection = connect()
    pipe.finish(-1, () => {})
    expect(connection.log).toEqual(["open", "end"])
  })

  it("nothing is taken afterwards, what was unread can be read, and the owner hears no more of the pipe", () => {
    const { pipe, log, connect } = setUpPipe()
    const connection = connect(1)
    connection.deliver("unread")
    fill(pipe)
    pipe.finish(-1, () => {})
    const before = [...log]
    connection.deliver("late", "later")
    connection.deliverControl({ type: "subscribe", topic: Buffer.from("t") })
    expect([pipe.canWrite, pipe.tryWrite(message("x")), drainReads(pipe)]).toEqual([false, false, ["unread"]])
    connection.drain()
    connection.closeIfAsked()
    expect(log).toEqual([...before, "lost"])
  })

  it("resumes a paused connection: what the peer still sends is dropped", () => {
    const { pipe, connect } = setUpPipe({ receiveHighWaterMark: 1 })
    const connection = connect(1)
    connection.deliver("1")
    fill(pipe)
    pipe.finish(-1, () => {})
    expect(connection.isPaused).toBe(false)
    expect(connection.deliver("2", "3", "4")).toBe(3)
    expect([drainReads(pipe), connection.isPaused]).toEqual([["1"], false])
  })

  it("leaves no timer once the pipe is retired", () => {
    const { pipe, connect } = setUpPipe()
    const connection = connect(1)
    fill(pipe)
    pipe.finish(1000, () => {})
    connection.closed()
    pipe.retire()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe("retire()", () => {
  it("takes no more messages and gives up the queue; what came in stays to be read", () => {
    const { pipe, connect } = setUpPipe()
    const connection = connect(1)
    connection.deliver("1", "2")
    fill(pipe)
    connection.closed()
    pipe.retire()
    expect([pipe.canWrite, pipe.tryWrite(message("x")), pipe.delivered, watched.size]).toEqual([
      false,
      false,
      true,
      0,
    ])
    expect(drainReads(pipe)).toEqual(["1", "2"])
  })
})

describe("peer", () => {
  it("is that of the connection of the moment", () => {
    const { pipe } = setUpPipe()
    expect(pipe.peer).toBeUndefined()
    const connection = new FakeConnection({ socketType: "PULL" })
    pipe.connect(connection)
    expect(pipe.peer).toMatchObject({ socketType: "PULL" })
    connection.closed()
    expect(pipe.peer).toBeUndefined()
  })
})
