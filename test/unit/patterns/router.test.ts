/** ROUTER: zmtp.md 5.7, zmq_socket(3), and the options of zmq_setsockopt(3). */
import { describe, expect, it } from "vitest"
import { RouterPattern } from "../../../patterns/router.ts"
import { isProtocolError } from "../../../src/base/errors.ts"
import { connectedPipe, FakePipe, message, text } from "../../support/fake-pipe.ts"

const make = (options: { mandatory?: boolean; handover?: boolean; probeRouter?: boolean } = {}) =>
  new RouterPattern({ mandatory: false, handover: false, probeRouter: false, ...options })

const id = (name: string) => ({ routingId: Buffer.from(name, "latin1") })

function join(router: RouterPattern, name?: string): FakePipe {
  return connectedPipe(router, name === undefined ? {} : id(name))
}

/** A pipe whose connect() gave the peer a name. */
function named(router: RouterPattern, name: string): FakePipe {
  const pipe = new FakePipe(router)
  pipe.connectRoutingId = Buffer.from(name, "latin1")
  return pipe.attach()
}

/** The id that the router gives to messages of the pipe. */
function labelOf(router: RouterPattern, pipe: FakePipe): Buffer {
  pipe.deliver(message("who am I"))
  return Buffer.from(router.tryReceive()?.[0] ?? [])
}

describe("ROUTER, routing ids", () => {
  it("gives anonymous peers five bytes: a zero, and a number that goes up by one", () => {
    const router = make()
    const labels = [join(router), join(router, ""), join(router)].map(pipe => labelOf(router, pipe))
    for (const label of labels) expect([label.length, label[0]]).toEqual([5, 0])
    const [a = 0, b, c] = labels.map(label => label.readUInt32BE(1))
    expect([b, c]).toEqual([(a + 1) >>> 0, (a + 2) >>> 0])
  })

  it("starts anywhere, so that the ids of another life reach nobody", () => {
    const first = (router: RouterPattern) => labelOf(router, join(router)).toString("hex")
    const starts = new Set(Array.from({ length: 20 }, () => first(make())))
    expect(starts.size).toBeGreaterThan(15)
  })

  it.each(["a", "\0\x01\x02\x03\x04", "\0", "\xff\xfe\0", "x".repeat(300)])(
    "takes the peer's own: %j",
    name => {
      const router = make()
      const pipe = join(router, name)
      expect(labelOf(router, pipe).toString("latin1")).toBe(name)
      router.trySend(message(name, "x"))
      expect(pipe.written.map(text)).toEqual([["x"]])
    },
  )

  it("passes over numbers that a peer has taken for itself", () => {
    const router = make()
    const first = labelOf(router, join(router))
    const next = Buffer.from(first)
    next.writeUInt32BE((first.readUInt32BE(1) + 1) >>> 0, 1)
    const copycat = join(router, next.toString("latin1"))
    const third = labelOf(router, join(router))
    expect(third.readUInt32BE(1)).toBe((first.readUInt32BE(1) + 2) >>> 0)
    expect(copycat.failures).toEqual([])
  })

  it("hands each message an id of its own, so that the program may alter it", () => {
    const router = make()
    const pipe = join(router, "abc")
    labelOf(router, pipe).fill("x")
    expect(String(labelOf(router, pipe))).toBe("abc")
  })

  it("keeps the id through reconnects on the same pipe, and what is queued meanwhile", () => {
    const router = make()
    const pipe = join(router)
    const label = labelOf(router, pipe)
    pipe.lose()
    router.trySend([label, Buffer.from("queued")])
    pipe.connect()
    expect(labelOf(router, pipe)).toEqual(label)
    expect(pipe.written.map(text)).toEqual([["queued"]])
  })

  it("calls a peer as connect() does, from the start, whatever it calls itself", () => {
    const router = make({ mandatory: true })
    const pipe = named(router, "mine")
    expect(router.trySend(message("mine", "early"))).toBe(true)
    pipe.connect(id("its own"))
    expect(String(labelOf(router, pipe))).toBe("mine")
    expect(router.trySend(message("its own", "x"))).toBe(false)
    expect(router.trySend(message("mine", "late"))).toBe(true)
    expect(pipe.written.map(text)).toEqual([["early"], ["late"]])
  })

  it("tells which names are in use", () => {
    const router = make()
    join(router, "peer")
    const pipe = named(router, "mine")
    const inUse = () => ["peer", "mine", "nobody"].map(name => router.hasPeer(Buffer.from(name)))
    expect(inUse()).toEqual([true, true, false])
    pipe.detach()
    expect(inUse()).toEqual([true, false, false])
  })

  it("a peer that isn't there yet, and has no name, can't be addressed", () => {
    const router = make({ mandatory: true })
    const pipe = new FakePipe(router).attach()
    expect(router.trySend(message("a", "x"))).toBe(false)
    pipe.connect(id("a"))
    expect(router.trySend(message("a", "x"))).toBe(true)
  })
})

