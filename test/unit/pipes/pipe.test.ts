/** The two queues of a peer: contracts.ts (Pipe, Connection), zmtp.md 5.0, 6.2 and 6.3. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { Pipe } from "../../../src/contracts/pattern.ts"
import { Leftovers } from "../../../src/pipes/leftovers.ts"
import { SocketPipe } from "../../../src/pipes/pipe.ts"
import type { PipeOptions, PipeOwner } from "../../../src/pipes/pipe-owner.ts"
import { fakeClock, pass } from "../../support/fake-clock.ts"
import { FakeConnection, message, text, unread } from "../../support/fake-connection.ts"

vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))

const watched = new Set<unknown>()
const deliveryChanged = vi.fn<(pipe: unknown) => void>()
vi.mock("../../../src/lifetime/exit-guard.ts", () => ({
  watchAtExit: (pipe: unknown) => watched.add(pipe),
  forgetAtExit: (pipe: unknown) => watched.delete(pipe),
  deliveryChanged: (pipe: unknown) => deliveryChanged(pipe),
}))

beforeEach(() => fakeClock())
afterEach(() => {
  watched.clear()
  deliveryChanged.mockReset()
  vi.useRealTimers()
})

function setUp(options: Partial<PipeOptions> = {}, awaited = true, redials = true) {
  const log: string[] = []
  const lost = vi.fn((_: unknown, error?: Error) => void log.push(`lost ${error?.message ?? ""}`.trim()))
  const closePipe = vi.fn()
  const hooks: Partial<Record<"readable" | "writable" | "connected", () => void>> = {}
  const tell = (what: keyof typeof hooks) => {
    log.push(what)
    hooks[what]?.()
  }
  const pipeOptions = {
    sendHighWaterMark: 3,
    receiveHighWaterMark: 4,
    conflate: false,
    linger: -1,
    ...options,
  }
  const owner: PipeOwner = {
    blocky: true,
    pipeOptions,
    leftovers: new Leftovers(pipeOptions, () => pipe.resumeUnlessFull()),
    connected: () => tell("connected"),
    disconnected: () => void log.push("disconnected"),
    control: (_, control) => void log.push(control.type),
    readable: () => tell("readable"),
    writable: () => tell("writable"),
  }
  const pipe = new SocketPipe(owner, awaited, {
    redials,
    lost: (_, connection, error) => lost(connection, error),
    closePipe,
  })
  const connect = (room?: number) => {
    const connection = new FakeConnection()
    if (room !== undefined) connection.room = room
    pipe.connect(connection)
    return connection
  }
  return {
    pipe,
    log,
    lost,
    closePipe,
    connect,
    hooks,
    options: owner.pipeOptions as { -readonly [K in keyof PipeOptions]: PipeOptions[K] },
  }
}

/** Writes numbered messages until one is refused, and returns how many were taken. */
function fill(pipe: Pipe, from = 1, most = 100): number {
  let count = 0
  while (count < most && pipe.tryWrite(message(String(from + count)))) count++
  return count
}

function drainReads(pipe: Pipe): string[] {
  const texts: string[] = []
  for (let m = pipe.tryRead(); m; m = pipe.tryRead()) texts.push(text(m))
  return texts
}

describe("a pipe whose pattern holds the peer back", () => {
  it("has the connection wait, and go on", () => {
    const { pipe, connect } = setUp()
    const connection = connect()
    pipe.holdBack(true)
    pipe.holdBack(true)
    pipe.holdBack(false)
    expect(connection.log).toEqual(["open", "pause", "resume"])
  })

  it("lets it go on only when there is room too", () => {
    const { pipe, connect } = setUp({ receiveHighWaterMark: 1 })
    const connection = connect()
    connection.deliver("one")
    pipe.holdBack(true)
    pipe.tryRead()
    expect(connection.log).not.toContain("resume")
    pipe.holdBack(false)
    expect(connection.log.at(-1)).toBe("resume")
  })

  it("reads on when it finishes, because the end must be noticed", () => {
    const { pipe, connect } = setUp()
    const connection = connect()
    pipe.holdBack(true)
    pipe.finish(-1)
    expect(connection.log).toEqual(["open", "pause", "resume", "end"])
  })

  it("does not hold back the next connection", () => {
    const { pipe, connect } = setUp()
    const first = connect()
    pipe.holdBack(true)
    first.closed()
    expect(connect().log).toEqual(["open"])
  })
})

