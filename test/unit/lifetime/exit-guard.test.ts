/** zeromqjs.md 2.7, the end of the process. test/process-life.test.ts shows it on whole processes. */
import { afterEach, beforeEach, expect, it, vi } from "vitest"

import { fakeClock, pass } from "../../support/fake-clock.ts"

vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))

const writeWarning = vi.fn()
const holds = { count: 0 }
let loopEmpty: () => void = () => {}

vi.mock("../../../src/base/runtime.ts", async original => ({
  ...(await original<object>()),
  writeWarning,
  onLoopEmpty: (task: () => void) => {
    loopEmpty = task
  },
  sharedInProcess: (_: string, make: () => object) => make(),
}))
vi.mock("../../../src/lifetime/keep-alive.ts", () => ({
  hold: () => holds.count++,
  release: () => holds.count--,
}))

let guard: typeof import("../../../src/lifetime/exit-guard.ts")

beforeEach(async () => {
  fakeClock()
  vi.resetModules()
  writeWarning.mockClear()
  holds.count = 0
  guard = await import("../../../src/lifetime/exit-guard.ts")
})
afterEach(() => void vi.useRealTimers())

function queue(linger: number, blocky = true) {
  const abandon = vi.fn(() => guard.untrackUndelivered(self))
  const self = { linger, blocky, dropInputToNoticeEnd: vi.fn(), abandon }
  guard.trackUndelivered(self)
  return self
}

it("a linger of 0 is given up at once, and nothing waits", () => {
  const { abandon } = queue(0)
  loopEmpty()
  expect(abandon).toHaveBeenCalledOnce()
  expect(holds.count).toBe(0)
})

it("a linger of -1 waits until the messages are delivered, and warns after 500 ms", async () => {
  const waiting = queue(-1)
  expect(waiting.dropInputToNoticeEnd).not.toHaveBeenCalled()
  loopEmpty()
  expect(waiting.dropInputToNoticeEnd).toHaveBeenCalledOnce()
  expect(holds.count).toBe(1)
  await pass(499)
  expect(writeWarning).not.toHaveBeenCalled()
  await pass(1)
  expect(writeWarning).toHaveBeenCalledExactlyOnceWith(
    `(node:${process.pid}) WARNING: Waiting for queued ZeroMQ messages to be delivered. Set 'context.blocky = false' to change this behaviour.\n`,
  )
  await pass(1_000_000)
  expect(waiting.abandon).not.toHaveBeenCalled()
  guard.untrackUndelivered(waiting)
  expect(holds.count).toBe(0)
})

it("the warning gives no advice when the contexts aren't blocky", async () => {
  const waiting = queue(1000, false)
  loopEmpty()
  await pass(500)
  expect(writeWarning).toHaveBeenCalledExactlyOnceWith(
    `(node:${process.pid}) WARNING: Waiting for queued ZeroMQ messages to be delivered.\n`,
  )
  guard.untrackUndelivered(waiting)
})

it("a linger of 50 is given up after 50 ms, without a warning", async () => {
  const { abandon } = queue(50)
  loopEmpty()
  await pass(49)
  expect(abandon).not.toHaveBeenCalled()
  await pass(1)
  expect(abandon).toHaveBeenCalledOnce()
  expect(holds.count).toBe(0)
  await pass(1000)
  expect(writeWarning).not.toHaveBeenCalled()
})

it("what is queued during the wait is limited by its own linger", async () => {
  const first = queue(-1)
  loopEmpty()
  const second = queue(50)
  guard.untrackUndelivered(first)
  expect(holds.count).toBe(1)
  await pass(50)
  expect(second.abandon).toHaveBeenCalledOnce()
  expect(holds.count).toBe(0)
})

it("what has no linger is not given up in the middle of the wait, and doesn't prolong it", async () => {
  const first = queue(-1)
  loopEmpty()
  const second = queue(0)
  await pass(1000)
  expect(second.abandon).not.toHaveBeenCalled()
  guard.untrackUndelivered(first)
  expect(holds.count).toBe(0)
  loopEmpty()
  expect(second.abandon).toHaveBeenCalledOnce()
})

it("waits no longer when what it waits for isn't worth it any more", () => {
  const changing = {
    linger: -1,
    blocky: true,
    dropInputToNoticeEnd: vi.fn(),
    abandon: vi.fn(() => guard.untrackUndelivered(changing)),
  }
  guard.trackUndelivered(changing)
  loopEmpty()
  expect(holds.count).toBe(1)
  changing.linger = 0
  guard.undeliveredChanged()
  expect(holds.count).toBe(0)
  loopEmpty()
  expect(changing.abandon).toHaveBeenCalledOnce()
})