describe("ROUTER, who has an id already", () => {
  it("without handover the first keeps it, and the second is closed with a reason", () => {
    const router = make()
    const [first, second] = [join(router, "a"), join(router, "a")]
    expect(second.failures).toEqual([
      expect.objectContaining({ code: "EADDRINUSE", reason: 'another peer has the routing id "a"' }),
    ])
    // It may dial again: the id may be free by then.
    expect(isProtocolError(second.failures[0])).toBe(false)
    router.trySend(message("a", "x"))
    second.deliver(message("ignored"))
    expect([first.written.length, second.written.length, router.canReceive()]).toEqual([1, 0, false])
    second.detach()
    router.trySend(message("a", "y"))
    expect([first.failures.length, first.written.length]).toEqual([0, 2])
  })

  it("without handover the id is free once the first has left, even if unread messages of it are there", () => {
    const router = make()
    const first = join(router, "a").deliver(message("of the first"))
    first.detach()
    const second = join(router, "a").deliver(message("of the second"))
    expect(second.failures).toEqual([])
    expect([text(router.tryReceive()), text(router.tryReceive())]).toEqual([
      ["a", "of the first"],
      ["a", "of the second"],
    ])
    router.trySend(message("a", "x"))
    expect(second.written.length).toBe(1)
  })

  it("a peer that was refused gets the id at its next attempt, when it is free", () => {
    const router = make()
    const [first, second] = [join(router, "a"), join(router, "a")]
    second.lose()
    first.detach()
    second.connect(id("a"))
    router.trySend(message("a", "x"))
    expect([second.written.length, second.failures.length]).toEqual([1, 1])
  })

  it("with handover the second takes it, and the first is closed with a reason, its unread messages kept", () => {
    const router = make({ handover: true })
    const first = join(router, "a").deliver(message("unread"))
    const second = join(router, "a")
    expect(first.failures).toEqual([
      expect.objectContaining({ code: "ECONNABORTED", reason: 'another peer took over the routing id "a"' }),
    ])
    expect(isProtocolError(first.failures[0])).toBe(false)
    expect(text(router.tryReceive())).toEqual(["a", "unread"])
    expect(router.canReceive()).toBe(false)
    router.trySend(message("a", "x"))
    first.detach()
    router.trySend(message("a", "y"))
    expect([first.written.length, second.written.length]).toEqual([0, 2])
    expect(String(labelOf(router, second))).toBe("a")
  })

  it("with handover a name that connect() gave can be taken too, and is taken back at the next connection", () => {
    const router = make({ handover: true })
    const ours = named(router, "a").connect()
    const theirs = join(router, "a")
    expect(ours.failures.length).toBe(1)
    ours.lose().connect()
    expect(theirs.failures.length).toBe(1)
    router.trySend(message("a", "x"))
    expect([ours.written.length, theirs.written.length]).toEqual([1, 0])
  })

  it("handover is felt at once", () => {
    const options = { mandatory: false, handover: false, probeRouter: false }
    const router = new RouterPattern(options)
    const first = join(router, "a")
    options.handover = true
    join(router, "a")
    expect(first.failures.length).toBe(1)
  })
})

