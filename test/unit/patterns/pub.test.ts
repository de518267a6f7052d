import { beforeEach, describe, expect, it } from "vitest"
import { PubPattern } from "../../../patterns/pub.ts"
import { isProtocolError } from "../../../src/base/errors.ts"
import { turnWork, WORK_PER_TURN } from "../../../src/base/turn-work.ts"
import { connectedPipe, FakePipe, message, text } from "../../support/fake-pipe.ts"

const make = (options: { noDrop?: boolean; invertMatching?: boolean } = {}) =>
  new PubPattern({ noDrop: false, invertMatching: false, ...options })

const newTurn = () => {
  turnWork.left = WORK_PER_TURN
}

beforeEach(newTurn)

const bytes = (topic: string) => Buffer.from(topic, "latin1")

function subscribe(pub: PubPattern, pipe: FakePipe, ...topics: string[]): FakePipe {
  for (const topic of topics) pub.control(pipe, { type: "subscribe", topic: bytes(topic) })
  return pipe
}

function cancel(pub: PubPattern, pipe: FakePipe, topic: string): void {
  pub.control(pipe, { type: "cancel", topic: bytes(topic) })
}

/** First parts of what the pipe was sent. */
const got = (pipe: FakePipe) => pipe.written.map(wire => text(wire)[0])

function publish(pub: PubPattern, ...topics: string[]): void {
  for (const topic of topics) expect(pub.trySend(message(topic, "body"))).toBe(true)
}

