/** Code that is loaded only when there is a byte stream. */
import { describe, expect, it } from "vitest"
import { loadedFor, loadRaw, loadZmtp } from "../../../src/endpoints/load.ts"
import { turn } from "../../support/events.ts"
import { memoryPair } from "../../support/memory-stream.ts"

function watched() {
  const [stream, far] = memoryPair()
  const seen = { closed: false }
  far.open({
    data() {},
    drain() {},
    closed() {
      seen.closed = true
    },
  })
  return { stream, seen }
}

describe("the code for a stream", () => {
  it("is loaded once", async () => {
    expect(loadZmtp()).toBe(loadZmtp())
    expect((await loadZmtp()).shakeHands).toBeTypeOf("function")
    expect((await loadRaw()).RawConnection).toBeTypeOf("function")
  })

  it("leaves the stream to the connection", async () => {
    const { stream, seen } = watched()
    expect(await loadedFor(stream, Promise.resolve(1))).toBe(1)
    await turn()
    expect(seen.closed).toBe(false)
    stream.destroy()
  })

  it("destroys the stream when it can't be loaded", async () => {
    const { stream, seen } = watched()
    const failure = new Error("the file is gone")
    await expect(loadedFor(stream, Promise.reject(failure))).rejects.toBe(failure)
    await turn()
    await turn()
    expect(seen.closed).toBe(true)
  })
})
