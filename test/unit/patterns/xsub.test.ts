import { describe, expect, it } from "vitest"
import { XSubPattern } from "../../../patterns/xsub.ts"
import { LONGEST_TOPIC } from "../../../src/base/limits.ts"
import { connectedPipe, FakePipe, message, text } from "../../support/fake-pipe.ts"

/** What the publisher was told, such as "+topic" and "-topic". */
const told = ({ controls }: FakePipe) =>
  controls.map(
    ({ type, topic }) => `${type === "subscribe" ? "+" : "-"}${Buffer.from(topic).toString("latin1")}`,
  )

const sent = (pipe: FakePipe) => pipe.written.map(wire => text(wire))

function send(xsub: XSubPattern, ...messages: string[][]): void {
  for (const parts of messages) {
    expect(xsub.canSend()).toBe(true)
    expect(xsub.trySend(message(...parts))).toBe(true)
  }
}

describe("XSUB", () => {
  it("5.3: every subscription is passed on, its end only when it was ended as often", () => {
    const xsub = new XSubPattern()
    const pipe = connectedPipe(xsub)
    send(xsub, ["\x01t"], ["\x01t"], ["\x00t"])
    expect(told(pipe)).toEqual(["+t", "+t"])
    send(xsub, ["\x00t"], ["\x00t"], ["\x00unknown"], ["\x01"])
    expect(told(pipe)).toEqual(["+t", "+t", "-t", "+"])
    expect(pipe.written).toEqual([])
  })

  it("row 20: tells each connection what it wants by then, in byte order", () => {
    const xsub = new XSubPattern()
    const pipe = new FakePipe(xsub).attach()
    send(xsub, ["\x01b"], ["\x01a"], ["\x01b"], ["\x01\xff\x00"], ["\x01gone"], ["\x00gone"])
    expect(told(pipe)).toEqual([])
    pipe.connect()
    expect(told(pipe)).toEqual(["+a", "+b", "+\xff\x00"])
    pipe.lose()
    send(xsub, ["\x00a"])
    pipe.controls.length = 0
    pipe.connect()
    expect(told(pipe)).toEqual(["+b", "+\xff\x00"])
  })

  it("row 19: no high-water mark holds a subscription up", () => {
    const xsub = new XSubPattern()
    const pipe = connectedPipe(xsub).setRoom(0)
    send(xsub, ["\x01a"], ["lost"])
    expect([told(pipe), sent(pipe)]).toEqual([["+a"], []])
  })

  it("tells a publisher that takes no controls the difference once it does, whatever came between", () => {
    const xsub = new XSubPattern()
    const [slow, other] = [connectedPipe(xsub), connectedPipe(xsub)]
    send(xsub, ["\x01kept"], ["\x01dropped"], ["\x01again"])
    slow.controls.length = other.controls.length = 0
    slow.congested = true
    const changes = [
      "\x01new",
      "\x00dropped",
      "\x01passing",
      "\x00passing",
      "\x00again",
      "\x01again",
      "\x01kept",
    ]
    send(xsub, ...changes.map(change => [change]))
    expect(told(slow)).toEqual([])
    expect(told(other)).toEqual(["+new", "-dropped", "+passing", "-passing", "-again", "+again", "+kept"])
    slow.congested = false
    slow.setRoom(1)
    expect(told(slow)).toEqual(["+new", "-dropped"])
    send(xsub, ["\x00kept"], ["\x00kept"])
    expect(told(slow)).toEqual(["+new", "-dropped", "-kept"])
  })

  it("forgets that difference with the connection, because the next one is told everything", () => {
    const xsub = new XSubPattern()
    const pipe = connectedPipe(xsub)
    send(xsub, ["\x01a"])
    pipe.congested = true
    send(xsub, ["\x00a"], ["\x01b"])
    pipe.congested = false
    pipe.lose().connect()
    pipe.setRoom(1)
    expect(told(pipe)).toEqual(["+a", "+b"])
  })

  it("row 24: anything else goes to all publishers, those to come included; a full one misses it", () => {
    const xsub = new XSubPattern()
    const [a, full, coming] = [connectedPipe(xsub), connectedPipe(xsub), new FakePipe(xsub).attach()]
    const gone = connectedPipe(xsub).detach()
    full.setRoom(1)
    send(xsub, ["hello"], ["", "\x01", "\x00x"])
    const all = [["hello"], ["", "\x01", "\x00x"]]
    expect([sent(a), sent(full), sent(coming), sent(gone)]).toEqual([all, [["hello"]], all, []])
    expect(told(a)).toEqual([])
  })

  it("5.2: looks at each part of a message that begins with a subscription", () => {
    const xsub = new XSubPattern()
    const pipe = connectedPipe(xsub)
    send(xsub, ["\x01a", "data", "\x00a", "\x01b", ""])
    expect([told(pipe), sent(pipe)]).toEqual([["+a", "-a", "+b"], [["data", ""]]])
  })

  it("refuses a topic that no publisher takes, and does nothing of what the message says", () => {
    const xsub = new XSubPattern()
    const pipe = connectedPipe(xsub)
    for (const first of [0, 1]) {
      for (const size of [LONGEST_TOPIC + 2, 2 ** 29]) {
        const long = Buffer.alloc(size)
        long[0] = first
        const sent = [...message("\x01a"), long]
        expect([xsub.trySend(sent), xsub.refusal("send", sent)]).toEqual([false, "EMSGSIZE"])
      }
    }
    expect([pipe.controls, pipe.written]).toEqual([[], []])
    // What is no subscription may be of any length.
    const data = [Buffer.from("x"), Buffer.alloc(LONGEST_TOPIC + 2)]
    expect([xsub.trySend(data), pipe.written]).toEqual([true, [data]])
    expect([xsub.refusal("send", data), xsub.refusal("receive")]).toEqual(["EAGAIN", "EAGAIN"])
  })

  it("5.3: receives without a filter", () => {
    const xsub = new XSubPattern()
    connectedPipe(xsub).deliver(message("anything")).deliver(message("\x01", ""))
    expect([text(xsub.tryReceive()), text(xsub.tryReceive())]).toEqual([["anything"], ["\x01", ""]])
  })

  it("does not rely on the caller's bytes afterwards", () => {
    const xsub = new XSubPattern()
    const bytes = Buffer.from("\x01topic", "latin1")
    xsub.trySend([bytes])
    bytes.fill(0)
    expect(told(connectedPipe(xsub))).toEqual(["+topic"])
  })
})
