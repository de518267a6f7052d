/** Back-pressure all the way: a slow consumer is offered 1 GB, and memory stays where the high-water marks put it. */
import { describe, expect, it } from "vitest"
import { freeEndpoint } from "../support/endpoints.ts"
import { Peer } from "../support/peer.ts"

const SIZE = 64 * 1024
const COUNT = 16 * 1024 // × 64 KiB = 1 GiB
const HIGH_WATER_MARK = 100

/**
 * What either process may grow by. The queue of 100 messages is 6.4 MB at either end; the rest is for the kernel's
 * share, for received memory that the garbage collector hasn't taken back yet, and for the engine itself.
 */
const BOUND = 150 * 1024 * 1024

describe.each(["ipc", "tcp"] as const)("1 GiB over %s to a slow consumer", scheme => {
  it(`grows neither process by more than ${BOUND / 2 ** 20} MiB`, async () => {
    await using sender = await Peer.start("ours")
    await using receiver = await Peer.start("ours")
    const endpoint = await freeEndpoint(scheme)
    const pull = await receiver.call("open", "Pull", { receiveHighWaterMark: HIGH_WATER_MARK })
    await receiver.call("bind", pull, endpoint)
    const push = await sender.call("open", "Push", { sendHighWaterMark: HIGH_WATER_MARK })
    await sender.call("connect", push, endpoint)
    const before = await Promise.all([sender.call("memory"), receiver.call("memory")])

    const [waits] = await Promise.all([
      sender.call("offer", push, COUNT, SIZE),
      receiver.call("consumeSlowly", pull, COUNT),
    ])

    expect(waits, "the sender never had to wait: the test shows nothing").toBeGreaterThan(0)
    const after = await Promise.all([sender.call("memory"), receiver.call("memory")])
    after.forEach(({ peak }, i) => {
      expect(peak - (before[i]?.now ?? 0)).toBeLessThan(BOUND)
    })
  })

  it("stops the sender when nobody receives at all", async () => {
    await using sender = await Peer.start("ours")
    await using receiver = await Peer.start("ours")
    const endpoint = await freeEndpoint(scheme)
    const pull = await receiver.call("open", "Pull", { receiveHighWaterMark: HIGH_WATER_MARK })
    await receiver.call("bind", pull, endpoint)
    const push = await sender.call("open", "Push", { sendHighWaterMark: HIGH_WATER_MARK, sendTimeout: 500 })
    await sender.call("connect", push, endpoint)
    const before = await Promise.all([sender.call("memory"), receiver.call("memory")])
    // Half a second without any progress: queues and kernel are full.
    await expect(sender.call("offer", push, COUNT, SIZE)).rejects.toMatchObject({ code: "EAGAIN" })
    const after = await Promise.all([sender.call("memory"), receiver.call("memory")])
    after.forEach(({ peak }, i) => {
      expect(peak - (before[i]?.now ?? 0)).toBeLessThan(BOUND)
    })
  })
})
