/** A time limit is fair to peers when the event loop stood still. */
import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest"
import { now } from "../../../src/base/clock.ts"
import { TimeLimit } from "../../../src/base/time-limit.ts"
import { block } from "../../support/block.ts"
import { fakeClock, pass } from "../../support/fake-clock.ts"

vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))

/** Starts a limit, runs the task, and returns how long after the start the limit expired. */
function timeOf(milliseconds: number, task: () => void = () => {}, rounds?: number): Promise<number> {
  return new Promise(resolve => {
    const started = now()
    new TimeLimit(milliseconds, () => resolve(now() - started), rounds)
    task()
  })
}

async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const near = connect(server.address() as { port: number })
  const [far] = (await once(server, "connection")) as [Socket]
  await once(near, "connect")
  onTestFinished(() => {
    near.destroy()
    far.destroy()
    server.close()
  })
  return [near, far]
}

describe("a limit", () => {
  it("expires when the time is over", async () => {
    expect(await timeOf(20)).toBeGreaterThanOrEqual(19)
  })

  it("looks at what has come in before it expires, however late the loop is", async () => {
    const [near, far] = await socketPair()
    const expired = vi.fn()
    const limit = new TimeLimit(10, expired, 0)
    const read = once(
      near.on("data", () => limit.stop()),
      "data",
    )
    far.write("in time")
    block(60)
    await read
    await timeOf(30)
    expect(expired).not.toHaveBeenCalled()
  })

  it("gives back what the loop has lost, up to as much as the limit", async () => {
    expect(await timeOf(50, () => block(200))).toBeGreaterThanOrEqual(200 + 49)
    const soon = await timeOf(500, () => block(560))
    expect(soon).toBeGreaterThanOrEqual(560 + 59)
  })

  it("gives nothing back for nothing", async () => {
    let expired = false
    new TimeLimit(
      50,
      () => {
        expired = true
      },
      0,
    )
    block(200)
    await new Promise<void>(resolve => setTimeout(() => setImmediate(resolve)))
    await new Promise<void>(resolve => setImmediate(resolve))
    expect(expired).toBe(true)
  })

  it.each([1, 3])("gives back once for each of %d answers, and no more", async rounds => {
    let blocks = 0
    let over = false
    const again = () => {
      if (over) return
      blocks++
      block(60)
      setImmediate(again)
    }
    await timeOf(20, again, rounds)
    over = true
    // The first one makes it late, and one more each time that what was given back passes.
    expect(blocks).toBeGreaterThanOrEqual(1 + rounds)
    expect(blocks).toBeLessThanOrEqual(3 + rounds)
  })

  it("that is stopped never expires", async () => {
    const expired = vi.fn()
    new TimeLimit(1, expired).stop()
    await timeOf(20)
    expect(expired).not.toHaveBeenCalled()
  })
})

describe("a limit that no timer of the platform can wait for", () => {
  afterEach(() => void vi.useRealTimers())

  it("expires in its time all the same", async () => {
    fakeClock()
    const expired = vi.fn()
    new TimeLimit(2 ** 33, expired)
    await pass(2 ** 33 - 1)
    expect(expired).not.toHaveBeenCalled()
    await pass(1)
    expect(expired).toHaveBeenCalledOnce()
  })

  it("may be endless", async () => {
    fakeClock()
    const expired = vi.fn()
    const limit = new TimeLimit(Number.POSITIVE_INFINITY, expired)
    await pass(2 ** 40)
    expect(expired).not.toHaveBeenCalled()
    limit.stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})
