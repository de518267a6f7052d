import { describe, expect, it } from "vitest"
import { RepPattern } from "../../../patterns/rep.ts"
import { connectedPipe, message, text } from "../../support/fake-pipe.ts"

const state = (rep: RepPattern) => [
  rep.canSend() || rep.refusal("send"),
  rep.canReceive() || rep.refusal("receive"),
]

describe("REP, state table", () => {
  it("alternates", () => {
    const rep = new RepPattern()
    expect(state(rep)).toEqual(["EFSM", "EAGAIN"])
    expect(rep.trySend(message("unasked"))).toBe(false)
    const pipe = connectedPipe(rep).deliver(message("", "1")).deliver(message("", "2"))
    expect(state(rep)).toEqual(["EFSM", true])
    expect(text(rep.tryReceive())).toEqual(["1"])
    // The second request of a peer waits for the reply to the first.
    expect(state(rep)).toEqual([true, "EFSM"])
    expect(rep.tryReceive()).toBeUndefined()
    expect(rep.trySend(message("a1"))).toBe(true)
    expect(state(rep)).toEqual(["EFSM", true])
    expect(text(rep.tryReceive())).toEqual(["2"])
    rep.trySend(message("a2"))
    expect(pipe.written.map(text)).toEqual([
      ["", "a1"],
      ["", "a2"],
    ])
  })
})

describe("REP, envelopes", () => {
  it.each([
    { name: "plain", wire: ["", "x"], body: ["x"], envelope: [""] },
    { name: "routed", wire: ["a", "bc", "", "x", "y"], body: ["x", "y"], envelope: ["a", "bc", ""] },
    { name: "correlated", wire: ["\0\0\0\x01", "", "x"], body: ["x"], envelope: ["\0\0\0\x01", ""] },
    {
      name: "with empty parts in the body",
      wire: ["a", "", "", "x", ""],
      body: ["", "x", ""],
      envelope: ["a", ""],
    },
  ])("replies with the envelope of the request: $name", ({ wire, body, envelope }) => {
    const rep = new RepPattern()
    const pipe = connectedPipe(rep).deliver(message(...wire))
    expect(text(rep.tryReceive())).toEqual(body)
    rep.trySend(message("reply", ""))
    expect(pipe.written.map(text)).toEqual([[...envelope, "reply", ""]])
  })

  it("drops what is no request and keeps the connection", () => {
    const rep = new RepPattern()
    const pipe = connectedPipe(rep)
    for (const parts of [["x"], ["x", "y"], [""], ["x", ""]]) pipe.deliver(message(...parts))
    expect(rep.canReceive()).toBe(false)
    expect([pipe.unread, pipe.failures.length]).toEqual([0, 0])
    pipe.deliver(message("", "good"))
    expect(text(rep.tryReceive())).toEqual(["good"])
  })

  it("finds the request behind a flood of what is none", () => {
    const rep = new RepPattern()
    const pipe = connectedPipe(rep)
    for (let i = 0; i < 10_000; i++) pipe.deliver(message("flood"))
    pipe.deliver(message("", "good"))
    expect(text(rep.tryReceive())).toEqual(["good"])
  })
})

describe("REP, requesters", () => {
  it("answers the one who asked, in turn", () => {
    const rep = new RepPattern()
    const [a, b] = [connectedPipe(rep), connectedPipe(rep)]
    a.deliver(message("", "a1")).deliver(message("", "a2"))
    b.deliver(message("", "b1"))
    for (let i = 0; i < 3; i++) rep.trySend([Buffer.from("re "), ...(rep.tryReceive() ?? [])])
    expect(a.written.map(text)).toEqual([
      ["", "re ", "a1"],
      ["", "re ", "a2"],
    ])
    expect(b.written.map(text)).toEqual([["", "re ", "b1"]])
  })

  it.each([
    { name: "gone", vanish: (pipe: ReturnType<typeof connectedPipe>) => pipe.detach() },
    { name: "full", vanish: (pipe: ReturnType<typeof connectedPipe>) => pipe.setRoom(0) },
  ])("drops the reply with success when the requester is $name", ({ vanish }) => {
    const rep = new RepPattern()
    const [asker, other] = [connectedPipe(rep), connectedPipe(rep)]
    asker.deliver(message("", "q"))
    rep.tryReceive()
    vanish(asker)
    expect(state(rep)).toEqual([true, "EFSM"])
    expect(rep.trySend(message("a"))).toBe(true)
    expect(state(rep)).toEqual(["EFSM", "EAGAIN"])
    expect([asker.written.length, other.written.length]).toEqual([0, 0])
  })

  it("still serves the request of a peer that left, looked at already or not", () => {
    for (const look of [false, true]) {
      const rep = new RepPattern()
      const pipe = connectedPipe(rep).deliver(message("", "q"))
      if (look) expect(rep.canReceive()).toBe(true)
      pipe.detach()
      expect(text(rep.tryReceive())).toEqual(["q"])
      expect(rep.trySend(message("a"))).toBe(true)
      expect(rep.canReceive()).toBe(false)
    }
  })

  it("answers through a connection that came back on the same pipe", () => {
    const rep = new RepPattern()
    const pipe = connectedPipe(rep).deliver(message("route", "", "q"))
    rep.tryReceive()
    pipe.lose().connect()
    rep.trySend(message("a"))
    expect(pipe.written.map(text)).toEqual([["route", "", "a"]])
  })
})