describe("the outgoing queue", () => {
  it.each([1, 2, 10])("without a connection takes exactly sendHighWaterMark messages (%i)", hwm => {
    const { pipe } = setUp({ sendHighWaterMark: hwm })
    expect(fill(pipe)).toBe(hwm)
    expect(pipe.canWrite).toBe(false)
  })

  it("has no limit when sendHighWaterMark is 0", () => {
    expect(fill(setUp({ sendHighWaterMark: 0 }).pipe, 1, 5000)).toBe(5000)
  })

  it("counts whole messages, not parts", () => {
    const { pipe } = setUp({ sendHighWaterMark: 2 })
    expect(pipe.tryWrite(message("a", "b", "c"))).toBe(true)
    expect(pipe.tryWrite(message("d", "e"))).toBe(true)
    expect(pipe.tryWrite(message("f"))).toBe(false)
  })

  it("feels a change of sendHighWaterMark at once; lowering it discards nothing", () => {
    const { pipe, options, connect } = setUp({ sendHighWaterMark: 3 })
    fill(pipe)
    options.sendHighWaterMark = 5
    expect(fill(pipe, 4)).toBe(2)
    options.sendHighWaterMark = 1
    expect(pipe.canWrite).toBe(false)
    expect(connect().texts).toEqual(["1", "2", "3", "4", "5"])
  })

  it("goes out when the connection comes, after what the pattern sends at connected(), and before it is opened", () => {
    const { pipe, hooks, connect } = setUp()
    fill(pipe, 1, 2)
    hooks.connected = () => pipe.control({ type: "subscribe", topic: Buffer.from("t") })
    expect(connect().log).toEqual(["subscribe", "1", "2", "open"])
  })

  it("is by-passed while the connection takes messages", () => {
    const { pipe, connect } = setUp({ sendHighWaterMark: 1 })
    const connection = connect()
    expect(fill(pipe, 1, 50)).toBe(50)
    expect(connection.texts.length).toBe(50)
  })

  it("fills up to its mark when the connection is congested, and keeps the order across the congestion", () => {
    const { pipe, connect } = setUp({ sendHighWaterMark: 3 })
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
    const { pipe, connect } = setUp({ sendHighWaterMark: 10 })
    const first = connect(1)
    fill(pipe, 1, 4)
    first.closed()
    expect(fill(pipe, 5, 2)).toBe(2)
    expect(connect().texts).toEqual(["2", "3", "4", "5", "6"])
    expect(first.texts).toEqual(["1"])
  })

  it("tells writable() exactly once after a refusal, when there is room", () => {
    const { pipe, log, connect } = setUp({ sendHighWaterMark: 1 })
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
    const { pipe, log, connect } = setUp({ sendHighWaterMark: 2 })
    const connection = connect(1)
    fill(pipe, 1, 3)
    connection.drain()
    expect(log).toEqual(["connected"])
  })

  it("takes messages that are written from inside writable(), in order", () => {
    const { pipe, hooks, connect } = setUp({ sendHighWaterMark: 1 })
    const connection = connect(1)
    fill(pipe)
    hooks.writable = () => void fill(pipe, 3, 2)
    connection.drain()
    expect(connection.texts).toEqual(["1", "2", "3", "4"])
  })

  it("keeps the order when something is written from inside send()", () => {
    const { pipe, connect } = setUp({ sendHighWaterMark: 10 })
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
    const { pipe, connect } = setUp()
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
    const { pipe, connect } = setUp({ linger: 70 }, false)
    expect(pipe.linger).toBe(0)
    const connection = connect()
    expect(pipe.linger).toBe(70)
    connection.inThread = true
    expect(pipe.linger).toBe(0)
    expect(setUp({ linger: 70 }, true).pipe.linger).toBe(70)
  })
})