describe("PUB", () => {
  it("matches prefixes of the first part", () => {
    const pub = make()
    const [ab, all, none] = [connectedPipe(pub), connectedPipe(pub), connectedPipe(pub)]
    subscribe(pub, ab, "ab")
    subscribe(pub, all, "")
    publish(pub, "a", "ab", "abc", "b")
    pub.trySend(message("x", "ab"))
    pub.trySend(message(""))
    expect([got(ab), got(all), got(none)]).toEqual([["ab", "abc"], ["a", "ab", "abc", "b", "x", ""], []])
  })

  it("sends a message once to who subscribed to several of its prefixes", () => {
    const pub = make()
    const pipe = subscribe(pub, connectedPipe(pub), "", "a", "ab", "abc")
    publish(pub, "abcd")
    expect(got(pipe)).toEqual(["abcd"])
  })

  it("hands the same message to all, so that it is encoded once", () => {
    const pub = make()
    const pipes = [1, 2].map(() => subscribe(pub, connectedPipe(pub), ""))
    const sent = message("m")
    pub.trySend(sent)
    expect(pipes.every(pipe => pipe.written[0] === sent)).toBe(true)
  })

  it("5.2: a peer that subscribes twice counts once, one CANCEL ends it", () => {
    const pub = make()
    const pipe = subscribe(pub, connectedPipe(pub), "a", "a")
    cancel(pub, pipe, "a")
    publish(pub, "a")
    expect(got(pipe)).toEqual([])
  })

  it("row 9: takes subscriptions as commands and as messages, from anybody", () => {
    const pub = make()
    const pipe = connectedPipe(pub).deliver(message("\x01a"))
    subscribe(pub, pipe, "b")
    publish(pub, "a", "b")
    pipe.deliver(message("\x00b"))
    cancel(pub, pipe, "a")
    publish(pub, "a", "b")
    expect(got(pipe)).toEqual(["a", "b"])
  })

  it("5.2: looks at each part of an upstream message", () => {
    const pub = make()
    const pipe = connectedPipe(pub).deliver(message("\x01a", "noise", "\x01b", "", "\x01c", "\x00c"))
    publish(pub, "a", "b", "c", "noise")
    expect(got(pipe)).toEqual(["a", "b"])
  })

  it("row 24: drops upstream messages that are no subscriptions", () => {
    const pub = make()
    const pipe = connectedPipe(pub)
    for (const parts of [[""], ["hello"], ["\x02a"], ["", ""]]) pipe.deliver(message(...parts))
    expect([pipe.unread, pub.canReceive(), pub.refusal("receive")]).toEqual([0, false, "ENOTSUP"])
    publish(pub, "a")
    expect([pipe.written.length, pipe.failures.length]).toEqual([0, 0])
  })

  it("row 19, row 26: ignores a CANCEL of an unknown topic", () => {
    const pub = make()
    const pipe = connectedPipe(pub)
    cancel(pub, pipe, "a")
    subscribe(pub, pipe, "abc")
    for (const topic of ["", "a", "ab", "abcd", "b"]) cancel(pub, pipe, topic)
    publish(pub, "abc")
    expect(got(pipe)).toEqual(["abc"])
  })

  it("row 21: topics are bytes", () => {
    const pub = make()
    const pipe = subscribe(pub, connectedPipe(pub), "\xff\x00\xc3")
    publish(pub, "\xff\x00\xc3\x28", "\xff\x00", "\xc3\xbf\x00")
    expect(got(pipe)).toEqual(["\xff\x00\xc3\x28"])
  })

  it("row 10: topics of any length", () => {
    const pub = make()
    for (const length of [244, 255, 256, 257, 512, 5000]) {
      const pipe = subscribe(pub, connectedPipe(pub), "x".repeat(length))
      publish(pub, "x".repeat(length - 1), "x".repeat(length))
      expect(pipe.written.length).toBe(1)
      pipe.detach()
    }
  })

  it("row 20: subscriptions end with the connection", () => {
    const pub = make()
    const pipe = subscribe(pub, connectedPipe(pub), "a")
    pipe.lose()
    publish(pub, "a")
    pipe.connect()
    publish(pub, "a")
    expect(got(pipe)).toEqual([])
    subscribe(pub, pipe, "a")
    pipe.detach()
    publish(pub, "a")
    expect(got(pipe)).toEqual([])
  })

  it("row 28: other peers keep the topics that a leaver had too", () => {
    const pub = make()
    const [leaver, stayer] = [connectedPipe(pub), connectedPipe(pub)]
    for (const pipe of [leaver, stayer]) subscribe(pub, pipe, "a", "ab")
    leaver.detach()
    publish(pub, "ab")
    expect([got(leaver), got(stayer)]).toEqual([[], ["ab"]])
  })

  it("row 47: one full subscriber holds up nobody", () => {
    const pub = make()
    const [slow, fast] = [connectedPipe(pub), connectedPipe(pub)]
    for (const pipe of [slow, fast]) subscribe(pub, pipe, "")
    slow.setRoom(1)
    publish(pub, "1", "2", "3")
    slow.setRoom(9)
    publish(pub, "4")
    expect([got(slow), got(fast)]).toEqual([
      ["1", "4"],
      ["1", "2", "3", "4"],
    ])
  })

  it("drops when nobody is there, connecting or not", () => {
    const pub = make()
    publish(pub, "a")
    const pipe = new FakePipe(pub).attach()
    publish(pub, "a")
    subscribe(pub, pipe.connect(), "")
    expect([pub.canSend(), pipe.written.length]).toEqual([true, 0])
  })

  it("forgets a peer with many topics step by step, and sends it nothing meanwhile", () => {
    const pub = new PubPattern({ noDrop: false, invertMatching: false })
    const topics = Array.from({ length: 1000 }, (_, n) => `topic ${n}`)
    const leaving = subscribe(pub, connectedPipe(pub), ...topics)
    leaving.lose()
    publish(pub, "topic 999")
    expect(got(leaving)).toEqual([])
    // The same topics of somebody else are untouched by what is still being forgotten.
    const staying = subscribe(pub, connectedPipe(pub), ...topics)
    for (const topic of topics) publish(pub, topic)
    expect(got(staying)).toEqual(topics)
    expect(got(leaving)).toEqual([])
  })

  it("holds a peer back while its commands wait for a later turn", () => {
    const pub = make()
    const pipe = connectedPipe(pub)
    turnWork.begin()
    turnWork.left = 0
    subscribe(pub, pipe, "first", "second")
    turnWork.end()
    expect(pipe.held).toBe(true)
    newTurn()
    pub.tidy()
    expect(pipe.held).toBe(false)
    publish(pub, "first", "second")
    expect(got(pipe)).toEqual(["first", "second"])
  })

  it("lets a peer go on whose connection ends while its commands wait", () => {
    const pub = make()
    const pipe = connectedPipe(pub)
    turnWork.begin()
    turnWork.left = 0
    subscribe(pub, pipe, "first")
    turnWork.end()
    pipe.lose().connect()
    expect(pipe.held).toBe(false)
    newTurn()
    pub.tidy()
    publish(pub, "first")
    expect(got(pipe)).toEqual([])
  })

  it("closes a peer that wants more remembered than anybody may", () => {
    // Each topic costs its length and 128 bytes.
    const pub = new PubPattern({ noDrop: false, invertMatching: false }, 4 * 129)
    const [greedy, modest] = [connectedPipe(pub), subscribe(pub, connectedPipe(pub), "a")]
    subscribe(pub, greedy, "a", "b", "b", "c", "c")
    expect(greedy.failures.length).toBe(0)
    subscribe(pub, greedy, "")
    expect(greedy.failures.length).toBe(1)
    expect(greedy.failures.every(isProtocolError)).toBe(true)
    // From now on it is deaf: nothing more is remembered, nothing sent, and it isn't blamed again.
    subscribe(pub, greedy, "a")
    greedy.deliver(message("\x01a"))
    publish(pub, "a")
    expect([got(greedy), greedy.failures.length, got(modest)]).toEqual([[], 1, ["a"]])
  })

  it("has one budget for all peers, and closes the one that costs most, whoever asks for more", () => {
    const pub = new PubPattern({ noDrop: false, invertMatching: false }, 6 * 129)
    const [one, two, three] = [connectedPipe(pub), connectedPipe(pub), connectedPipe(pub)]
    subscribe(pub, one, "a", "b")
    subscribe(pub, two, "c", "d", "e")
    subscribe(pub, three, "f")
    expect([one, two, three].map(({ failures }) => failures.length)).toEqual([0, 0, 0])
    subscribe(pub, three, "g")
    expect([one, two, three].map(({ failures }) => failures.length)).toEqual([0, 1, 0])
    // What it had can be had by others.
    subscribe(pub, one, "h", "i")
    expect([one, two, three].map(({ failures }) => failures.length)).toEqual([0, 1, 0])
    publish(pub, "g", "i")
    expect([got(one), got(two), got(three)]).toEqual([["i"], [], ["g"]])
  })

  it("closes a peer whose topic is longer than any may be, and goes on without it", () => {
    for (const type of ["subscribe", "cancel"] as const) {
      const pub = make()
      const [greedy, modest] = [connectedPipe(pub), subscribe(pub, connectedPipe(pub), "a")]
      for (const type of ["subscribe", "cancel"] as const)
        pub.control(greedy, { type, topic: bytes("a".repeat(1024 * 1024)) })
      subscribe(pub, greedy, "ab")
      expect(greedy.failures).toEqual([])
      pub.control(greedy, { type, topic: bytes("a".repeat(1024 * 1024 + 1)) })
      expect(greedy.failures.map(isProtocolError)).toEqual([true])
      publish(pub, "ab")
      expect([got(greedy), got(modest)]).toEqual([[], ["ab"]])
    }
  })

  it("charges long topics for all their pieces", () => {
    const pub = new PubPattern({ noDrop: false, invertMatching: false }, 56 + 2 * 128)
    const pipe = subscribe(pub, connectedPipe(pub), "x".repeat(56))
    expect(pipe.failures.length).toBe(0)
    cancel(pub, pipe, "x".repeat(56))
    subscribe(pub, pipe, "x".repeat(57))
    expect(pipe.failures.length).toBe(1)
  })

  it("takes a cancelled topic off the budget, once", () => {
    const pub = new PubPattern({ noDrop: false, invertMatching: false }, 2 * 129)
    const pipe = subscribe(pub, connectedPipe(pub), "a")
    for (let i = 0; i < 5; i++) {
      subscribe(pub, pipe, "b", "b")
      cancel(pub, pipe, "b")
      cancel(pub, pipe, "b")
    }
    expect(pipe.failures.length).toBe(0)
    subscribe(pub, pipe, "b", "c")
    expect(pipe.failures.length).toBe(1)
  })

  it("lets a peer have very many topics", () => {
    const pub = make()
    const pipe = connectedPipe(pub)
    for (let i = 0; i < 100_000; i++) pub.control(pipe, { type: "subscribe", topic: bytes(`topic ${i}`) })
    publish(pub, "topic 99999", "topic 9999x", "topi")
    expect(got(pipe)).toEqual(["topic 99999", "topic 9999x"])
    expect(pipe.failures.length).toBe(0)
  })
})

