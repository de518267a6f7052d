import { describe, expect, it } from "vitest"
import { Examinations } from "../../../src/security/examinations.ts"
import { turn } from "../../support/events.ts"

const AT_ONCE = 64

describe("a peer that leaves in the moment in which its turn comes", () => {
  it("is not examined, and keeps no place", async () => {
    const examinations = new Examinations()
    const signal = () => new AbortController().signal
    const first = deferred()
    const running = examinations.run(() => first.promise, signal())
    for (let n = 1; n < AT_ONCE; n++) void examinations.run(() => new Promise<void>(() => {}), signal())
    const leaver = new AbortController()
    let examined = 0
    const waiting = examinations.run(async () => void examined++, leaver.signal)
    await turn()
    // The examinations listened to the promise before, so that they have given the place away by now.
    void first.promise.then(() => leaver.abort(new Error("gone")))
    first.resolve()
    await running
    await expect(waiting).rejects.toThrow("gone")
    expect(examined).toBe(0)
    await examinations.run(async () => void examined++, signal())
    expect(examined).toBe(1)
  })
})

function deferred(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve = () => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}
