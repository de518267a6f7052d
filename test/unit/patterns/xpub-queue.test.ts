import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { FanOutPeer } from "../../../patterns/routing/distributor.ts"
import { Inbox, type Notice } from "../../../patterns/topics/xpub-queue.ts"
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

function takeAll(inbox: Inbox): string[] {
  const all: string[] = []
  for (let entry = inbox.take(); entry !== undefined; entry = inbox.take())
    all.push(
      entry.type === "data"
        ? text(entry.message).join("|")
        : `${entry.type === "subscribe" ? "+" : "-"}${entry.topic}`,
    )
  expect(inbox.size).toBe(0)
  return all
}

describe("the inbox of an XPUB", () => {
  it("counts the data, and drops that of a pipe", () => {
    const inbox = new Inbox()
    const [a, b] = [pipe(), pipe()]
    for (const text of ["1", "2", "3"]) {
      inbox.deliver(a, message(`a${text}`))
      inbox.deliver(b, message(`b${text}`), 1)
    }
    expect(inbox.data).toBe(5)
    inbox.drop(a)
    inbox.drop(a)
    expect([inbox.data, inbox.holds(a), inbox.holds(b)]).toEqual([2, false, true])
    inbox.deliver(a, message("again"))
    expect(takeAll(inbox)).toEqual(["b1", "again", "b2"])
    expect(inbox.data).toBe(0)
  })

  it("keeps everything, in order, while there is room", () => {
    const inbox = new Inbox()
    for (const type of ["subscribe", "cancel", "subscribe"] as const) inbox.notify(notice(type, "t"))
    inbox.notify(repeated("subscribe", "t"))
    expect(takeAll(inbox)).toEqual(["+t", "-t", "+t", "+t"])
    inbox.notify(notice("cancel", "t"))
    expect(takeAll(inbox)).toEqual(["-t"])
  })

  it("beyond the budget keeps changes only, and none that is undone", () => {
    const inbox = new Inbox(1)
    inbox.notify(notice("subscribe", "a"))
    inbox.notify(notice("subscribe", "b"))
    inbox.notify(notice("subscribe", "c"))
    inbox.notify(repeated("subscribe", "c"))
    inbox.notify(notice("cancel", "b"))
    inbox.notify(notice("cancel", "a"))
    inbox.notify(repeated("cancel", "unknown"))
    expect(takeAll(inbox)).toEqual(["+a", "+c", "-a"])
    inbox.notify(repeated("subscribe", "x"))
    expect(takeAll(inbox)).toEqual(["+x"])
  })

  it("tells changes of one peer from those of another", () => {
    const inbox = new Inbox(0)
    const other = new FanOutPeer(pipe())
    inbox.notify(notice("subscribe", "t", "peer"))
    inbox.notify({ ...notice("cancel", "t", "peer"), peer: other })
    inbox.notify(notice("cancel", "t", "topic"))
    expect(inbox.size).toBe(3)
    inbox.notify(notice("cancel", "t", "peer"))
    expect(takeAll(inbox)).toEqual(["-t", "-t"])
  })

  it("gives each pipe its turn, and keeps the messages of one in order", () => {
    const inbox = new Inbox()
    const [a, b] = [pipe(), pipe()]
    for (const n of [1, 2, 3]) inbox.deliver(a, message(`a${n}`))
    inbox.deliver(b, message("b1", "part"))
    inbox.notify(notice("subscribe", "t"))
    expect([inbox.holds(a), inbox.holds(pipe())]).toEqual([true, false])
    expect(takeAll(inbox)).toEqual(["a1", "b1|part", "+t", "a2", "a3"])
    expect([inbox.holds(a), inbox.holds(b)]).toEqual([false, false])
  })

  it("whatever happens: who takes everything knows in the end what is true, and memory stays bounded", () => {
    const topics = ["a", "b", "c"]
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...topics) },
      { weight: 3, arbitrary: fc.constant("take" as const) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 0, max: 600 }), (steps, budget) => {
        const inbox = new Inbox(budget)
        const [live, known] = [new Set<string>(), new Set<string>()]
        const take = () => {
          const entry = inbox.take()
          if (entry === undefined || entry.type === "data") return
          // Each change makes sense to who has followed so far.
          expect(known.has(entry.topic)).toBe(entry.type === "cancel")
          if (entry.type === "subscribe") known.add(entry.topic)
          else known.delete(entry.topic)
        }
        for (const action of steps) {
          if (action === "take") take()
          else if (live.delete(action)) inbox.notify(notice("cancel", action))
          else {
            live.add(action)
            inbox.notify(notice("subscribe", action))
          }
          expect(inbox.size).toBeLessThanOrEqual(Math.ceil(budget / 129) + topics.length)
        }
        while (inbox.size > 0) take()
        expect(known).toEqual(live)
      }),
      { numRuns: 500 },
    )
  })
})
