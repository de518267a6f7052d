/** Messages of another thread that are consumed as soon as they come: a turn takes only so many of them. */
import { MessageChannel } from "node:worker_threads"
import { expect, it, onTestFinished } from "vitest"
import { turnWork, WORK_PER_TURN } from "../../../src/base/turn-work.ts"
import { creditMemory } from "../../../transports/threads/credit.ts"
import { ThreadEnd } from "../../../transports/threads/link.ts"
import { Packer } from "../../../transports/threads/parcel.ts"
import { turn } from "../../support/events.ts"

const PARCELS = 20
const IN_EACH = 2000

it("takes a turn's share of them, in order, and all in the end", async () => {
  const { port1, port2 } = new MessageChannel()
  const peer = { socketType: "PUSH", routingId: Buffer.alloc(0) }
  const parts = { credit: creditMemory(), number: 0, endpoint: "inproc://x", peer, window: 0 } as const
  const end = new ThreadEnd({ ...parts, port: port1 })
  onTestFinished(() => {
    end.destroy()
    port2.close()
  })
  const received: number[] = []
  end.open({
    message: ([part]) => received.push(Number(String(part))),
    control() {},
    drain() {},
    closed() {},
  })
  let n = 0
  for (let p = 0; p < PARCELS; p++) {
    const packer = new Packer()
    for (let i = 0; i < IN_EACH; i++) packer.addMessage([Buffer.from(String(n++))])
    const { parcel, transfer } = packer.pack(true)
    port2.postMessage(parcel, transfer)
  }
  let turns = 0
  let least = 0
  for (; received.length < n; turns++) {
    await turn()
    least = Math.min(least, turnWork.left)
  }
  expect(received).toEqual(Array.from({ length: n }, (_, i) => i))
  expect(turns).toBeGreaterThanOrEqual(Math.floor(n / WORK_PER_TURN))
  // Each parcel that comes has a little work of its own at most.
  expect(-least).toBeLessThanOrEqual(16 * PARCELS)
})