describe("the incoming queue", () => {
  it("pauses the connection at receiveHighWaterMark and resumes it when half is read", () => {
    const { pipe, connect } = setUp({ receiveHighWaterMark: 4 })
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
    const { pipe, connect } = setUp({ receiveHighWaterMark: 1 })
    const connection = connect()
    for (const item of ["1", "2", "3"]) {
      expect(connection.deliver(item, "more")).toBe(1)
      expect(drainReads(pipe)).toEqual([item])
    }
  })

  it("has no limit when receiveHighWaterMark is 0", () => {
    const { pipe, connect } = setUp({ receiveHighWaterMark: 0 })
    const connection = connect()
    expect(connection.deliver(...Array.from({ length: 5000 }, (_, n) => String(n)))).toBe(5000)
    expect(drainReads(pipe).length).toBe(5000)
  })

  it("tells readable() when it had nothing and now has, and only then", () => {
    const { pipe, log, connect } = setUp()
    const connection = connect()
    connection.deliver("1", "2")
    expect(log).toEqual(["connected", "readable"])
    drainReads(pipe)
    connection.deliver("3")
    expect(log).toEqual(["connected", "readable", "readable"])
  })

  it("can be read from inside readable()", () => {
    const { pipe, hooks, connect } = setUp({ receiveHighWaterMark: 1 })
    const seen: string[] = []
    hooks.readable = () => void seen.push(...drainReads(pipe))
    expect(connect().deliver("1", "2", "3")).toBe(3)
    expect(seen).toEqual(["1", "2", "3"])
  })

  it("stays readable after the connection was lost", () => {
    const { pipe, connect } = setUp({ receiveHighWaterMark: 3 })
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
    const { pipe, connect } = setUp({ receiveHighWaterMark: 2 })
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
    const { connect, log } = setUp({ receiveHighWaterMark: 1 })
    const connection = connect()
    connection.deliverControl({ type: "subscribe", topic: Buffer.from("a") })
    connection.deliverControl({ type: "cancel", topic: Buffer.from("a") })
    expect(connection.isPaused).toBe(false)
    expect(log).toEqual(["connected", "subscribe", "cancel"])
  })
})

describe("what a lost connection has left", () => {
  it("is read after what was queued, and is decoded only when it is wanted", () => {
    const { pipe, log, connect } = setUp({ receiveHighWaterMark: 2 })
    const connection = connect()
    connection.deliver("1", "2")
    const rest = unread(["3", "4", "5"])
    connection.closed(undefined, rest)
    expect(rest.left).toEqual(["3", "4", "5"])
    expect([pipe.tryRead(), pipe.tryRead()].map(m => text(m!))).toEqual(["1", "2"])
    expect(rest.left).toEqual(["4", "5"])
    expect(drainReads(pipe)).toEqual(["3", "4", "5"])
    expect([pipe.canRead, log]).toEqual([false, ["connected", "readable", "disconnected", "lost"]])
  })

  it("is told as readable, before the loss, when nothing was queued", () => {
    const { pipe, log, connect } = setUp()
    connect().closed(undefined, unread(["1"]))
    expect(log).toEqual(["connected", "readable", "disconnected", "lost"])
    expect(drainReads(pipe)).toEqual(["1"])
  })

  it("is nothing when it has no message", () => {
    const { pipe, log, connect } = setUp()
    connect().closed(undefined, unread([]))
    expect([pipe.canRead, log]).toEqual([false, ["connected", "disconnected", "lost"]])
    expect(connect().isPaused).toBe(false)
  })

  it("keeps the next connections waiting until it is read, each in its turn", () => {
    const { pipe, connect } = setUp({ receiveHighWaterMark: 2 })
    connect().closed(undefined, unread(["1", "2"]))
    connect().closed(undefined, unread(["3"]))
    const third = connect()
    expect(third.isPaused).toBe(true)
    expect(pipe.tryRead()).toEqual(message("1"))
    expect(pipe.tryRead()).toEqual(message("2"))
    expect(third.isPaused).toBe(true)
    expect(pipe.tryRead()).toEqual(message("3"))
    expect(third.isPaused).toBe(false)
    third.deliver("4")
    expect(drainReads(pipe)).toEqual(["4"])
  })

  it("stays to be read when the pipe is retired", () => {
    const { pipe, connect } = setUp()
    connect().closed(undefined, unread(["1", "2"]))
    pipe.retire()
    expect(drainReads(pipe)).toEqual(["1", "2"])
  })

  it("is dropped when nobody wants what the peer says", () => {
    const { pipe, connect } = setUp()
    const connection = connect()
    pipe.stopReading()
    connection.closed(undefined, unread(["1"]))
    expect(pipe.canRead).toBe(false)
    const { pipe: later, connect: connectLater } = setUp()
    connectLater().closed(undefined, unread(["1", "2"]))
    later.stopReading()
    expect(drainReads(later)).toEqual([])
  })

  it("is its newest message alone with conflate", () => {
    const { pipe, connect } = setUp({ conflate: true })
    const connection = connect()
    connection.deliver("1")
    connection.closed(undefined, unread(["2", "3"]))
    expect(drainReads(pipe)).toEqual(["3"])
  })

  it("is dropped beyond 64 MiB of bytes, until enough was read", () => {
    const { pipe, connect } = setUp({ receiveHighWaterMark: 0 })
    const most = 16 * 1024 * 1024
    for (const name of ["1", "2", "3", "4", "too much"]) connect().closed(undefined, unread([name], most))
    expect(pipe.tryRead()).toEqual(message("1"))
    connect().closed(undefined, unread(["5"], most))
    expect(drainReads(pipe)).toEqual(["2", "3", "4", "5"])
  })
})

