/** The two queues of a pipe: contracts.ts (Pipe, Connection), zmtp.md 5.0. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { fakeClock } from "../../support/fake-clock.ts"
import { message } from "../../support/fake-connection.ts"
import { deliveryChanged, forgetAll, watched } from "../../support/fake-exit-guard.ts"
import { drainReads, fill, setUpPipe } from "../../support/pipe-set-up.ts"

vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))
vi.mock("../../../src/lifetime/exit-guard.ts", () => import("../../support/fake-exit-guard.ts"))

beforeEach(() => fakeClock())
afterEach(() => {
  forgetAll()
  vi.useRealTimers()
})

describe("a pipe whose pattern holds the peer back", () => {
  it("has the connection wait, and go on", () => {
    const { pipe, connect } = setUpPipe()
    const connection = connect()
    pipe.holdBack(true)
    pipe.holdBack(true)
    pipe.holdBack(false)
    expect(connection.log).toEqual(["open", "pause", "resume"])
  })

  it("lets it go on only when there is room too", () => {
    const { pipe, connect } = setUpPipe({ receiveHighWaterMark: 1 })
    const connection = connect()
    connection.deliver("one")
    pipe.holdBack(true)
    pipe.tryRead()
    expect(connection.log).not.toContain("resume")
    pipe.holdBack(false)
    expect(connection.log.at(-1)).toBe("resume")
  })

  it("reads on when it finishes, because the end must be noticed", () => {
    const { pipe, connect } = setUpPipe()
    const connection = connect()
    pipe.holdBack(true)
    pipe.finish(-1)
    expect(connection.log).toEqual(["open", "pause", "resume", "end"])
  })

  it("does not hold back the next connection", () => {
    const { pipe, connect } = setUpPipe()
    const first = connect()
    pipe.holdBack(true)
    first.closed()
    expect(connect().log).toEqual(["open"])
  })
})

describe("the outgoing queue", () => {
  it.each([1, 2, 10])("without a connection takes exactly sendHighWaterMark messages (%i)", hwm => {
    const { pipe } = setUpPipe({ sendHighWaterMark: hwm })
    expect(fill(pipe)).toBe(hwm)
    expect(pipe.canWrite).toBe(false)
  })

  it("has no limit when sendHighWaterMark is 0", () => {
    expect(fill(setUpPipe({ sendHighWaterMark: 0 }).pipe, 1, 5000)).toBe(5000)
  })

  it("counts whole messages, not parts", () => {
    const { pipe } = setUpPipe({ sendHighWaterMark: 2 })
    expect(pipe.tryWrite(message("a", "b", "c"))).toBe(true)
    expect(pipe.tryWrite(message("d", "e"))).toBe(true)
    expect(pipe.tryWrite(message("f"))).toBe(false)
  })

  it("feels a change of sendHighWaterMark at once; lowering it discards nothing", () => {
    const { pipe, options, connect } = setUpPipe({ sendHighWaterMark: 3 })
    fill(pipe)
    options.sendHighWaterMark = 5
    expect(fill(pipe, 4)).toBe(2)
    options.sendHighWaterMark = 1
    expect(pipe.canWrite).toBe(false)
    expect(connect().texts).toEqual(["1", "2", "3", "4", "5"])
  })

  it("goes out when the connection comes, after what the pattern sends at connected(), and before it is opened", () => {
    const { pipe, hooks, connect } = setUpPipe()
    fill(pipe, 1, 2)
    hooks.connected = () => pipe.control({ type: "subscribe", topic: Buffer.from("t") })
    expect(connect().log).toEqual(["subscribe", "1", "2", "open"])
  })

  it("is by-passed while the connection takes messages", () => {
    const { pipe, connect } = setUpPipe({ sendHighWaterMark: 1 })
    const connection = connect()
    expect(fill(pipe, 1, 50)).toBe(50)
    expect(connection.texts.length).toBe(50)
  })

  it("fills up to its mark when the connection is congested, and keeps the order across the congestion", () => {
    const { pipe, connect } = setUpPipe({ sendHighWaterMark: 3 })
    const connection = connect(2)
    expect(fill(pipe)).toBe(2 + 3)
    connection.drain(1)
    expect(connection.texts).toEqual(["1", "2", "3"])
    expect(fill(pipe, 6)).toBe(1)
    connection.drain()
    expect(fill(pipe, 7, 3)).toBe(3)
    expect(connection.texts).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9"])
  })

  it("survives a reconnect; what is queued goes to the next connection, in order", () => {
    const { pipe, connect } = setUpPipe({ sendHighWaterMark: 10 })
    const first = connect(1)
    fill(pipe, 1, 4)
    first.closed()
    expect(fill(pipe, 5, 2)).toBe(2)
    expect(connect().texts).toEqual(["2", "3", "4", "5", "6"])
    expect(first.texts).toEqual(["1"])
  })

  it("tells writable() exactly once after a refusal, when there is room", () => {
    const { pipe, log, connect } = setUpPipe({ sendHighWaterMark: 1 })
    const connection = connect(1)
    fill(pipe)
    expect(pipe.tryWrite(message("again"))).toBe(false)
    const told = () => log.filter(entry => entry === "writable").length
    connection.drain(2)
    expect(told()).toBe(1)
    // Congested once more, but nobody is refused.
    expect(fill(pipe, 10, 2)).toBe(2)
    connection.drain()
    expect(told()).toBe(1)
    connection.closed()
    fill(pipe)
    connect()
    expect(told()).toBe(2)
  })

  it("doesn't tell writable() to who was never refused", () => {
    const { pipe, log, connect } = setUpPipe({ sendHighWaterMark: 2 })
    const connection = connect(1)
    fill(pipe, 1, 3)
    connection.drain()
    expect(log).toEqual(["connected"])
  })

  it("takes messages that are written from inside writable(), in order", () => {
    const { pipe, hooks, connect } = setUpPipe({ sendHighWaterMark: 1 })
    const connection = connect(1)
    fill(pipe)
    hooks.writable = () => void fill(pipe, 3, 2)
    connection.drain()
    expect(connection.texts).toEqual(["1", "2", "3", "4"])
  })

  it("keeps the order when something is written from inside send()", () => {
    const { pipe, connect } = setUpPipe({ sendHighWaterMark: 10 })
    const connection = connect(1)
    fill(pipe, 1, 3)
    let next = 4
    connection.onSend = () => {
      if (next < 7) pipe.tryWrite(message(String(next++)))
    }
    connection.drain()
    expect(connection.texts).toEqual(["1", "2", "3", "4", "5", "6"])
    expect(pipe.delivered).toBe(true)
    expect(pipe.undelivered).toBe(false)
  })

  it("is undelivered for the end of the process while it holds something, and tells when it doesn't any more", () => {
    const { pipe, connect } = setUpPipe()
    expect(watched.has(pipe)).toBe(true)
    fill(pipe, 1, 2)
    expect(pipe.undelivered).toBe(true)
    const connection = connect(1)
    expect(pipe.undelivered).toBe(true)
    expect(deliveryChanged).not.toHaveBeenCalled()
    connection.drain()
    expect(pipe.undelivered).toBe(false)
    expect(deliveryChanged).toHaveBeenCalledExactlyOnceWith(pipe)
    fill(pipe, 1, 5)
    expect(pipe.undelivered).toBe(false)
    connection.closed()
    pipe.retire()
    expect(watched.size).toBe(0)
  })

  it("has no linger while no peer can come, or for one in this very thread", () => {
    const { pipe, connect } = setUpPipe({ linger: 70 }, false)
    expect(pipe.linger).toBe(0)
    const connection = connect()
    expect(pipe.linger).toBe(70)
    connection.inThread = true
    expect(pipe.linger).toBe(0)
    expect(setUpPipe({ linger: 70 }, true).pipe.linger).toBe(70)
  })
})

describe("the incoming queue", () => {
  it("pauses the connection at receiveHighWaterMark and resumes it when half is read", () => {
    const { pipe, connect } = setUpPipe({ receiveHighWaterMark: 4 })
    const connection = connect()
    expect(connection.deliver("1", "2", "3", "4", "5", "6")).toBe(4)
    expect(connection.isPaused).toBe(true)
    pipe.tryRead()
    expect(connection.isPaused).toBe(true)
    pipe.tryRead()
    expect(connection.isPaused).toBe(false)
    expect(connection.deliver("5", "6", "7")).toBe(2)
    expect(drainReads(pipe)).toEqual(["3", "4", "5", "6"])
    expect(connection.log.filter(entry => /pause|resume/.test(entry))).toEqual([
      "pause",
      "resume",
      "pause",
      "resume",
    ])
  })

  it("with a mark of 1 takes one message at a time", () => {
    const { pipe, connect } = setUpPipe({ receiveHighWaterMark: 1 })
    const connection = connect()
    for (const item of ["1", "2", "3"]) {
      expect(connection.deliver(item, "more")).toBe(1)
      expect(drainReads(pipe)).toEqual([item])
    }
  })

  it("has no limit when receiveHighWaterMark is 0", () => {
    const { pipe, connect } = setUpPipe({ receiveHighWaterMark: 0 })
    const connection = connect()
    expect(connection.deliver(...Array.from({ length: 5000 }, (_, n) => String(n)))).toBe(5000)
    expect(drainReads(pipe).length).toBe(5000)
  })

  it("tells readable() when it had nothing and now has, and only then", () => {
    const { pipe, log, connect } = setUpPipe()
    const connection = connect()
    connection.deliver("1", "2")
    expect(log).toEqual(["connected", "readable"])
    drainReads(pipe)
    connection.deliver("3")
    expect(log).toEqual(["connected", "readable", "readable"])
  })

  it("can be read from inside readable()", () => {
    const { pipe, hooks, connect } = setUpPipe({ receiveHighWaterMark: 1 })
    const seen: string[] = []
    hooks.readable = () => void seen.push(...drainReads(pipe))
    expect(connect().deliver("1", "2", "3")).toBe(3)
    expect(seen).toEqual(["1", "2", "3"])
  })

  it("stays readable after the connection was lost", () => {
    const { pipe, connect } = setUpPipe({ receiveHighWaterMark: 3 })
    const first = connect()
    first.deliver("1", "2")
    first.closed()
    expect(pipe.canRead).toBe(true)
    const second = connect()
    expect(second.isPaused).toBe(false)
    expect(second.deliver("3", "4")).toBe(1)
    expect(drainReads(pipe)).toEqual(["1", "2", "3"])
  })

  it("when full, lets no further connection add to it until it is read", () => {
    const { pipe, connect } = setUpPipe({ receiveHighWaterMark: 2 })
    const first = connect()
    first.deliver("1", "2")
    first.closed()
    for (let life = 0; life < 5; life++) {
      const next = connect()
      expect(next.deliver("more")).toBe(0)
      next.closed()
    }
    const last = connect()
    expect(drainReads(pipe)).toEqual(["1", "2"])
    expect(last.isPaused).toBe(false)
    expect(last.deliver("3")).toBe(1)
    expect(drainReads(pipe)).toEqual(["3"])
  })

  it("never counts control against the mark", () => {
    const { connect, log } = setUpPipe({ receiveHighWaterMark: 1 })
    const connection = connect()
    connection.deliverControl({ type: "subscribe", topic: Buffer.from("a") })
    connection.deliverControl({ type: "cancel", topic: Buffer.from("a") })
    expect(connection.isPaused).toBe(false)
    expect(log).toEqual(["connected", "subscribe", "cancel"])
  })
})

describe("conflate", () => {
  it("keeps the newest outgoing message, whole, whatever the mark", () => {
    const { pipe, connect } = setUpPipe({ conflate: true, sendHighWaterMark: 1 })
    expect(fill(pipe, 1, 20)).toBe(20)
    pipe.tryWrite(message("new", "parts"))
    expect(connect().texts).toEqual(["new|parts"])
    expect(pipe.undelivered).toBe(false)
  })

  it("keeps the newest incoming message, and never pauses", () => {
    const { pipe, connect } = setUpPipe({ conflate: true, receiveHighWaterMark: 1 })
    expect(connect().deliver("1", "2", "3")).toBe(3)
    expect(drainReads(pipe)).toEqual(["3"])
  })
})
