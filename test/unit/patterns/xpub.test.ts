import { beforeEach, describe, expect, it } from "vitest"
import { type XPublisherOptions, XPubPattern } from "../../../patterns/xpub.ts"
import { isProtocolError } from "../../../src/base/errors.ts"
import { LONGEST_TOPIC } from "../../../src/base/limits.ts"
import { turnWork, WORK_PER_TURN } from "../../../src/base/turn-work.ts"
import { connectedPipe, FakePipe, message, text } from "../../support/fake-pipe.ts"

const newTurn = () => {
  turnWork.left = WORK_PER_TURN
}

beforeEach(newTurn)

const bytes = (topic: string) => Buffer.from(topic, "latin1")

function make(options: Partial<XPublisherOptions> = {}, budget?: number): XPubPattern {
  const defaults = {
    noDrop: false,
    invertMatching: false,
    verbosity: null,
    manual: false,
    welcomeMessage: bytes(""),
    receiveHighWaterMark: 1000,
  }
  return new XPubPattern({ ...defaults, ...options }, budget)
}

function subscribe(xpub: XPubPattern, pipe: FakePipe, ...topics: string[]): FakePipe {
  for (const topic of topics) xpub.control(pipe, { type: "subscribe", topic: bytes(topic) })
  return pipe
}

function cancel(xpub: XPubPattern, pipe: FakePipe, ...topics: string[]): void {
  for (const topic of topics) xpub.control(pipe, { type: "cancel", topic: bytes(topic) })
}

/** All that is to be received, notices as "+topic" and "-topic", the parts of a message joined. */
function receiveAll(xpub: XPubPattern): string[] {
  const all: string[] = []
  for (let next = xpub.tryReceive(); next !== undefined; next = xpub.tryReceive())
    all.push(text(next).join("|").replace("\x01", "+").replace("\x00", "-"))
  expect(xpub.canReceive()).toBe(false)
  return all
}

function publish(xpub: XPubPattern, ...topics: string[]): void {
  for (const topic of topics) expect(xpub.trySend(message(topic, "body"))).toBe(true)
}

/** First parts of what the pipe was sent. */
const got = (pipe: FakePipe) => pipe.written.map(wire => text(wire)[0])