describe("PUB, noDrop (test_xpub_nodrop)", () => {
  it("sends to nobody while a matching subscriber is full", () => {
    const pub = make({ noDrop: true })
    const [slow, fast] = [connectedPipe(pub), connectedPipe(pub)]
    for (const pipe of [slow, fast]) subscribe(pub, pipe, "a")
    slow.setRoom(1)
    publish(pub, "a1")
    expect([pub.canSend(), pub.trySend(message("a2")), pub.refusal("send")]).toEqual([false, false, "EAGAIN"])
    // Whom it does not concern does not wait, and a refused message marks nobody.
    publish(pub, "b")
    expect([got(slow), got(fast)]).toEqual([["a1"], ["a1"]])
    let told = 0
    const { writable } = pub
    pub.writable = () => void told++
    slow.setRoom(5)
    pub.writable = writable
    expect(told).toBe(1)
    expect(pub.canSend()).toBe(true)
    publish(pub, "a2")
    expect([got(slow), got(fast)]).toEqual([
      ["a1", "a2"],
      ["a1", "a2"],
    ])
  })
})

describe("PUB, invertMatching (test_pub_invert_matching)", () => {
  it("sends to the connected who did not subscribe, and may be toggled", () => {
    const options = { noDrop: false, invertMatching: true }
    const pub = new PubPattern(options)
    const [a, other] = [connectedPipe(pub), connectedPipe(pub)]
    const absent = new FakePipe(pub).attach()
    subscribe(pub, a, "a")
    publish(pub, "a", "b")
    options.invertMatching = false
    publish(pub, "ab")
    expect([got(a), got(other), got(absent)]).toEqual([["b", "ab"], ["a", "b"], []])
  })
})
