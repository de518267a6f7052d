/** zeromqjs.md 2.1 and 2.3, api.md point 3: concurrent callers wait in turn. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { Message } from "../../../src/contracts/message.ts"
import { Traffic } from "../../../src/traffic/traffic.ts"
import { TurnBudget } from "../../../src/traffic/turn-budget.ts"
import { fakeClock } from "../../support/fake-clock.ts"
import { message, text } from "../../support/fake-connection.ts"
import { FakePattern } from "../../support/fake-pattern.ts"
import { settled } from "../../support/fake-transport.ts"

vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))

beforeEach(() => void fakeClock())
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const alphabetically = (a: string, b: string) => a.localeCompare(b)

function setUp(budget = 100_000) {
  const pattern = new FakePattern()
  const options = { sendTimeout: -1, receiveTimeout: -1, sendHighWaterMark: 0 }
  const traffic = new Traffic(pattern, options, new TurnBudget(budget))
  const log: string[] = []
  /** Notes how an operation ends, under a name. */
  const note = (name: string, operation: Promise<Message> | Promise<void>) =>
    operation.then(
      result => void log.push(result === undefined ? name : `${name}=${text(result)}`),
      (error: { code?: string; message: string }) => void log.push(`${name}!${error.code ?? error.message}`),
    )
  const send = (name: string, signal?: AbortSignal) => void note(name, traffic.send(message(name), signal))
  const receive = (name: string, signal?: AbortSignal) => void note(name, traffic.receive(signal))
  /** The pattern's answer changes. */
  const offer = (...texts: string[]) => {
    pattern.inbox.push(...texts.map(item => message(item)))
    traffic.serveWaiting()
  }
  const room = (count: number) => {
    pattern.room = count
    traffic.serveWaiting()
  }
  const sent = () => pattern.sent.map(text)
  return { pattern, options, traffic, log, send, receive, offer, room, sent }
}

describe("fair turns", () => {
  it("concurrent senders are served in the order of their calls", async () => {
    const { send, room, sent, log } = setUp()
    for (const name of ["a", "b", "c", "d"]) send(name)
    room(3)
    await settled()
    expect(sent()).toEqual(["a", "b", "c"])
    expect(log).toEqual(["a", "b", "c"])
    room(1)
    await settled()
    expect(log).toEqual(["a", "b", "c", "d"])
  })

  it("concurrent receivers are served in the order of their calls", async () => {
    const { receive, offer, log } = setUp()
    for (const name of ["a", "b", "c"]) receive(name)
    offer("1", "2")
    offer("3")
    await settled()
    expect(log).toEqual(["a=1", "b=2", "c=3"])
  })

  it("nobody overtakes those who wait, not even when there is room", async () => {
    const { pattern, send, receive, traffic, sent, log } = setUp()
    send("early")
    receive("first")
    pattern.room = 2
    pattern.inbox.push(message("1"), message("2"))
    send("late")
    receive("second")
    traffic.serveWaiting()
    await settled()
    expect(sent()).toEqual(["early", "late"])
    expect(log).toEqual(["first=1", "second=2", "early", "late"])
  })

  it("who sends to somebody who isn't there is told, when others have room", async () => {
    const { pattern, send, sent, room, log } = setUp()
    pattern.unroutable = "nowhere"
    pattern.refusalOf = message => (String(message) === "nowhere" ? "EHOSTUNREACH" : "EAGAIN")
    send("nowhere")
    send("here")
    await settled()
    expect(log).toEqual([])
    room(2)
    await settled()
    expect(log).toEqual(["nowhere!EHOSTUNREACH", "here"])
    send("nowhere")
    await settled()
    expect([log.at(-1), sent()]).toEqual(["nowhere!EHOSTUNREACH", ["here"]])
  })

  it("so are any number of them, each of whom sends to somebody else", async () => {
    const { pattern, traffic, room } = setUp()
    Object.assign(pattern, { addressee: String })
    pattern.refusals = "EHOSTUNREACH"
    pattern.unroutable = "nowhere"
    const rejected = Array.from({ length: 150_000 }, (_, n) => {
      return traffic.send(message("nowhere", String(n))).catch(error => error.code)
    })
    room(1)
    expect(new Set(await Promise.all(rejected))).toEqual(new Set(["EHOSTUNREACH"]))
  })

  it("a sender and a receiver may wait at the same time", async () => {
    const { send, receive, offer, room, log } = setUp()
    send("s")
    receive("r")
    room(1)
    offer("1")
    await settled()
    expect(log).toEqual(["s", "r=1"])
  })

  it("one operation that makes the other one possible serves who waits for that", async () => {
    const { pattern, send, receive, log } = setUp()
    receive("reply")
    pattern.room = 1
    pattern.onSuccess = () => {
      pattern.onSuccess = undefined
      pattern.inbox.push(message("answer"))
    }
    send("request")
    await settled()
    expect(log).toContain("reply=answer")

    send("next")
    pattern.inbox.push(message("unread"))
    pattern.onSuccess = () => {
      pattern.onSuccess = undefined
      pattern.room = 1
    }
    receive("taken")
    await settled()
    expect(log.slice(2).toSorted(alphabetically)).toEqual(["next", "taken=unread"])
  })

  it("serveWaiting() may be called from inside the pattern: order is kept and nobody is forgotten", async () => {
    const { pattern, traffic, send, receive, log, sent } = setUp()
    for (const name of ["a", "b", "c"]) send(name)
    for (const name of ["x", "y"]) receive(name)
    let answered = false
    pattern.onSuccess = () => {
      if (pattern.sent.length < 3) pattern.room = 1
      if (pattern.sent.length === 1 && !answered) {
        answered = true
        pattern.inbox.push(message("in"))
      }
      traffic.serveWaiting()
    }
    pattern.room = 1
    traffic.serveWaiting()
    await settled()
    expect(sent()).toEqual(["a", "b", "c"])
    expect(log.filter(entry => /^[abc]$/.test(entry))).toEqual(["a", "b", "c"])
    expect(log.filter(entry => entry.includes("="))).toEqual(["x=in"])
    traffic.close()
  })

  it("received() serves receivers at once, and senders only after the call that it is made from", async () => {
    const { pattern, traffic, send, receive, sent, log } = setUp()
    send("s")
    receive("r")
    pattern.inbox.push(message("1"))
    pattern.room = 1
    traffic.serveReceivers()
    expect(pattern.inbox).toEqual([])
    expect(sent()).toEqual([])
    await settled()
    expect(sent()).toEqual(["s"])
    expect(log).toEqual(["r=1", "s"])
  })
})