describe("a peer that takes nothing any more", () => {
  it("gets nothing more; what is written then waits for the next connection, where one follows", () => {
    const { pipe, log, connect } = setUp({ sendHighWaterMark: 2 })
    const first = connect()
    first.writeFails()
    expect(fill(pipe)).toBe(2)
    first.closed()
    const second = connect()
    expect([first.texts, second.texts]).toEqual([[], ["1", "2"]])
    expect(log.at(-1)).toBe("writable")
  })

  it("takes nothing where no connection follows, and writable() isn't told", () => {
    const { pipe, log, connect } = setUp({}, true, false)
    const connection = connect()
    connection.writeFails()
    expect([pipe.canWrite, fill(pipe)]).toEqual([false, 0])
    connection.closed()
    pipe.retire()
    expect(log).toEqual(["connected", "disconnected", "lost"])
  })

  it("is read on", () => {
    const { pipe, connect } = setUp()
    const connection = connect()
    connection.writeFails()
    connection.deliver("1")
    expect(drainReads(pipe)).toEqual(["1"])
  })

  it("can be failed, or finished", () => {
    const { pipe, connect } = setUp()
    const connection = connect()
    connection.writeFails()
    pipe.fail(new Error("broken"))
    expect(connection.destroyedWith?.message).toBe("broken")
    connection.closeIfAsked()
    const next = connect()
    next.writeFails()
    pipe.finish(-1)
    next.closed()
    pipe.retire()
  })
})

describe("the end of the process", () => {
  it("waits for what a connection isn't known to have delivered, unless that arrives anyway", () => {
    const { pipe, connect } = setUp()
    const connection = connect()
    expect(pipe.undelivered).toBe(false)
    connection.unconfirmed = 3
    expect(pipe.undelivered).toBe(true)
    connection.survivesExit = true
    expect(pipe.undelivered).toBe(false)
  })

  it("lets the connection end, once it has all that was queued, and keeps later messages for the next one", () => {
    const { pipe, log, connect } = setUp()
    const connection = connect(1)
    fill(pipe, 1, 2)
    pipe.deliver()
    expect(connection.isLeaving).toBe(false)
    connection.drain()
    pipe.deliver()
    expect(connection.log).toEqual(["open", "1", "2", "end"])
    pipe.deliver()
    expect(pipe.tryWrite(message("later"))).toBe(true)
    connection.closed()
    expect(log.slice(-2)).toEqual(["disconnected", "lost"])
    expect(connect().texts).toEqual(["later"])
  })

  it("waits no longer when the time for it is over", () => {
    for (const room of [1, 10]) {
      const { pipe, connect } = setUp()
      const connection = connect(room)
      connection.unconfirmed = 1
      fill(pipe, 1, 2)
      pipe.deliver()
      pipe.expire()
      expect([pipe.undelivered, connection.isLeaving]).toEqual([false, true])
      pipe.expire()
      connection.closed()
      connect()
      expect(pipe.undelivered).toBe(false)
    }
  })

  it("lets a socket be closed meanwhile", () => {
    const { pipe, connect } = setUp()
    const connection = connect()
    connection.unconfirmed = 1
    pipe.deliver()
    pipe.finish(-1)
    expect(pipe.undelivered).toBe(true)
    connection.unconfirmed = 0
    connection.closed()
    expect([pipe.undelivered, pipe.left]).toEqual([false, 0])
  })
})

