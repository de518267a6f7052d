/** Neither a tight loop nor a fast peer keeps timers from firing. */
import { describe, expect, it, onTestFinished } from "vitest"
import { Publisher, Pull, Push } from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { Peer } from "../support/peer.ts"

/** How often a timer of 0 ms fired while the task ran. */
async function ticksDuring(task: () => Promise<void>): Promise<number> {
  let ticks = 0
  const timer = setInterval(() => ticks++, 0)
  await task()
  clearInterval(timer)
  return ticks
}

describe("timers fire", () => {
  it("while a PUB without subscribers is sent to in a tight loop", async () => {
    const pub = new Publisher()
    onTestFinished(() => pub.close())
    const ticks = await ticksDuring(async () => {
      for (let n = 0; n < 100_000; n++) await pub.send("to nobody")
    })
    expect(ticks).toBeGreaterThan(3)
  })

  it("while a message that never has to wait is sent and received in a tight loop", async () => {
    const push = new Push()
    const pull = new Pull()
    onTestFinished(() => {
      push.close()
      pull.close()
    })
    await pull.bind("inproc://starvation")
    push.connect("inproc://starvation")
    const ticks = await ticksDuring(async () => {
      for (let n = 0; n < 50_000; n++) {
        await push.send("ping")
        await pull.receive()
      }
    })
    expect(ticks).toBeGreaterThan(3)
  })

  it("while messages wait and are iterated over", async () => {
    const push = new Push({ sendHighWaterMark: 0 })
    const pull = new Pull({ receiveHighWaterMark: 0 })
    onTestFinished(() => {
      push.close()
      pull.close()
    })
    await pull.bind("inproc://iteration")
    push.connect("inproc://iteration")
    for (let n = 0; n < 50_000; n++) await push.send(String(n))
    let received = 0
    const ticks = await ticksDuring(async () => {
      for await (const _ of pull) if (++received === 50_000) break
    })
    expect(ticks).toBeGreaterThan(3)
  })

  it.each(["ipc", "tcp"] as const)(
    "while a peer floods us over %s, and another peer is heard too",
    async scheme => {
      await using flood = await Peer.start("ours")
      const pull = new Pull()
      onTestFinished(() => pull.close())
      const endpoint = await freeEndpoint(scheme)
      await pull.bind(endpoint)
      const push = await flood.call("open", "Push")
      await flood.call("connect", push, endpoint)
      const flooding = flood.call("sendNumbered", push, 0, 300_000)

      let heard = 0
      let quiet: Push | undefined
      const ticks = await ticksDuring(async () => {
        for (let n = 0; n < 300_000 || heard < 100; n++) {
          const [part] = await pull.receive()
          if (part?.toString() === "quiet") heard++
          // Once the flood runs, somebody with little to say joins.
          if (n !== 1000) continue
          quiet = new Push()
          quiet.connect(endpoint)
          for (let i = 0; i < 100; i++) await quiet.send("quiet")
        }
      })
      quiet?.close()
      expect(heard).toBe(100)
      expect(ticks).toBeGreaterThan(3)
      await flooding
    },
  )
})