describe("ROUTER, sending", () => {
  it("takes the id off, and leaves the rest as it is", () => {
    const router = make()
    const [a, b] = [join(router, "a"), join(router, "b")]
    router.trySend(message("a", "", "x", ""))
    router.trySend(message("b", ""))
    expect([a.written.map(text), b.written.map(text)]).toEqual([[["", "x", ""]], [[""]]])
  })

  it.each([false, true])("takes a lone id for nothing to send (mandatory: %s)", mandatory => {
    const router = make({ mandatory })
    const pipe = join(router, "a")
    for (const name of ["a", "nobody", ""]) expect(router.trySend(message(name))).toBe(true)
    expect(pipe.written).toEqual([])
  })

  it("drops what can't be delivered: the peer is unknown, has left, or is full", () => {
    const router = make()
    expect(router.canSend()).toBe(true)
    const [full, left] = [join(router, "full"), join(router, "left")]
    full.setRoom(0)
    left.detach()
    for (const name of ["full", "left", "nobody", ""]) expect(router.trySend(message(name, "x"))).toBe(true)
    expect([full.written, left.written]).toEqual([[], []])
  })

  it("mandatory: refuses what can't be delivered, and says why", () => {
    const router = make({ mandatory: true })
    const [full, left, free] = [join(router, "full"), join(router, "left"), join(router, "free")]
    full.setRoom(0)
    left.detach()
    for (const [name, reason] of [
      ["full", "EAGAIN"],
      ["left", "EHOSTUNREACH"],
      ["nobody", "EHOSTUNREACH"],
      ["", "EHOSTUNREACH"],
    ] as const) {
      expect(router.trySend(message(name, "x"))).toBe(false)
      expect(router.refusal("send", message(name, "x"))).toBe(reason)
    }
    expect(router.trySend(message("free", "x"))).toBe(true)
    full.setRoom(1)
    expect(router.trySend(message("full", "x"))).toBe(true)
    expect([full, left, free].map(({ written }) => written.length)).toEqual([1, 0, 1])
  })

  it("mandatory: can send while some peer has room", () => {
    const router = make({ mandatory: true })
    expect(router.canSend()).toBe(false)
    new FakePipe(router).attach()
    expect(router.canSend()).toBe(false)
    const [a, b] = [join(router, "a"), join(router, "b")]
    a.setRoom(0)
    expect(router.canSend()).toBe(true)
    b.setRoom(0)
    expect(router.canSend()).toBe(false)
    named(router, "c")
    expect(router.canSend()).toBe(true)
  })

  it("mandatory is felt at once", () => {
    const options = { mandatory: false, handover: false, probeRouter: false }
    const router = new RouterPattern(options)
    expect(router.trySend(message("a", "x"))).toBe(true)
    options.mandatory = true
    expect(router.trySend(message("a", "x"))).toBe(false)
  })

  it("an id that is too long to be anybody's is an unknown one", () => {
    const router = make({ mandatory: true })
    const pipe = connectedPipe(router, { routingId: Buffer.alloc(255) })
    // More bytes than a string has room for; untouched, they take no memory.
    for (const size of [256, 2 ** 29]) {
      const sent = [Buffer.alloc(size), ...message("x")]
      expect([router.trySend(sent), router.refusal("send", sent)]).toEqual([false, "EHOSTUNREACH"])
      expect(router.hasPeer(sent[0]!)).toBe(false)
      expect(router.addressee(sent)).not.toBe(router.addressee([Buffer.alloc(255)]))
    }
    expect(router.trySend([Buffer.alloc(255), ...message("x")])).toBe(true)
    expect(pipe.written.length).toBe(1)
  })
})

describe("ROUTER, receiving", () => {
  it("puts the id in front, and leaves the rest as it is", () => {
    const router = make()
    join(router, "a").deliver(message("", "x", ""))
    expect(text(router.tryReceive())).toEqual(["a", "", "x", ""])
  })

  it("waits for messages, never for a peer that isn't there", () => {
    expect(make().refusal("receive")).toBe("EAGAIN")
    expect(make({ mandatory: true }).refusal("receive")).toBe("EAGAIN")
  })

  it("names what a peer has left behind", () => {
    const router = make()
    const pipe = join(router)
    const label = labelOf(router, pipe)
    pipe.deliver(message("1")).deliver(message("2")).detach()
    expect([router.tryReceive()?.[0], router.tryReceive()?.[0]]).toEqual([label, label])
  })
})