describe("timeouts", () => {
  it("0: tries once, then rejects with the pattern's reason", async () => {
    const { pattern, options, send, receive, log } = setUp()
    Object.assign(options, { sendTimeout: 0, receiveTimeout: 0 })
    pattern.refusals = "EHOSTUNREACH"
    send("s")
    receive("r")
    pattern.room = 1
    pattern.inbox.push(message("1"))
    send("t")
    receive("u")
    await settled()
    expect(log.toSorted(alphabetically)).toEqual(["r!EHOSTUNREACH", "s!EHOSTUNREACH", "t", "u=1"])
  })

  it(">0: rejects with EAGAIN and its text when the time is over", async () => {
    const { options, traffic, receive, send, log } = setUp()
    Object.assign(options, { sendTimeout: 20, receiveTimeout: 30 })
    send("s")
    receive("r")
    await vi.advanceTimersByTimeAsync(19)
    expect(log).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(log).toEqual(["s!EAGAIN"])
    await vi.advanceTimersByTimeAsync(10)
    expect(log).toEqual(["s!EAGAIN", "r!EAGAIN"])
    const late = expect(traffic.receive()).rejects.toThrow("Operation was not possible or timed out")
    await vi.advanceTimersByTimeAsync(30)
    await late
  })

  it(">0: at the end of the time the operation is tried once more", async () => {
    const { pattern, options, send, receive, log } = setUp()
    Object.assign(options, { sendTimeout: 20, receiveTimeout: 20 })
    send("s")
    receive("r")
    pattern.room = 1
    pattern.inbox.push(message("1"))
    await vi.advanceTimersByTimeAsync(20)
    expect(log).toEqual(["s", "r=1"])
  })

  it(">0: who leaves does not hold up who comes after", async () => {
    const { pattern, options, send, room, sent, log } = setUp()
    pattern.unroutable = "nowhere"
    options.sendTimeout = 20
    send("nowhere")
    options.sendTimeout = -1
    send("here")
    room(5)
    expect(sent()).toEqual([])
    await vi.advanceTimersByTimeAsync(20)
    expect(log).toEqual(["nowhere!EAGAIN", "here"])
  })

  it.each(["send", "receive"] as const)(
    ">0: at the end of the time no %s() overtakes an earlier one",
    async operation => {
      const { pattern, options, log, ...calls } = setUp()
      calls[operation]("first")
      Object.assign(options, { sendTimeout: 20, receiveTimeout: 20 })
      calls[operation]("second")
      pattern.room = 1
      pattern.inbox.push(message("in"))
      await vi.advanceTimersByTimeAsync(20)
      expect(log.toSorted(alphabetically)).toEqual([
        operation === "send" ? "first" : "first=in",
        "second!EAGAIN",
      ])
    },
  )

  it("-1: waits for ever", async () => {
    const { receive, send, traffic, log } = setUp()
    send("s")
    receive("r")
    expect(vi.getTimerCount()).toBe(0)
    await vi.advanceTimersByTimeAsync(1e9)
    expect(log).toEqual([])
    traffic.close()
  })

  it("are read when the operation is called: a later change does not affect it", async () => {
    const { options, receive, offer, log } = setUp()
    options.receiveTimeout = 20
    receive("r")
    options.receiveTimeout = -1
    await vi.advanceTimersByTimeAsync(20)
    expect(log).toEqual(["r!EAGAIN"])
    receive("s")
    options.receiveTimeout = 5
    await vi.advanceTimersByTimeAsync(1000)
    offer("1")
    await settled()
    expect(log).toEqual(["r!EAGAIN", "s=1"])
  })

  it("are stopped when the operation succeeds", async () => {
    const { options, receive, offer } = setUp()
    options.receiveTimeout = 20
    receive("r")
    expect(vi.getTimerCount()).toBe(1)
    offer("1")
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe("close()", () => {
  it.each(["EAGAIN", "EFSM", "ENOTSUP", "EHOSTUNREACH"] as const)(
    "settles reads before writes, with the pattern's refusal %s",
    async code => {
      const { pattern, traffic, send, receive, log } = setUp()
      pattern.refusals = code
      send("s1")
      send("s2")
      receive("r1")
      receive("r2")
      traffic.close()
      await Promise.resolve().then().then()
      expect(log).toEqual([`r1!${code}`, `r2!${code}`, `s1!${code}`, `s2!${code}`])
    },
  )

  it("attempts each operation once more", async () => {
    const { pattern, traffic, send, receive, log, sent } = setUp()
    for (const name of ["s1", "s2"]) send(name)
    for (const name of ["r1", "r2"]) receive(name)
    pattern.room = 1
    pattern.inbox.push(message("last"))
    traffic.close()
    await settled()
    expect(log.toSorted(alphabetically)).toEqual(["r1=last", "r2!EAGAIN", "s1", "s2!EAGAIN"])
    expect(sent()).toEqual(["s1"])
  })
})

describe("an AbortSignal", () => {
  it("that is aborted before the call: nothing is sent or received, though it were possible", async () => {
    const { pattern, send, receive, log } = setUp()
    pattern.room = 1
    pattern.inbox.push(message("1"))
    const signal = AbortSignal.abort(new Error("no"))
    send("s", signal)
    receive("r", signal)
    await settled()
    expect(log).toEqual(["s!no", "r!no"])
    expect([pattern.sent.length, pattern.inbox.length]).toEqual([0, 1])
  })

  it("that is aborted during the wait: nothing is lost, the next in turn gets it", async () => {
    const { send, receive, offer, room, sent, log } = setUp()
    const controller = new AbortController()
    send("s1", controller.signal)
    send("s2")
    receive("r1", controller.signal)
    receive("r2")
    controller.abort(new Error("no"))
    offer("1")
    room(1)
    await settled()
    expect(log).toEqual(["s1!no", "r1!no", "r2=1", "s2"])
    expect(sent()).toEqual(["s2"])
  })

  it("rejects with the signal's own reason", async () => {
    const { traffic } = setUp()
    const controller = new AbortController()
    const received = traffic.receive(controller.signal)
    controller.abort()
    await expect(received).rejects.toBe(controller.signal.reason)
  })

  it("that takes out the first sender lets the next one be tried", async () => {
    const { pattern, send, room, sent } = setUp()
    pattern.unroutable = "nowhere"
    const controller = new AbortController()
    send("nowhere", controller.signal)
    send("here")
    room(1)
    expect(sent()).toEqual([])
    controller.abort()
    await settled()
    expect(sent()).toEqual(["here"])
  })

  it("that is aborted after the operation changes nothing, and is not listened to any more", async () => {
    const { receive, offer, log } = setUp()
    const controller = new AbortController()
    const remove = vi.spyOn(controller.signal, "removeEventListener")
    receive("r", controller.signal)
    offer("1")
    expect(remove).toHaveBeenCalledOnce()
    controller.abort()
    await settled()
    expect(log).toEqual(["r=1"])
  })

  it("stops the timer too", async () => {
    const { options, receive, log } = setUp()
    options.receiveTimeout = 10
    const controller = new AbortController()
    receive("r", controller.signal)
    controller.abort(new Error("no"))
    await settled()
    expect([log, vi.getTimerCount()]).toEqual([["r!no"], 0])
  })
})

describe("the starvation guard", () => {
  it("counts sends and receives together; beyond it they settle in a later turn", async () => {
    const { pattern, send, receive, log } = setUp(4)
    pattern.room = 10
    pattern.inbox.push(message("1"), message("2"), message("3"))
    send("a")
    receive("x")
    send("b")
    receive("y")
    send("c")
    await settled()
    expect(log).toEqual(["a", "x=1", "b"])
    await new Promise(resolve => setImmediate(resolve))
    expect(log.slice(3).toSorted(alphabetically)).toEqual(["c", "y=2"])
  })
})

describe("next()", () => {
  it("gives the messages as an iterator does", async () => {
    const { traffic, offer } = setUp()
    const waiting = traffic.next()
    offer("1", "2")
    expect(await waiting).toEqual({ value: message("1"), done: false })
    expect(await traffic.next()).toEqual({ value: message("2"), done: false })
  })
})
