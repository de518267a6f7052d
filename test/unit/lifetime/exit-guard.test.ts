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

function pipe(linger: number, blocky = true) {
  const self = {
    linger,
    blocky,
    undelivered: true,
    dropInputToNoticeEnd: vi.fn(),
    deliver: vi.fn(),
    abandon: vi.fn(),
    expire: vi.fn(() => {
      self.undelivered = false
    }),
    settle() {
      self.undelivered = false
      guard.deliveryChanged(self)
    },
  }
  guard.watchAtExit(self)
  return self
}

/** Twice, because others get a turn in between. */
function loopStaysEmpty(): void {
  loopEmpty()
  expect(holds.count).toBe(0)
  loopEmpty()
}

it("a linger of 0 is given up at once, and nothing waits", () => {
  const { abandon } = pipe(0)
  loopStaysEmpty()
  expect(abandon).toHaveBeenCalled()
  expect(holds.count).toBe(0)
})

it("nothing waits for pipes that are delivered, or gone", () => {
  pipe(-1).undelivered = false
  guard.forgetAtExit(pipe(-1))
  loopStaysEmpty()
  expect(holds.count).toBe(0)
})

it("a linger of -1 waits until the messages are delivered, and warns after 500 ms", async () => {
  const waiting = pipe(-1)
  const idle = pipe(-1)
  idle.undelivered = false
  loopEmpty()
  expect(waiting.deliver).not.toHaveBeenCalled()
  loopEmpty()
  expect(waiting.deliver).toHaveBeenCalledOnce()
  expect(idle.deliver).not.toHaveBeenCalled()
  for (const { dropInputToNoticeEnd } of [waiting, idle]) expect(dropInputToNoticeEnd).toHaveBeenCalledOnce()
  expect(holds.count).toBe(1)
  await pass(499)
  expect(writeWarning).not.toHaveBeenCalled()
  await pass(1)
  expect(writeWarning).toHaveBeenCalledExactlyOnceWith(
    `(node:${process.pid}) WARNING: Waiting for queued ZeroMQ messages to be delivered. Set 'context.blocky = false' to change this behaviour.\n`,
  )
  await pass(1_000_000)
  expect(waiting.expire).not.toHaveBeenCalled()
  waiting.settle()
  expect(holds.count).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})

it("the warning gives no advice when the contexts aren't blocky", async () => {
  const waiting = pipe(1000, false)
  loopStaysEmpty()
  await pass(500)
  expect(writeWarning).toHaveBeenCalledExactlyOnceWith(
    `(node:${process.pid}) WARNING: Waiting for queued ZeroMQ messages to be delivered.\n`,
  )
  waiting.settle()
})

it("the warning comes once, however often the process waits", async () => {
  for (let wait = 0; wait < 3; wait++) {
    const waiting = pipe(-1)
    loopStaysEmpty()
    await pass(500)
    waiting.settle()
  }
  expect(writeWarning).toHaveBeenCalledOnce()
})

it("a linger of 50 is over after 50 ms, without a warning", async () => {
  const { expire } = pipe(50)
  loopStaysEmpty()
  await pass(49)
  expect(expire).not.toHaveBeenCalled()
  await pass(1)
  expect(expire).toHaveBeenCalledOnce()
  expect(holds.count).toBe(0)
  await pass(1000)
  expect(writeWarning).not.toHaveBeenCalled()
})

it("each is waited for as long as its own linger says", async () => {
  const [short, long] = [pipe(50), pipe(-1)]
  loopStaysEmpty()
  await pass(50)
  expect(short.expire).toHaveBeenCalledOnce()
  expect(holds.count).toBe(1)
  long.settle()
  expect(holds.count).toBe(0)
})

it("one that is not delivered yet after a change is asked once more to deliver", () => {
  const waiting = pipe(-1)
  loopStaysEmpty()
  guard.deliveryChanged(waiting)
  expect(waiting.deliver).toHaveBeenCalledTimes(2)
  expect(holds.count).toBe(1)
  waiting.settle()
})

it("what becomes undelivered during the wait is seen when the loop is empty again", async () => {
  const first = pipe(-1)
  loopStaysEmpty()
  const second = pipe(50)
  first.settle()
  expect(holds.count).toBe(0)
  loopStaysEmpty()
  expect(second.deliver).toHaveBeenCalledOnce()
  await pass(50)
  expect(holds.count).toBe(0)
})

it("waits no longer when what it waits for isn't worth it any more, or is gone", () => {
  const changing = pipe(-1)
  loopStaysEmpty()
  changing.linger = 0
  guard.deliveryChanged(changing)
  expect(holds.count).toBe(0)
  loopEmpty()
  expect(changing.abandon).toHaveBeenCalledOnce()
  const going = pipe(-1)
  loopStaysEmpty()
  expect(holds.count).toBe(1)
  guard.forgetAtExit(going)
  expect(holds.count).toBe(0)
})
