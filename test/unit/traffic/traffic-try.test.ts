/** trySend(), tryReceive() and batches (api.md point 2), on a pattern whose answers the test decides. */
import { describe, expect, it } from "vitest"
import type { Message } from "../../../src/contracts/message.ts"
import { Traffic } from "../../../src/traffic/traffic.ts"
import { TurnBudget } from "../../../src/traffic/turn-budget.ts"
import { message, text } from "../../support/fake-connection.ts"
import { FakePattern } from "../../support/fake-pattern.ts"
import { settled } from "../../support/fake-transport.ts"

function setUp(budget = 100_000) {
  const pattern = new FakePattern()
  const options = { sendTimeout: -1, receiveTimeout: -1, sendHighWaterMark: 0 }
  const traffic = new Traffic(pattern, options, new TurnBudget(budget))
  const queue = (...texts: string[]) => pattern.inbox.push(...texts.map(item => message(item)))
  const sent = () => pattern.sent.map(text)
  const read = () => {
    const taken = traffic.tryReceive()
    return taken && text(taken)
  }
  return { pattern, options, traffic, queue, sent, read }
}

const texts = ({ value }: IteratorResult<Message[], undefined>) => value?.map(text)

describe("trySend()", () => {
  it("true: the message is taken; false: nothing has happened", () => {
    const { pattern, traffic, sent } = setUp()
    pattern.room = 1
    expect([traffic.trySend(message("a")), traffic.trySend(message("b"))]).toEqual([true, false])
    expect(sent()).toEqual(["a"])
    pattern.room = 1
    traffic.serveWaiting()
    expect(sent()).toEqual(["a"])
  })

  it("overtakes nobody who waits, though there is room", async () => {
    const { pattern, traffic, sent } = setUp()
    const waiting = traffic.send(message("early"))
    pattern.room = 2
    expect(traffic.trySend(message("late"))).toBe(false)
    traffic.serveWaiting()
    await waiting
    expect(traffic.trySend(message("later"))).toBe(true)
    expect(sent()).toEqual(["early", "later"])
  })

  it("knows no timeout: false at once, whatever sendTimeout says", () => {
    const { options, traffic } = setUp()
    for (options.sendTimeout of [0, 10]) expect(traffic.trySend(message("x"))).toBe(false)
  })

  it.each(["EFSM", "ENOTSUP", "EHOSTUNREACH"] as const)("throws %s when waiting would not help", code => {
    const { pattern, traffic } = setUp()
    pattern.refusals = code
    expect(() => traffic.trySend(message("x"))).toThrow(expect.objectContaining({ code }))
    expect(pattern.sent).toEqual([])
  })

  it("serves who waits for what it made possible", async () => {
    const { pattern, traffic, queue } = setUp()
    const reply = traffic.receive()
    pattern.room = 1
    pattern.onSuccess = () => {
      pattern.onSuccess = undefined
      queue("reply")
    }
    expect(traffic.trySend(message("request"))).toBe(true)
    expect(text(await reply)).toBe("reply")
  })
})

describe("tryReceive()", () => {
  it("gives what is there, then undefined", () => {
    const { queue, read } = setUp()
    queue("1", "2")
    expect([read(), read(), read()]).toEqual(["1", "2", undefined])
  })

  it("overtakes nobody who waits, though there is a message", async () => {
    const { traffic, queue, read } = setUp()
    const waiting = traffic.receive()
    queue("1", "2")
    expect(read()).toBeUndefined()
    traffic.serveWaiting()
    expect(text(await waiting)).toBe("1")
    expect(read()).toBe("2")
  })

  it("gives no reason while others wait: after them it may be possible", () => {
    const { pattern, traffic, read } = setUp()
    const waiting = traffic.receive()
    pattern.refusals = "EFSM"
    expect(read()).toBeUndefined()
    traffic.close()
    return expect(waiting).rejects.toMatchObject({ code: "EFSM" })
  })

  it.each(["EFSM", "ENOTSUP"] as const)("throws %s when waiting would not help", code => {
    const { pattern, traffic } = setUp()
    pattern.refusals = code
    expect(() => traffic.tryReceive()).toThrow(expect.objectContaining({ code }))
  })

  it("serves who waits for what it made possible", async () => {
    const { pattern, traffic, queue, read, sent } = setUp()
    const waiting = traffic.send(message("next"))
    queue("unread")
    pattern.onSuccess = () => {
      pattern.onSuccess = undefined
      pattern.room = 1
    }
    expect(read()).toBe("unread")
    await waiting
    expect(sent()).toEqual(["next"])
  })
})

describe("nextBatch()", () => {
  it("gives all that is queued, up to the limit, and the rest the next time", async () => {
    const { traffic, queue } = setUp()
    queue("1", "2", "3", "4", "5")
    expect(texts(await traffic.nextBatch(3))).toEqual(["1", "2", "3"])
    expect(texts(await traffic.nextBatch(3))).toEqual(["4", "5"])
  })

  it("waits for a message, not for a batch", async () => {
    const { traffic, queue } = setUp()
    const next = traffic.nextBatch(100)
    queue("alone")
    traffic.serveWaiting()
    expect(texts(await next)).toEqual(["alone"])
  })

  it("after a wait takes what has come with the first", async () => {
    const { traffic, queue } = setUp()
    const next = traffic.nextBatch(3)
    queue("1", "2", "3", "4")
    traffic.serveReceivers()
    expect(texts(await next)).toEqual(["1", "2", "3"])
  })

  it("leaves alone what is for those who wait already", async () => {
    const { traffic, queue } = setUp()
    const single = traffic.receive()
    const batch = traffic.nextBatch(100)
    const last = traffic.receive()
    queue("1", "2", "3", "4")
    traffic.serveWaiting()
    expect([text(await single), texts(await batch), text(await last)]).toEqual(["1", ["2", "4"], "3"])
  })

  it("serves who waits for what it made possible", async () => {
    const { pattern, traffic, queue, sent } = setUp()
    const waiting = traffic.send(message("reply"))
    queue("request")
    pattern.onSuccess = () => {
      pattern.onSuccess = undefined
      pattern.room = 1
    }
    expect(texts(await traffic.nextBatch(100))).toEqual(["request"])
    await waiting
    expect(sent()).toEqual(["reply"])
  })

  it("rejects after receiveTimeout; ends when closed meanwhile, with what can still be had first", async () => {
    const { options, traffic, queue } = setUp()
    options.receiveTimeout = 0
    await expect(traffic.nextBatch(10)).rejects.toMatchObject({ code: "EAGAIN" })
    options.receiveTimeout = -1
    const first = traffic.nextBatch(10)
    const second = traffic.nextBatch(10)
    queue("last")
    traffic.close()
    expect(texts(await first)).toEqual(["last"])
    expect(await second).toEqual({ value: undefined, done: true })
  })

  it("counts each message for the starvation guard, waited for or not", async () => {
    const { traffic, queue } = setUp(4)
    const order: string[] = []
    const note = async (name: string, next: Promise<unknown>) => {
      await next
      order.push(name)
    }
    const waiting = note("waited for", traffic.nextBatch(10))
    queue("1", "2", "3")
    traffic.serveWaiting()
    await settled()
    queue("4", "5", "6")
    setImmediate(() => order.push("next turn"))
    await Promise.all([waiting, note("taken at once", traffic.nextBatch(10))])
    expect(order).toEqual(["waited for", "next turn", "taken at once"])
  })
})