describe("XPUB, notices", () => {
  it("5.2: tells the first subscription of a topic and the end of its last one", () => {
    const xpub = make()
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
      const xpub = make({ verbosity })
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
    const xpub = make()
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
      const xpub = make({ verbosity })
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
    const xpub = make()
    const pipe = connectedPipe(xpub).deliver(message("\x01a"))
    subscribe(xpub, pipe, "b")
    publish(xpub, "a", "b")
    expect(got(pipe)).toEqual(["a", "b"])
    pipe.deliver(message("\x00b"))
    cancel(xpub, pipe, "a")
    expect(receiveAll(xpub)).toEqual(["+a", "+b", "-b", "-a"])
  })

  it("row 10, row 21, test_xpub_topic: topics are bytes of any number", () => {
    const xpub = make()
    const pipe = connectedPipe(xpub)
    for (const topic of ["\xff\x00\xc3", ...[244, 245, 246, 255, 256, 5000].map(n => "x".repeat(n))]) {
      subscribe(xpub, pipe, topic)
      cancel(xpub, pipe, topic)
      expect(text(xpub.tryReceive())).toEqual([`\x01${topic}`])
      expect(text(xpub.tryReceive())).toEqual([`\x00${topic}`])
    }
  })

  it("subscriptions take effect though nobody receives them", () => {
    const xpub = make()
    const pipe = subscribe(xpub, connectedPipe(xpub), "a")
    publish(xpub, "ab")
    expect(got(pipe)).toEqual(["ab"])
  })

  it("tells the end of very many topics, a turn's share at a time", () => {
    const xpub = make()
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

describe("XPUB, user messages", () => {
  it("row 24: what is no subscription is received, of one part or several", () => {
    const xpub = make()
    const pipe = connectedPipe(xpub)
    for (const parts of [["hello"], [""], ["multi", "", "part"], ["\x02a"], ["head", "\x01body", "\x00body"]])
      pipe.deliver(message(...parts))
    const received: unknown[] = []
    for (let next = xpub.tryReceive(); next !== undefined; next = xpub.tryReceive()) received.push(text(next))
    expect(received).toEqual([
      ["hello"],
      [""],
      ["multi", "", "part"],
      ["\x02a"],
      ["head", "\x01body", "\x00body"],
    ])
    publish(xpub, "body")
    expect(got(pipe)).toEqual([])
  })

  it("5.2: looks at each part of a message that begins with a subscription", () => {
    const xpub = make()
    const pipe = connectedPipe(xpub).deliver(message("\x01a", "noise", "\x01b", "", "\x00a"))
    expect(receiveAll(xpub)).toEqual(["+a", "+b", "-a", "noise|"])
    publish(xpub, "a", "b")
    expect(got(pipe)).toEqual(["b"])
  })

  it("keeps the order of a peer's messages and subscriptions", () => {
    const xpub = make()
    const pipe = connectedPipe(xpub)
    for (const part of ["\x01a", "one", "\x01b", "two", "\x00a"]) pipe.deliver(message(part))
    expect(receiveAll(xpub)).toEqual(["+a", "one", "+b", "two", "-a"])
  })

  it("leaves messages in the pipe, so that a flood is held back, and others aren't", () => {
    const xpub = make()
    const [flood, other] = [connectedPipe(xpub), connectedPipe(xpub)]
    for (let n = 0; n < 1000; n++) flood.deliver(message(`flood ${n}`))
    expect(flood.unread).toBe(999)
    other.deliver(message("\x01a")).deliver(message("hello"))
    subscribe(xpub, other, "b")
    publish(xpub, "a", "b")
    expect(got(other)).toEqual(["a", "b"])
    expect([1, 2, 3, 4].map(() => text(xpub.tryReceive())?.[0])).toEqual([
      "flood 0",
      "\x01a",
      "hello",
      "\x01b",
    ])
  })

  it("a lost connection's subscriptions don't count for the next, its messages do", () => {
    const xpub = make()
    const pipe = connectedPipe(xpub)
    for (const part of ["one", "\x01old", "two"]) pipe.deliver(message(part))
    pipe.lose()
    pipe.connect().deliver(message("\x01new")).deliver(message("three"))
    expect(receiveAll(xpub)).toEqual(["one", "two", "+new", "three"])
    publish(xpub, "old", "new")
    expect(got(pipe)).toEqual(["new"])
  })
})

it.each([
  [3, 4],
  [0, 30],
])("XPUB keeps what lost connections left, up to the high-water mark of %s", (receiveHighWaterMark, kept) => {
  const xpub = make({ receiveHighWaterMark })
  const pipe = connectedPipe(xpub)
  for (let life = 0; life < 10; life++) {
    for (let n = 0; n < 3; n++) pipe.deliver(message(`${life}.${n}`))
    pipe.lose().connect()
  }
  const received = receiveAll(xpub)
  expect([received.length, received.slice(0, 3)]).toEqual([kept, ["0.0", "0.1", "0.2"]])
  pipe.deliver(message("after"))
  expect(receiveAll(xpub)).toEqual(["after"])
})

it("XPUB keeps what 64 peers that left had to say, and one message each of those who are there", () => {
  const xpub = make({ receiveHighWaterMark: 3 })
  const there = connectedPipe(xpub)
  for (let peer = 0; peer < 100; peer++) {
    const pipe = connectedPipe(xpub)
    for (let n = 0; n < 3; n++) pipe.deliver(message(`${peer}.${n}`))
    pipe.lose().detach()
  }
  there.deliver(message("here")).deliver(message("here, too"))
  const received = receiveAll(xpub)
  const left = received.filter(text => !text.startsWith("here"))
  expect(left.length).toBeLessThanOrEqual(65 * 3)
  expect(new Set(left).size).toBe(left.length)
  for (let peer = 0; peer < 64; peer++) expect(left).toContain(`${peer}.2`)
  expect(received.length - left.length).toBe(2)
  there.deliver(message("after"))
  expect(receiveAll(xpub)).toEqual(["after"])
})

describe("XPUB, manual (test_xpub_manual)", () => {
  it("applies what the program says, to the peer whose request was received last", () => {
    const xpub = make({ manual: true })
    const [a, b] = [connectedPipe(xpub), connectedPipe(xpub)]
    subscribe(xpub, a, "A")
    subscribe(xpub, b, "B")
    publish(xpub, "A", "B")
    expect(text(xpub.tryReceive())).toEqual(["\x01A"])
    xpub.subscribe(bytes("XA"))
    expect(text(xpub.tryReceive())).toEqual(["\x01B"])
    xpub.subscribe(bytes("XB"))
    publish(xpub, "A", "B", "XA", "XB")
    expect([got(a), got(b)]).toEqual([["XA"], ["XB"]])
    cancel(xpub, a, "A")
    publish(xpub, "XA")
    expect(receiveAll(xpub)).toEqual(["-A"])
    xpub.unsubscribe(bytes("XA"))
    xpub.unsubscribe(bytes("unknown"))
    publish(xpub, "XA", "XB")
    expect([got(a), got(b)]).toEqual([
      ["XA", "XA"],
      ["XB", "XB"],
    ])
  })

  it("tells every request, repeated ones too", () => {
    const xpub = make({ manual: true })
    const [a, b] = [connectedPipe(xpub), connectedPipe(xpub)]
    subscribe(xpub, a, "A", "A")
    subscribe(xpub, b, "A")
    cancel(xpub, a, "A", "A")
    expect(receiveAll(xpub)).toEqual(["+A", "+A", "+A", "-A", "-A"])
  })

  it("row 28: a peer that leaves ends what it asked for, and what it was given", () => {
    const xpub = make({ manual: true })
    const [a, b] = [connectedPipe(xpub), connectedPipe(xpub)]
    for (const pipe of [a, b]) {
      subscribe(xpub, pipe, "A")
      receiveAll(xpub)
      xpub.subscribe(bytes("given"))
    }
    subscribe(xpub, a, "more")
    a.lose()
    expect(receiveAll(xpub)).toEqual(["+more", "-A", "-more"])
    // Nobody is meant by now, not even the same pipe's next peer.
    a.connect()
    xpub.subscribe(bytes("late"))
    publish(xpub, "given", "late")
    expect([got(a), got(b)]).toEqual([[], ["given"]])
    b.detach()
    expect(receiveAll(xpub)).toEqual(["-A"])
  })

  it("a request that is received after its peer has left subscribes nobody", () => {
    const xpub = make({ manual: true })
    const pipe = subscribe(xpub, connectedPipe(xpub), "A")
    pipe.lose()
    expect(text(xpub.tryReceive())).toEqual(["\x01A"])
    xpub.subscribe(bytes("A"))
    pipe.connect()
    publish(xpub, "A")
    expect(got(pipe)).toEqual([])
  })

  it("user messages don't change whom the program means", () => {
    const xpub = make({ manual: true })
    const [a, b] = [connectedPipe(xpub), connectedPipe(xpub)]
    subscribe(xpub, a, "A")
    b.deliver(message("hello")).deliver(message("multi", "part"))
    expect(receiveAll(xpub)).toEqual(["+A", "hello", "multi|part"])
    xpub.subscribe(bytes("A"))
    publish(xpub, "A")
    expect([got(a), got(b)]).toEqual([["A"], []])
  })

  it("subscribing is refused in any other mode", () => {
    for (const method of ["subscribe", "unsubscribe"] as const)
      expect(() => make()[method](bytes("A"))).toThrow(expect.objectContaining({ code: "EINVAL" }))
  })
})

describe("XPUB, sending", () => {
  it("test_xpub_welcome_msg: greets every connection, whatever it subscribes to", () => {
    const xpub = make({ welcomeMessage: bytes("W") })
    const pipe = new FakePipe(xpub).attach()
    expect(pipe.written).toEqual([])
    pipe.connect()
    pipe.lose().connect()
    expect(pipe.written.map(wire => text(wire))).toEqual([["W"], ["W"]])
  })

  it("test_xpub_nodrop: refuses for all while a matching subscriber is full", () => {
    const xpub = make({ noDrop: true })
    const [slow, fast] = [connectedPipe(xpub), connectedPipe(xpub)]
    for (const pipe of [slow, fast]) subscribe(xpub, pipe, "a")
    slow.setRoom(1)
    publish(xpub, "a1")
    expect([xpub.canSend(), xpub.trySend(message("a2")), xpub.refusal()]).toEqual([false, false, "EAGAIN"])
    publish(xpub, "b")
    slow.setRoom(1)
    publish(xpub, "a2")
    expect([got(slow), got(fast)]).toEqual([
      ["a1", "a2"],
      ["a1", "a2"],
    ])
  })

  it("test_pub_invert_matching: sends to who did not subscribe", () => {
    const xpub = make({ invertMatching: true })
    const [a, other] = [subscribe(xpub, connectedPipe(xpub), "a"), connectedPipe(xpub)]
    publish(xpub, "a", "b")
    expect([got(a), got(other)]).toEqual([["b"], ["a", "b"]])
  })
})

describe("XPUB, limits", () => {
  it("closes a peer whose topic is longer than any may be, whichever way it is sent, and tells nobody", () => {
    // More bytes than a string has room for; untouched, they take no memory.
    for (const size of [LONGEST_TOPIC + 1, 2 ** 29]) {
      const part = Buffer.alloc(1 + size)
      for (const type of ["subscribe", "cancel"] as const) {
        for (const options of [{}, { verbosity: "allSubsUnsubs" }, { manual: true }] as const) {
          newTurn()
          const xpub = make(options)
          const [byCommand, byMessage] = [connectedPipe(xpub), connectedPipe(xpub)]
          part[0] = type === "subscribe" ? 1 : 0
          xpub.control(byCommand, { type, topic: part.subarray(1) })
          newTurn()
          byMessage.deliver([part])
          for (const { failures } of [byCommand, byMessage]) {
            expect(failures.map(isProtocolError)).toEqual([true])
            expect(failures[0]).toMatchObject({
              reason: `a topic of ${size} bytes, where 1048576 are allowed`,
            })
          }
          expect(receiveAll(xpub)).toEqual([])
        }
      }
    }
  })

  it("in manual mode refuses the program such a topic", () => {
    const xpub = make({ manual: true })
    subscribe(xpub, connectedPipe(xpub), "a")
    xpub.tryReceive()
    expect(() => xpub.subscribe(Buffer.alloc(LONGEST_TOPIC + 1))).toThrow(
      expect.objectContaining({ code: "EMSGSIZE" }),
    )
    expect(() => xpub.unsubscribe(Buffer.alloc(2 ** 29))).not.toThrow()
  })

  it.each([false, true])("closes a peer that wants more remembered than anybody may (manual: %s)", manual => {
    // Each topic costs its length and 128 bytes.
    const xpub = make({ manual }, 3 * 129)
    const [greedy, modest] = [connectedPipe(xpub), subscribe(xpub, connectedPipe(xpub), "m")]
    subscribe(xpub, greedy, "a", "b", "b")
    expect(greedy.failures).toEqual([])
    subscribe(xpub, greedy, "c", "d")
    expect(greedy.failures.map(isProtocolError)).toEqual([true])
    expect(modest.failures).toEqual([])
    expect(receiveAll(xpub).slice(-4)).toEqual(["+c", "-a", "-b", "-c"])
  })

  it("counts what the program doesn't receive, and forgets it with the peer", () => {
    const budget = 2 ** 20
    const xpub = make({}, budget)
    // The first 16 MiB of notices have a budget of their own.
    const early = connectedPipe(xpub)
    const long = "x".repeat(2 ** 20)
    for (let n = 0; n < 17; n++) {
      newTurn()
      xpub.control(early, { type: "cancel", topic: bytes(long) })
    }
    const peers = [connectedPipe(xpub), connectedPipe(xpub), connectedPipe(xpub)]
    let sent = 0
    for (; sent < 100_000 && peers.every(({ failures }) => failures.length === 0); sent++) {
      newTurn()
      subscribe(xpub, peers[sent % 3]!, `${sent}`)
    }
    // A topic costs 128 bytes, and 256 where nobody has received it; the text counts three times.
    expect(sent).toBeGreaterThan(budget / (128 + 256 + 3 * 4) - 10)
    expect(sent).toBeLessThan(budget / (128 + 256 + 3) + 10)
    expect(peers.filter(({ failures }) => failures.length > 0)).toHaveLength(1)
    // Of the one that was closed nothing is told that had not been told before.
    while (xpub.tidy()) newTurn()
    const told = receiveAll(xpub).slice(17)
    expect(told.length).toBeLessThan((sent * 2) / 3 + 2)
    expect(told.every(text => text.startsWith("+"))).toBe(true)
  })

  it.each([false, true])("whoever comes and goes unseen leaves nothing behind (manual: %s)", manual => {
    const xpub = make({ manual })
    const topics = Array.from({ length: 100_000 }, (_, n) => `${n}`)
    const visitor = connectedPipe(xpub)
    const knock = (prefix: string) => {
      subscribe(xpub, visitor, ...topics.map(topic => prefix + topic))
      visitor.lose()
      while (xpub.tidy());
      visitor.connect()
    }
    knock("first ")
    knock("second ")
    subscribe(xpub, visitor, "last")
    const received = receiveAll(xpub)
    // Exact as long as there is room, then nothing but what is still true; all that was told began and ended.
    expect(received.at(-1)).toBe("+last")
    const told = new Set<string>()
    for (const notice of received) {
      if (notice.startsWith("+")) told.add(notice.slice(1))
      else told.delete(notice.slice(1))
    }
    expect([...told]).toEqual(["last"])
    expect(received.length).toBeLessThan(270_000)
  })
})
