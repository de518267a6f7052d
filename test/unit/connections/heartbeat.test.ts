import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { Heartbeat } from "../../../src/connections/heartbeat.ts"
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
  const state = { jammed: false }
  const heartbeat = new Heartbeat(
    { heartbeatInterval: interval, heartbeatTimeout: timeout, heartbeatTimeToLive: timeToLive },
    {
      ping: ms => {
        if (!state.jammed) pings.push(ms)
        return !state.jammed
      },
      expired: reason => {
        expired.push(reason)
        heartbeat.stop()
      },
    },
  )
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
  it("a PING that could not be sent sets no limit", async () => {
    const { state, expired } = start(100, 50)
    state.jammed = true
    await pass(1000)
    expect(expired).toEqual([])
    state.jammed = false
    await pass(150)
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