describe("conflate", () => {
  it("keeps the newest outgoing message, whole, whatever the mark", () => {
    const { pipe, connect } = setUp({ conflate: true, sendHighWaterMark: 1 })
    expect(fill(pipe, 1, 20)).toBe(20)
    pipe.tryWrite(message("new", "parts"))
    expect(connect().texts).toEqual(["new|parts"])
    expect(pipe.undelivered).toBe(false)
  })

  it("keeps the newest incoming message, and never pauses", () => {
    const { pipe, connect } = setUp({ conflate: true, receiveHighWaterMark: 1 })
    expect(connect().deliver("1", "2", "3")).toBe(3)
    expect(drainReads(pipe)).toEqual(["3"])
  })
})

describe("control()", () => {
  it("refuses while the connection is congested, and tells when it isn't any more", () => {
    const { pipe, hooks } = setUp()
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
    const { pipe, connect } = setUp()
    pipe.control({ type: "subscribe", topic: Buffer.from("lost") })
    const connection = connect(1)
    fill(pipe, 1, 3)
    pipe.control({ type: "subscribe", topic: Buffer.from("a") })
    connection.drain()
    expect(connection.log).toEqual(["open", "1", "subscribe", "2", "3"])
  })
})

describe("fail()", () => {
  it("closes the connection with the error, and forgets what the peer had sent", () => {
    const { pipe, log, lost, connect } = setUp()
    const connection = connect()
    connection.deliver("bad", "worse")
    const error = new Error("broken protocol")
    pipe.fail(error)
    expect(pipe.canRead).toBe(false)
    expect(connection.destroyedWith).toBe(error)
    connection.closeIfAsked()
    expect(lost).toHaveBeenCalledExactlyOnceWith(connection, error)
    expect(log).toEqual(["connected", "readable", "disconnected", "lost broken protocol"])
  })

  it("keeps what is written from then on for the next connection", () => {
    const { pipe, connect, log } = setUp()
    const first = connect()
    pipe.fail(new Error("no"))
    expect(fill(pipe)).toBe(3)
    expect(first.sent).toEqual([])
    first.closeIfAsked()
    expect(connect().texts).toEqual(["1", "2", "3"])
    expect(log.at(-1)).toBe("writable")
  })

  it("without a connection drops what is unread, and harms no later one", () => {
    const { pipe, connect } = setUp()
    const first = connect()
    first.deliver("unread")
    first.closed()
    pipe.fail(new Error("no"))
    expect(pipe.canRead).toBe(false)
    fill(pipe, 1, 1)
    expect(connect().texts).toEqual(["1"])
  })

  it("may be called from inside readable()", () => {
    const { pipe, hooks, connect } = setUp()
    hooks.readable = () => pipe.fail(new Error("no"))
    const connection = connect()
    connection.deliver("bad")
    expect(connection.isLeaving).toBe(true)
  })
})

describe("close()", () => {
  it.each([
    [-1, 30_000],
    [0, 0],
    [50, 50],
    [60_000, 60_000],
  ])("with linger %d asks the endpoint to finish it within %d ms", (linger, within) => {
    const { pipe, closePipe } = setUp({ linger })
    pipe.close()
    expect(closePipe.mock.calls).toEqual([[pipe, within]])
  })
})

