import { beforeEach, describe, expect, it } from "vitest"
import { type XPublisherOptions, XPubPattern } from "../../../patterns/xpub.ts"
import { connectedPipe, message, text } from "../../support/fake-pipe.ts"
import {
  bytes,
  cancel,
  got,
  makeXPub,
  newTurn,
  publish,
  receiveAll,
  subscribe,
} from "../../support/xpub-set-up.ts"

beforeEach(newTurn)

describe("XPUB, notices", () => {
  it("5.2: tells the first subscription of a topic and the end of its last one", () => {
    const xpub = makeXPub()
    const [a, b] = [connectedPipe(xpub), connectedPipe(xpub)]
    subscribe(xpub, a, "t", "t", "")
    subscribe(xpub, b, "t")
    expect(receiveAll(xpub)).toEqual(["+t", "+"])
    cancel(xpub, a, "t")
    expect(receiveAll(xpub)).toEqual([])
    cancel(xpub, b, "t")
    expect(receiveAll(xpub)).toEqual(["-t"])
  })

  it("test_xpub_verbose: allSubs tells every subscription, allSubsUnsubs every end too", () => {
    for (const [verbosity, ends] of [
      ["allSubs", ["-t"]],
      ["allSubsUnsubs", ["-t", "-t"]],
    ] as const) {
      const xpub = makeXPub({ verbosity })
      const [a, b] = [connectedPipe(xpub), connectedPipe(xpub)]
      subscribe(xpub, a, "t", "t")
      subscribe(xpub, b, "t")
      expect(receiveAll(xpub)).toEqual(["+t", "+t", "+t"])
      cancel(xpub, a, "t")
      cancel(xpub, b, "t")
      expect(receiveAll(xpub)).toEqual(ends)
    }
  })

  it("5.2, row 26: tells a CANCEL of what nobody, or somebody else, subscribed to", () => {
    const xpub = makeXPub()
    const [a, b] = [connectedPipe(xpub), connectedPipe(xpub)]
    subscribe(xpub, a, "t")
    cancel(xpub, b, "t", "x")
    expect(receiveAll(xpub)).toEqual(["+t", "-t", "-x"])
    publish(xpub, "t")
    expect(got(a)).toEqual(["t"])
  })

  it.each([null, "allSubs", "allSubsUnsubs"] as const)(
    "5.2: a peer that leaves ends its subscriptions (%s)",
    verbosity => {
      const xpub = makeXPub({ verbosity })
      const [leaver, stayer] = [connectedPipe(xpub), connectedPipe(xpub)]
      subscribe(xpub, leaver, "both", "mine")
      subscribe(xpub, stayer, "both")
      receiveAll(xpub)
      leaver.lose()
      expect(receiveAll(xpub)).toEqual(verbosity === "allSubsUnsubs" ? ["-both", "-mine"] : ["-mine"])
      stayer.detach()
      expect(receiveAll(xpub)).toEqual(["-both"])
    },
  )

  it("verbosity may change at any time", () => {
    const options = { verbosity: null as XPublisherOptions["verbosity"] }
    const defaults = {
      noDrop: false,
      invertMatching: false,
      manual: false,
      welcomeMessage: bytes(""),
      receiveHighWaterMark: 0,
    }
    const xpub = new XPubPattern(Object.assign(options, defaults))
    const pipe = connectedPipe(xpub)
    subscribe(xpub, pipe, "t", "t")
    options.verbosity = "allSubs"
    subscribe(xpub, pipe, "t")
    options.verbosity = null
    subscribe(xpub, pipe, "t")
    expect(receiveAll(xpub)).toEqual(["+t", "+t"])
  })

  it("row 9, row 24: takes both forms of subscriptions, and tells them alike", () => {
    const xpub = makeXPub()
    const pipe = connectedPipe(xpub).deliver(message("\x01a"))
    subscribe(xpub, pipe, "b")
    publish(xpub, "a", "b")
    expect(got(pipe)).toEqual(["a", "b"])
    pipe.deliver(message("\x00b"))
    cancel(xpub, pipe, "a")
    expect(receiveAll(xpub)).toEqual(["+a", "+b", "-b", "-a"])
  })

  it("row 10, row 21, test_xpub_topic: topics are bytes of any number", () => {
    const xpub = makeXPub()
    const pipe = connectedPipe(xpub)
    for (const topic of ["\xff\x00\xc3", ...[244, 245, 246, 255, 256, 5000].map(n => "x".repeat(n))]) {
      subscribe(xpub, pipe, topic)
      cancel(xpub, pipe, topic)
      expect(text(xpub.tryReceive())).toEqual([`\x01${topic}`])
      expect(text(xpub.tryReceive())).toEqual([`\x00${topic}`])
    }
  })

  it("subscriptions take effect though nobody receives them", () => {
    const xpub = makeXPub()
    const pipe = subscribe(xpub, connectedPipe(xpub), "a")
    publish(xpub, "ab")
    expect(got(pipe)).toEqual(["ab"])
  })

  it("tells the end of very many topics, a turn's share at a time", () => {
    const xpub = makeXPub()
    const topics = Array.from({ length: 1000 }, (_, n) => `topic ${n}`)
    const [leaver, stayer] = [
      subscribe(xpub, connectedPipe(xpub), ...topics),
      subscribe(xpub, connectedPipe(xpub), "topic 7"),
    ]
    receiveAll(xpub)
    leaver.lose()
    const first = receiveAll(xpub)
    expect(first.length).toBeGreaterThan(0)
    expect(first.length).toBeLessThan(300)
    publish(xpub, "topic 999", "topic 7")
    expect([got(leaver), got(stayer)]).toEqual([[], ["topic 7"]])
    // The same topic of somebody else meanwhile: it never ended.
    subscribe(xpub, stayer, "topic 999")
    const more = [receiveAll(xpub)]
    while (xpub.tidy()) more.push(receiveAll(xpub))
    more.push(receiveAll(xpub))
    const told = [...first, ...more.flat()]
    const ended = topics.filter(topic => !["topic 7", "topic 999"].includes(topic)).map(topic => `-${topic}`)
    expect(told.length).toBe(ended.length)
    expect(new Set(told)).toEqual(new Set(ended))
  })
})
