/** Fake timers are for the program's own timers: messages go on, while they are there and afterwards. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import * as library from "../../../src/index.ts"
import { describeEverydayUse } from "../../support/everyday-use.ts"

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
