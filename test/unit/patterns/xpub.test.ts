import { beforeEach, describe, expect, it } from "vitest"
import { connectedPipe, FakePipe, message, text } from "../../support/fake-pipe.ts"
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

describe("XPUB, user messages", () => {
  it("row 24: what is no subscription is received, of one part or several", () => {
    const xpub = makeXPub()
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
    const xpub = makeXPub()
    const pipe = connectedPipe(xpub).deliver(message("\x01a", "noise", "\x01b", "", "\x00a"))
    expect(receiveAll(xpub)).toEqual(["+a", "+b", "-a", "noise|"])
    publish(xpub, "a", "b")
    expect(got(pipe)).toEqual(["b"])
  })

  it("keeps the order of a peer's messages and subscriptions", () => {
    const xpub = makeXPub()
    const pipe = connectedPipe(xpub)
    for (const part of ["\x01a", "one", "\x01b", "two", "\x00a"]) pipe.deliver(message(part))
    expect(receiveAll(xpub)).toEqual(["+a", "one", "+b", "two", "-a"])
  })

  it("leaves messages in the pipe, so that a flood is held back, and others aren't", () => {
    const xpub = makeXPub()
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
    const xpub = makeXPub()
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
  const xpub = makeXPub({ receiveHighWaterMark })
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
  const xpub = makeXPub({ receiveHighWaterMark: 3 })
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
    const xpub = makeXPub({ manual: true })
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
    const xpub = makeXPub({ manual: true })
    const [a, b] = [connectedPipe(xpub), connectedPipe(xpub)]
    subscribe(xpub, a, "A", "A")
    subscribe(xpub, b, "A")
    cancel(xpub, a, "A", "A")
    expect(receiveAll(xpub)).toEqual(["+A", "+A", "+A", "-A", "-A"])
  })

  it("row 28: a peer that leaves ends what it asked for, and what it was given", () => {
    const xpub = makeXPub({ manual: true })
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
    const xpub = makeXPub({ manual: true })
    const pipe = subscribe(xpub, connectedPipe(xpub), "A")
    pipe.lose()
    expect(text(xpub.tryReceive())).toEqual(["\x01A"])
    xpub.subscribe(bytes("A"))
    pipe.connect()
    publish(xpub, "A")
    expect(got(pipe)).toEqual([])
  })

  it("user messages don't change whom the program means", () => {
    const xpub = makeXPub({ manual: true })
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
      expect(() => makeXPub()[method](bytes("A"))).toThrow(expect.objectContaining({ code: "EINVAL" }))
  })
})

describe("XPUB, sending", () => {
  it("test_xpub_welcome_msg: greets every connection, whatever it subscribes to", () => {
    const xpub = makeXPub({ welcomeMessage: bytes("W") })
    const pipe = new FakePipe(xpub).attach()
    expect(pipe.written).toEqual([])
    pipe.connect()
    pipe.lose().connect()
    expect(pipe.written.map(wire => text(wire))).toEqual([["W"], ["W"]])
  })

  it("test_xpub_nodrop: refuses for all while a matching subscriber is full", () => {
    const xpub = makeXPub({ noDrop: true })
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
    const xpub = makeXPub({ invertMatching: true })
    const [a, other] = [subscribe(xpub, connectedPipe(xpub), "a"), connectedPipe(xpub)]
    publish(xpub, "a", "b")
    expect([got(a), got(other)]).toEqual([["b"], ["a", "b"]])
  })
})
