import { describe, expect, it } from "vitest"
import { SubPattern } from "../../../patterns/sub.ts"
import { LONGEST_TOPIC } from "../../../src/base/limits.ts"
import { connectedPipe, FakePipe, message, text } from "../../support/fake-pipe.ts"

const make = (...topics: string[]) => {
  const sub = new SubPattern({ invertMatching: false })
  for (const topic of topics) sub.subscribe(bytes(topic))
  return sub
}

const bytes = (topic: string) => Buffer.from(topic, "latin1")

/** What the publisher was told, such as "+topic" and "-topic". */
const told = ({ controls }: FakePipe) =>
  controls.map(
    ({ type, topic }) => `${type === "subscribe" ? "+" : "-"}${Buffer.from(topic).toString("latin1")}`,
  )

const receiveAll = (sub: SubPattern): (string | undefined)[] => {
  const topics: (string | undefined)[] = []
  for (let next = sub.tryReceive(); next; next = sub.tryReceive()) topics.push(text(next)[0])
  return topics
}

describe("SUB, subscriptions", () => {
  it("5.3: every SUBSCRIBE is sent, CANCEL only for the last", () => {
    const sub = make()
    const pipe = connectedPipe(sub)
    sub.subscribe(bytes("a"))
    sub.subscribe(bytes("a"))
    sub.unsubscribe(bytes("a"))
    expect(told(pipe)).toEqual(["+a", "+a"])
    sub.unsubscribe(bytes("a"))
    expect(told(pipe)).toEqual(["+a", "+a", "-a"])
  })

  it("5.3: unsubscribing an unknown topic is silent", () => {
    const sub = make("abc")
    const pipe = connectedPipe(sub)
    for (const topic of ["", "a", "abcd", "x"]) sub.unsubscribe(bytes(topic))
    expect(told(pipe)).toEqual(["+abc"])
  })

  it("row 20: sends each distinct topic in byte order on every connection", () => {
    const sub = make("b", "a", "\xff", "", "b", "ab", "\x00")
    const pipe = new FakePipe(sub).attach()
    expect(told(pipe)).toEqual([])
    const all = ["+", "+\x00", "+a", "+ab", "+b", "+\xff"]
    pipe.connect()
    expect(told(pipe)).toEqual(all)
    sub.unsubscribe(bytes("b"))
    sub.unsubscribe(bytes("ab"))
    pipe.lose()
    sub.unsubscribe(bytes("a"))
    pipe.controls.length = 0
    pipe.connect()
    expect(told(pipe)).toEqual(["+", "+\x00", "+b", "+\xff"])
  })

  it("takes everything from the first subscription to the empty topic to the end of the last", () => {
    const sub = make("", "", "a")
    const pipe = connectedPipe(sub)
    const hear = () => {
      for (const topic of ["a", "b", ""]) pipe.deliver(message(topic))
      return receiveAll(sub)
    }
    expect(hear()).toEqual(["a", "b", ""])
    sub.unsubscribe(bytes(""))
    expect(hear()).toEqual(["a", "b", ""])
    sub.unsubscribe(bytes(""))
    expect(hear()).toEqual(["a"])
    sub.subscribe(bytes(""))
    expect(hear()).toEqual(["a", "b", ""])
  })

  it("row 19: no high-water mark holds a subscription up", () => {
    const sub = make()
    const pipe = connectedPipe(sub).setRoom(0)
    sub.subscribe(bytes("a"))
    expect(told(pipe)).toEqual(["+a"])
  })

  it("does not rely on the caller's bytes afterwards", () => {
    const sub = make()
    const pipe = connectedPipe(sub)
    const topic = bytes("topic")
    sub.subscribe(topic)
    topic.fill(0)
    pipe.deliver(message("topic"))
    expect([told(pipe), receiveAll(sub)]).toEqual([["+topic"], ["topic"]])
  })

  it("refuses a topic that no publisher takes", () => {
    const sub = make()
    const pipe = connectedPipe(sub)
    sub.subscribe(Buffer.alloc(LONGEST_TOPIC))
    for (const size of [LONGEST_TOPIC + 1, 2 ** 29]) {
      expect(() => sub.subscribe(Buffer.alloc(size))).toThrow(expect.objectContaining({ code: "EMSGSIZE" }))
      sub.unsubscribe(Buffer.alloc(size))
    }
    expect(pipe.controls.map(({ topic }) => topic.length)).toEqual([LONGEST_TOPIC])
  })

  it("tells all publishers, and none that is gone", () => {
    const sub = make()
    const [a, b, gone] = [connectedPipe(sub), connectedPipe(sub), connectedPipe(sub).detach()]
    sub.subscribe(bytes("x"))
    expect([told(a), told(b), told(gone)]).toEqual([["+x"], ["+x"], []])
  })
})

describe("SUB, filter", () => {
  it("5.3: filters again what publishers send", () => {
    const sub = make("a", "bcd")
    const pipe = connectedPipe(sub)
    for (const topic of ["x", "a", "ab", "bc", "bcd", "", "bcde"]) pipe.deliver(message(topic, "body"))
    expect(receiveAll(sub)).toEqual(["a", "ab", "bcd", "bcde"])
  })

  it("receives nothing without a topic", () => {
    const sub = make()
    connectedPipe(sub).deliver(message("")).deliver(message("a"))
    expect(sub.canReceive()).toBe(false)
  })

  it("5.3: applies the topics of the moment, even to a message that was looked at", () => {
    for (const look of [false, true]) {
      const sub = make("a", "b")
      connectedPipe(sub).deliver(message("a")).deliver(message("b"))
      if (look) expect(sub.canReceive()).toBe(true)
      sub.unsubscribe(bytes("a"))
      expect(sub.canReceive()).toBe(true)
      expect(receiveAll(sub)).toEqual(["b"])
    }
  })

  it("a flood that does not match hides nothing", () => {
    const sub = make("good")
    const [noisy, quiet] = [connectedPipe(sub), connectedPipe(sub)]
    for (let i = 0; i < 10_000; i++) noisy.deliver(message("flood"))
    quiet.deliver(message("good"))
    expect(sub.canReceive()).toBe(true)
    expect(receiveAll(sub)).toEqual(["good"])
    expect(noisy.unread).toBe(0)
  })

  it("5.2: invertMatching receives what does not match, and may be toggled", () => {
    const options = { invertMatching: true }
    const sub = new SubPattern(options)
    sub.subscribe(bytes("a"))
    const pipe = connectedPipe(sub).deliver(message("ab")).deliver(message("b"))
    expect(receiveAll(sub)).toEqual(["b"])
    options.invertMatching = false
    pipe.deliver(message("ab")).deliver(message("b"))
    expect(receiveAll(sub)).toEqual(["ab"])
  })
})
