/** Fake timers are for the program's own timers: messages go on, while they are there and afterwards. */
import { syncBuiltinESMExports } from "node:module"
import timers from "node:timers"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import * as library from "../../../src/index.ts"
import { describeEverydayUse } from "../../support/everyday-use.ts"

const { setImmediate: genuine, clearImmediate: genuineClear } = timers

function fakeAll(): void {
  vi.useFakeTimers({
    toFake: ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "performance", "hrtime", "Date"],
  })
}

describe("while timers are faked", () => {
  beforeEach(fakeAll)
  afterEach(() => void vi.useRealTimers())

  it("timers of the program stand still", async () => {
    const fired = vi.fn()
    setTimeout(fired, 0)
    const pull = new library.Pull({ receiveTimeout: 20 })
    await pull.bind("tcp://127.0.0.1:*")
    await expect(pull.receive()).rejects.toMatchObject({ code: "EAGAIN" })
    pull.close()
    expect(fired).not.toHaveBeenCalled()
  })

  describeEverydayUse(async () => library)
})

describe("after timers were faked", () => {
  describeEverydayUse(async () => library)
})

describe("when the library is loaded while they are faked", () => {
  beforeEach(() => {
    fakeAll()
    vi.resetModules()
  })
  afterEach(() => void vi.useRealTimers())

  describeEverydayUse(() => import("../../../src/index.ts"))
})

/** Fakes of node:timers are seen by CommonJS modules, and by ES modules once the exports are synchronized. */
describe.each([
  ["does nothing", () => ({ ref() {}, unref() {} })],
  ["gives numbers", () => 7],
  ["gives nothing", () => undefined],
  [
    "runs its tasks in time after all",
    (task: () => void) => {
      void new Promise<void>(resolve => genuine(resolve)).then(task)
      return {}
    },
  ],
])("when the library is loaded while setImmediate of node:timers %s", (_what, fake) => {
  beforeEach(() => {
    timers.setImmediate = fake as never
    timers.clearImmediate = (() => {}) as never
    syncBuiltinESMExports()
    vi.resetModules()
  })
  afterEach(() => {
    timers.setImmediate = genuine
    timers.clearImmediate = genuineClear
    syncBuiltinESMExports()
  })

  describeEverydayUse(() => import("../../../src/index.ts"))
})
