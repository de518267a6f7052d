import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { FanOutPeer } from "../../../patterns/routing/distributor.ts"
import { TopicBudget } from "../../../patterns/topics/topic-budget.ts"
import { type Notice, XPubQueue } from "../../../patterns/topics/xpub-queue.ts"
import { XSubPattern } from "../../../patterns/xsub.ts"
import { FakePipe, message, text } from "../../support/fake-pipe.ts"

const pipe = () => new FakePipe(new XSubPattern())
const peer = new FanOutPeer(pipe())

const notice = (type: Notice["type"], topic: string, changes: Notice["changes"] = "topic"): Notice => ({
  type,
  topic,
  peer,
  changes,
})

/** One that tells nothing new. */
const repeated = (type: Notice["type"], topic: string): Notice => ({ type, topic, peer, changes: undefined })

function takeAll(queue: XPubQueue): string[] {
  const all: string[] = []
  for (let entry = queue.take(); entry !== undefined; entry = queue.take())
    all.push(
      entry.type === "data"
        ? text(entry.message).join("|")
        : `${entry.type === "subscribe" ? "+" : "-"}${entry.topic}`,
    )
  expect(queue.size).toBe(0)
  return all
}

describe("the queue of an XPUB", () => {
  it("counts the data, and drops that of a pipe", () => {
    const queue = new XPubQueue(new TopicBudget(Number.POSITIVE_INFINITY))
    const [a, b] = [pipe(), pipe()]
    for (const text of ["1", "2", "3"]) {
      queue.deliver(a, message(`a${text}`))
      queue.deliver(b, message(`b${text}`), 1)
    }
    expect(queue.data).toBe(5)
    queue.drop(a)
    queue.drop(a)
    expect([queue.data, queue.holds(a), queue.holds(b)]).toEqual([2, false, true])
    queue.deliver(a, message("again"))
    expect(takeAll(queue)).toEqual(["b1", "again", "b2"])
    expect(queue.data).toBe(0)
  })

  it("keeps everything, in order, while there is room", () => {
    const queue = new XPubQueue(new TopicBudget(Number.POSITIVE_INFINITY))
    for (const type of ["subscribe", "cancel", "subscribe"] as const) queue.notify(notice(type, "t"))
    queue.notify(repeated("subscribe", "t"))
    expect(takeAll(queue)).toEqual(["+t", "-t", "+t", "+t"])
    queue.notify(notice("cancel", "t"))
    expect(takeAll(queue)).toEqual(["-t"])
  })

  it("beyond the budget keeps changes only, and none that is undone", () => {
    const queue = new XPubQueue(new TopicBudget(Number.POSITIVE_INFINITY), 1)
    queue.notify(notice("subscribe", "a"))
    queue.notify(notice("subscribe", "b"))
    queue.notify(notice("subscribe", "c"))
    queue.notify(repeated("subscribe", "c"))
    queue.notify(notice("cancel", "b"))
    queue.notify(notice("cancel", "a"))
    queue.notify(repeated("cancel", "unknown"))
    expect(takeAll(queue)).toEqual(["+a", "+c", "-a"])
    queue.notify(repeated("subscribe", "x"))
    expect(takeAll(queue)).toEqual(["+x"])
  })

  it("tells changes of one peer from those of another", () => {
    const queue = new XPubQueue(new TopicBudget(Number.POSITIVE_INFINITY), 0)
    const other = new FanOutPeer(pipe())
    queue.notify(notice("subscribe", "t", "peer"))
    queue.notify({ ...notice("cancel", "t", "peer"), peer: other })
    queue.notify(notice("cancel", "t", "topic"))
    expect(queue.size).toBe(3)
    queue.notify(notice("cancel", "t", "peer"))
    expect(takeAll(queue)).toEqual(["-t", "-t"])
  })

  it("gives each pipe its turn, and keeps the messages of one in order", () => {
    const queue = new XPubQueue(new TopicBudget(Number.POSITIVE_INFINITY))
    const [a, b] = [pipe(), pipe()]
    for (const n of [1, 2, 3]) queue.deliver(a, message(`a${n}`))
    queue.deliver(b, message("b1", "part"))
    queue.notify(notice("subscribe", "t"))
    expect([queue.holds(a), queue.holds(pipe())]).toEqual([true, false])
    expect(takeAll(queue)).toEqual(["a1", "b1|part", "+t", "a2", "a3"])
    expect([queue.holds(a), queue.holds(b)]).toEqual([false, false])
  })

  it("whatever happens: who takes everything knows in the end what is true, and memory stays bounded", () => {
    const topics = ["a", "b", "c"]
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...topics) },
      { weight: 3, arbitrary: fc.constant("take" as const) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 0, max: 600 }), (steps, budget) => {
        const queue = new XPubQueue(new TopicBudget(Number.POSITIVE_INFINITY), budget)
        const [live, known] = [new Set<string>(), new Set<string>()]
        const take = () => {
          const entry = queue.take()
          if (entry === undefined || entry.type === "data") return
          // Each change makes sense to who has followed so far.
          expect(known.has(entry.topic)).toBe(entry.type === "cancel")
          if (entry.type === "subscribe") known.add(entry.topic)
          else known.delete(entry.topic)
        }
        for (const action of steps) {
          if (action === "take") take()
          else if (live.delete(action)) queue.notify(notice("cancel", action))
          else {
            live.add(action)
            queue.notify(notice("subscribe", action))
          }
          expect(queue.size).toBeLessThanOrEqual(Math.ceil(budget / 129) + topics.length)
        }
        while (queue.size > 0) take()
        expect(known).toEqual(live)
      }),
      { numRuns: 500 },
    )
  })
})