describe("stopReading()", () => {
  it.each([
    ["dropped", []],
    ["kept", ["1", "2"]],
  ] as const)("with what is unread %s drops what still comes", (way, left) => {
    const { pipe, connect } = setUp({ receiveHighWaterMark: 2 })
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
    const { pipe, connect } = setUp()
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
    const { pipe, connect } = setUp()
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
    const { pipe } = setUp()
    fill(pipe)
    const expired = vi.fn()
    pipe.finish(0, expired)
    expect(expired).toHaveBeenCalledOnce()
    expect(pipe.undelivered).toBe(false)
  })

  it("linger n: delivers while there is time", async () => {
    const { pipe, connect } = setUp()
    const connection = connect(1)
    fill(pipe, 1, 3)
    pipe.finish(100, () => {})
    expect(connection.isLeaving).toBe(false)
    await pass(99)
    connection.drain()
    expect(connection.log).toEqual(["open", "1", "2", "3", "end"])
  })

  it("linger n: when the time is over, what is left is given up and the connection destroyed", async () => {
    const { pipe, connect } = setUp()
    const connection = connect(1)
    fill(pipe, 1, 3)
    pipe.finish(100, () => {})
    await pass(100)
    expect(connection.log).toEqual(["open", "1", "destroy"])
    expect(pipe.undelivered).toBe(false)
  })

  it("linger n: an end that takes longer than that is cut short", async () => {
    const { pipe, connect } = setUp()
    const connection = connect()
    fill(pipe, 1, 1)
    pipe.finish(100, () => {})
    expect(connection.log).toEqual(["open", "1", "end"])
    await pass(100)
    expect(connection.log).toEqual(["open", "1", "end", "destroy"])
  })

  it("linger -1: delivers for ever, to the next connection too", async () => {
    const { pipe, connect } = setUp()
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
    const { pipe, connect } = setUp()
    const connection = connect()
    pipe.finish(-1, () => {})
    expect(connection.log).toEqual(["open", "end"])
  })

  it("nothing is taken afterwards, what was unread can be read, and the owner hears no more of the pipe", () => {
    const { pipe, log, connect } = setUp()
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
    const { pipe, connect } = setUp({ receiveHighWaterMark: 1 })
    const connection = connect(1)
    connection.deliver("1")
    fill(pipe)
    pipe.finish(-1, () => {})
    expect(connection.isPaused).toBe(false)
    expect(connection.deliver("2", "3", "4")).toBe(3)
    expect([drainReads(pipe), connection.isPaused]).toEqual([["1"], false])
  })

  it("leaves no timer once the pipe is retired", () => {
    const { pipe, connect } = setUp()
    const connection = connect(1)
    fill(pipe)
    pipe.finish(1000, () => {})
    connection.closed()
    pipe.retire()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe("when the process ends, and waits for what is queued", () => {
  it("a full incoming queue doesn't keep the connection paused; what still comes is dropped", () => {
    const { pipe, connect } = setUp({ receiveHighWaterMark: 2 })
    const connection = connect(1)
    fill(pipe)
    connection.deliver("1", "2")
    pipe.dropInputToNoticeEnd()
    expect(connection.deliver("3", "4", "5")).toBe(3)
    expect(drainReads(pipe)).toEqual(["1", "2"])
  })

  it("an incoming queue with room is filled on", () => {
    const { pipe, connect } = setUp({ receiveHighWaterMark: 2 })
    const connection = connect(1)
    fill(pipe)
    pipe.dropInputToNoticeEnd()
    expect(connection.deliver("1", "2", "3")).toBe(2)
    expect(drainReads(pipe)).toEqual(["1", "2"])
  })
})

describe("retire()", () => {
  it("takes no more messages and gives up the queue; what came in stays to be read", () => {
    const { pipe, connect } = setUp()
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
    const { pipe } = setUp()
    expect(pipe.peer).toBeUndefined()
    const connection = new FakeConnection({ socketType: "PULL" })
    pipe.connect(connection)
    expect(pipe.peer).toMatchObject({ socketType: "PULL" })
    connection.closed()
    expect(pipe.peer).toBeUndefined()
  })
})
