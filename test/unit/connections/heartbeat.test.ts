import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { ZmqError } from "../../../src/base/errors.ts"
import { Heartbeat } from "../../../src/connections/heartbeat.ts"
import { parseCommand, parsePing } from "../../../src/zmtp/command.ts"
import { fakeClock, pass } from "../../support/fake-clock.ts"

vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))

beforeEach(() => {
  fakeClock()
})
afterEach(() => {
  vi.useRealTimers()
})

function start(interval: number, timeout: number, timeToLive = 0) {
  const pings: number[] = []
  const expired: string[] = []
  /** As the connection: what waits because the peer doesn't take it. */
  const state = { backlog: 0, pongs: 0 }
  const output = {
    get backlog() {
      return state.backlog
    },
    command(body: Uint8Array) {
      const { name, data } = parseCommand(Buffer.from(body))!
      if (name === "PONG") state.pongs++
      else if (state.backlog === 0) pings.push(parsePing(data)!.timeToLive)
    },
  }
  const destroy = (error?: Error) => {
    expired.push((error as ZmqError).reason!)
    heartbeat.stop()
  }
  const options = { heartbeatInterval: interval, heartbeatTimeout: timeout, heartbeatTimeToLive: timeToLive }
  const heartbeat = new Heartbeat(options, output, { destroy }, false)
  heartbeat.start()
  return { heartbeat, pings, expired, state }
}

describe("our PINGs", () => {
  it("go out every interval, the first one interval after the handshake", async () => {
    const { heartbeat, pings } = start(100, 0, 700)
    await pass(99)
    expect(pings).toEqual([])
    await pass(201)
    expect(pings).toEqual([700, 700, 700])
    heartbeat.stop()
    expect(vi.getTimerCount()).toBe(0)
  })
  it("interval 0 sends none", () => {
    start(0, 50)
    expect(vi.getTimerCount()).toBe(0)
  })
  it("silence for the timeout after a PING is the end", async () => {
    const { expired } = start(100, 50)
    await pass(149)
    expect(expired).toEqual([])
    await pass(1)
    expect(expired.length).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })
  it("timeout -1 is the interval; a further PING doesn't put it off", async () => {
    const { expired } = start(100, -1)
    await pass(200)
    expect(expired.length).toBe(1)
  })
  it("a timeout longer than the interval is counted from the first unanswered PING", async () => {
    const { expired } = start(100, 250)
    await pass(349)
    expect(expired.length).toBe(0)
    await pass(1)
    expect(expired.length).toBe(1)
  })
  it("timeout 0 is none", async () => {
    const { expired } = start(100, 0)
    await pass(100_000)
    expect(expired).toEqual([])
  })
  it("any bytes received are a sign of life", async () => {
    const { heartbeat, expired } = start(100, 50)
    for (let i = 0; i < 20; i++) {
      await pass(49)
      heartbeat.alive()
    }
    expect(expired).toEqual([])
  })
})

describe("while our output is blocked", () => {
  it("silence is the end, though no PING can be sent", async () => {
    const { state, pings, expired } = start(100, 50)
    state.backlog = 1000
    await pass(149)
    expect([pings, expired]).toEqual([[], []])
    await pass(1)
    expect(expired).toEqual(["no sign of life for 50 ms, and nothing taken of what waits"])
  })

  it("what the peer takes of the backlog is a sign of life", async () => {
    const { state, expired } = start(100, 50)
    state.backlog = 1000
    for (let n = 0; n < 20; n++) {
      await pass(49)
      state.backlog--
    }
    expect(expired).toEqual([])
    await pass(200)
    expect(expired.length).toBe(1)
  })

  it("a PING that was sent just before it counts from when it is blocked", async () => {
    const { state, pings, expired } = start(100, 50)
    await pass(100)
    expect(pings.length).toBe(1)
    state.backlog = 1000
    await pass(50)
    expect(expired).toEqual([])
    await pass(49)
    expect(expired).toEqual([])
    await pass(1)
    expect(expired.length).toBe(1)
  })
})

describe("the peer's ttl", () => {
  it("ends the connection when nothing follows, and nothing does when bytes follow", async () => {
    const { heartbeat, expired } = start(0, 0)
    heartbeat.pinged(300)
    await pass(299)
    heartbeat.alive()
    await pass(1000)
    expect(expired).toEqual([])
    heartbeat.pinged(300)
    await pass(300)
    expect(expired.length).toBe(1)
  })
})

describe("while we don't read", () => {
  it("silence proves nothing; the limits begin anew when we read again", async () => {
    const { heartbeat, expired, pings } = start(100, 50)
    heartbeat.pinged(120)
    heartbeat.suspend()
    await pass(10_000)
    expect(expired).toEqual([])
    expect(pings.length).toBe(100)
    heartbeat.resume()
    await pass(49)
    expect(expired).toEqual([])
    await pass(1)
    expect(expired.length).toBe(1)
  })
  it("a backlog that stands still is the end, and one that moves is not", async () => {
    const { heartbeat, state, expired } = start(100, 50)
    heartbeat.suspend()
    state.backlog = 1000
    for (let n = 0; n < 20; n++) {
      await pass(49)
      state.backlog--
    }
    expect(expired).toEqual([])
    await pass(200)
    expect(expired.length).toBe(1)
  })

  it("a limit that a backlog had begun ends with it", async () => {
    const { heartbeat, state, expired } = start(100, 50)
    heartbeat.suspend()
    state.backlog = 1000
    await pass(120)
    state.backlog = 0
    heartbeat.alive()
    await pass(10_000)
    expect(expired).toEqual([])
  })

  it("a peer that has sent a PING gets answers to those that we can't read", async () => {
    const { heartbeat, state } = start(0, 0)
    heartbeat.suspend()
    await pass(1000)
    expect(state.pongs).toBe(0)
    heartbeat.resume()
    heartbeat.pinged(0)
    await pass(1000)
    expect(state.pongs).toBe(0)
    heartbeat.suspend()
    await pass(1000)
    expect(state.pongs).toBe(10)
    heartbeat.resume()
    await pass(1000)
    expect(state.pongs).toBe(10)
    expect(vi.getTimerCount()).toBe(0)
    heartbeat.suspend()
    await pass(100)
    heartbeat.stop()
    await pass(1000)
    expect(state.pongs).toBe(11)
    expect(vi.getTimerCount()).toBe(0)
  })

  it("stopping leaves nothing that a resume could wake", async () => {
    const { heartbeat, expired } = start(100, 50)
    await pass(110)
    heartbeat.suspend()
    heartbeat.stop()
    heartbeat.resume()
    expect(vi.getTimerCount()).toBe(0)
    expect(expired).toEqual([])
  })
})
