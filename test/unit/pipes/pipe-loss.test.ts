/** A pipe whose connection is lost, or takes nothing any more, and the end of the process. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { fakeClock } from "../../support/fake-clock.ts"
import { message, text, unread } from "../../support/fake-connection.ts"
import { forgetAll } from "../../support/fake-exit-guard.ts"
import { drainReads, fill, setUpPipe } from "../../support/pipe-set-up.ts"

vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))
vi.mock("../../../src/lifetime/exit-guard.ts", () => import("../../support/fake-exit-guard.ts"))

beforeEach(() => fakeClock())
afterEach(() => {
  forgetAll()
  vi.useRealTimers()
})

describe("what a lost connection has left", () => {
  it("is read after what was queued, and is decoded only when it is wanted", () => {
    const { pipe, log, connect } = setUpPipe({ receiveHighWaterMark: 2 })
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
    const { pipe, log, connect } = setUpPipe()
    connect().closed(undefined, unread(["1"]))
    expect(log).toEqual(["connected", "readable", "disconnected", "lost"])
    expect(drainReads(pipe)).toEqual(["1"])
  })

  it("is nothing when it has no message", () => {
    const { pipe, log, connect } = setUpPipe()
    connect().closed(undefined, unread([]))
    expect([pipe.canRead, log]).toEqual([false, ["connected", "disconnected", "lost"]])
    expect(connect().isPaused).toBe(false)
  })

  it("keeps the next connections waiting until it is read, each in its turn", () => {
    const { pipe, connect } = setUpPipe({ receiveHighWaterMark: 2 })
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
    const { pipe, connect } = setUpPipe()
    connect().closed(undefined, unread(["1", "2"]))
    pipe.retire()
    expect(drainReads(pipe)).toEqual(["1", "2"])
  })

  it("is dropped when nobody wants what the peer says", () => {
    const { pipe, connect } = setUpPipe()
    const connection = connect()
    pipe.stopReading()
    connection.closed(undefined, unread(["1"]))
    expect(pipe.canRead).toBe(false)
    const { pipe: later, connect: connectLater } = setUpPipe()
    connectLater().closed(undefined, unread(["1", "2"]))
    later.stopReading()
    expect(drainReads(later)).toEqual([])
  })

  it("is its newest message alone with conflate", () => {
    const { pipe, connect } = setUpPipe({ conflate: true })
    const connection = connect()
    connection.deliver("1")
    connection.closed(undefined, unread(["2", "3"]))
    expect(drainReads(pipe)).toEqual(["3"])
  })

  it("is dropped beyond 64 MiB of bytes, until enough was read", () => {
    const { pipe, connect } = setUpPipe({ receiveHighWaterMark: 0 })
    const most = 16 * 1024 * 1024
    for (const name of ["1", "2", "3", "4", "too much"]) connect().closed(undefined, unread([name], most))
    expect(pipe.tryRead()).toEqual(message("1"))
    connect().closed(undefined, unread(["5"], most))
    expect(drainReads(pipe)).toEqual(["2", "3", "4", "5"])
  })
})

describe("a peer that takes nothing any more", () => {
  it("gets nothing more; what is written then waits for the next connection, where one follows", () => {
    const { pipe, log, connect } = setUpPipe({ sendHighWaterMark: 2 })
    const first = connect()
    first.writeFails()
    expect(fill(pipe)).toBe(2)
    first.closed()
    const second = connect()
    expect([first.texts, second.texts]).toEqual([[], ["1", "2"]])
    expect(log.at(-1)).toBe("writable")
  })

  it("takes nothing where no connection follows, and writable() isn't told", () => {
    const { pipe, log, connect } = setUpPipe({}, true, false)
    const connection = connect()
    connection.writeFails()
    expect([pipe.canWrite, fill(pipe)]).toEqual([false, 0])
    connection.closed()
    pipe.retire()
    expect(log).toEqual(["connected", "disconnected", "lost"])
  })

  it("is read on", () => {
    const { pipe, connect } = setUpPipe()
    const connection = connect()
    connection.writeFails()
    connection.deliver("1")
    expect(drainReads(pipe)).toEqual(["1"])
  })

  it("can be failed, or finished", () => {
    const { pipe, connect } = setUpPipe()
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
    const { pipe, connect } = setUpPipe()
    const connection = connect()
    expect(pipe.undelivered).toBe(false)
    connection.unconfirmed = 3
    expect(pipe.undelivered).toBe(true)
    connection.survivesExit = true
    expect(pipe.undelivered).toBe(false)
  })

  it("lets the connection end, once it has all that was queued, and keeps later messages for the next one", () => {
    const { pipe, log, connect } = setUpPipe()
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
      const { pipe, connect } = setUpPipe()
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
    const { pipe, connect } = setUpPipe()
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

describe("fail()", () => {
  it("closes the connection with the error, and forgets what the peer had sent", () => {
    const { pipe, log, lost, connect } = setUpPipe()
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
    const { pipe, connect, log } = setUpPipe()
    const first = connect()
    pipe.fail(new Error("no"))
    expect(fill(pipe)).toBe(3)
    expect(first.sent).toEqual([])
    first.closeIfAsked()
    expect(connect().texts).toEqual(["1", "2", "3"])
    expect(log.at(-1)).toBe("writable")
  })

  it("without a connection drops what is unread, and harms no later one", () => {
    const { pipe, connect } = setUpPipe()
    const first = connect()
    first.deliver("unread")
    first.closed()
    pipe.fail(new Error("no"))
    expect(pipe.canRead).toBe(false)
    fill(pipe, 1, 1)
    expect(connect().texts).toEqual(["1"])
  })

  it("may be called from inside readable()", () => {
    const { pipe, hooks, connect } = setUpPipe()
    hooks.readable = () => pipe.fail(new Error("no"))
    const connection = connect()
    connection.deliver("bad")
    expect(connection.isLeaving).toBe(true)
  })
})

describe("when the process ends, and waits for what is queued", () => {
  it("a full incoming queue doesn't keep the connection paused; what still comes is dropped", () => {
    const { pipe, connect } = setUpPipe({ receiveHighWaterMark: 2 })
    const connection = connect(1)
    fill(pipe)
    connection.deliver("1", "2")
    pipe.dropInputToNoticeEnd()
    expect(connection.deliver("3", "4", "5")).toBe(3)
    expect(drainReads(pipe)).toEqual(["1", "2"])
  })

  it("an incoming queue with room is filled on", () => {
    const { pipe, connect } = setUpPipe({ receiveHighWaterMark: 2 })
    const connection = connect(1)
    fill(pipe)
    pipe.dropInputToNoticeEnd()
    expect(connection.deliver("1", "2", "3")).toBe(2)
    expect(drainReads(pipe)).toEqual(["1", "2"])
  })
})
