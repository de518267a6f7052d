/** A worker that ends in the midst of a turn: what send() has resolved arrives, unless the worker is terminated. */
import { describe, expect, it, onTestFinished } from "vitest"
import { Pull } from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { NumberedCheck } from "../support/numbered.ts"
import type { WayToExit } from "../support/peer-process.ts"
import { PeerThread } from "../support/peer-thread.ts"

const WAYS: readonly WayToExit[] = ["exit", "throw", "listener"]

async function start(): Promise<PeerThread> {
  const peer = await PeerThread.start()
  onTestFinished(() => peer.kill())
  return peer
}

async function bound(endpoint: string, options: object = {}): Promise<Pull> {
  const pull = new Pull(options)
  onTestFinished(() => pull.close())
  await pull.bind(endpoint)
  return pull
}

async function receiveNumbered(pull: Pull, from: number, to: number): Promise<void> {
  const check = new NumberedCheck(from)
  while (check.next < to) check.take(await pull.receive())
}

describe.each(["inproc", "ipc", "tcp"] as const)(
  "over %s, what a worker sent before its end arrives",
  scheme => {
    it.each(WAYS)("by %s", async way => {
      const pull = await bound(await freeEndpoint(scheme))
      const peer = await start()
      const push = await peer.call("open", "Push")
      await peer.call("connect", push, pull.lastEndpoint as string)
      await peer.call("sendNumbered", push, 0, 1)
      await receiveNumbered(pull, 0, 1)
      void peer.call("sendAndExit", push, 1, 101, way).catch(() => {})
      await peer.exited
      await receiveNumbered(pull, 1, 101)
    })
  },
)

describe("between threads, what was sent before the end arrives", () => {
  it.each(WAYS)("though the receiver has not taken what came before, by %s", async way => {
    const pull = await bound(await freeEndpoint("inproc"), { receiveHighWaterMark: 10 })
    const peer = await start()
    const push = await peer.call("open", "Push")
    await peer.call("connect", push, pull.lastEndpoint as string)
    await peer.call("sendNumbered", push, 0, 1)
    await receiveNumbered(pull, 0, 1)
    await peer.call("sendNumbered", push, 1, 100)
    void peer.call("sendAndExit", push, 100, 600, way).catch(() => {})
    await peer.exited
    await receiveNumbered(pull, 1, 600)
    expect(pull.readable).toBe(false)
  })

  it("though they are the first that the worker ever sends", async () => {
    const pull = await bound(await freeEndpoint("inproc"))
    const peer = await start()
    const push = await peer.call("open", "Push")
    await peer.call("connect", push, pull.lastEndpoint as string)
    // Writable is who has a link, or room to wait for one; immediate leaves only the first.
    const standing = await peer.call("open", "Push", { immediate: true })
    await peer.call("connect", standing, pull.lastEndpoint as string)
    await peer.call("writable", standing)
    void peer.call("sendAndExit", push, 0, 100, "listener").catch(() => {})
    await peer.exited
    await receiveNumbered(pull, 0, 100)
  })
})
