import { describe, expect, it } from "vitest"
import { ReqPattern } from "../../../patterns/req.ts"
import { isProtocolError } from "../../../src/base/errors.ts"
import { connectedPipe, FakePipe, message, text } from "../../support/fake-pipe.ts"

const make = (options: { correlate?: boolean; relaxed?: boolean; probeRouter?: boolean } = {}) =>
  new ReqPattern({ correlate: false, relaxed: false, probeRouter: false, ...options })

/** What the pattern would say to a send and to a receive: yes, or why not. */
const state = (req: ReqPattern) => [
  req.canSend() || req.refusal("send"),
  req.canReceive() || req.refusal("receive"),
]

describe("REQ, state table", () => {
  it.each([
    { relaxed: false, asked: "EFSM" },
    { relaxed: true, asked: true },
  ])("alternates (relaxed: $relaxed)", ({ relaxed, asked }) => {
    const req = make({ relaxed })
    expect(state(req)).toEqual(["EAGAIN", "EFSM"])
    const pipe = connectedPipe(req)
    expect(state(req)).toEqual([true, "EFSM"])
    expect(req.tryReceive()).toBeUndefined()
    expect(req.trySend(message("q"))).toBe(true)
    expect(state(req)).toEqual([asked, "EAGAIN"])
    expect(req.tryReceive()).toBeUndefined()
    pipe.deliver(message("", "a"))
    expect(state(req)).toEqual([asked, true])
    expect(text(req.tryReceive())).toEqual(["a"])
    expect(state(req)).toEqual([true, "EFSM"])
  })

  it("refuses a second request and leaves the first one as it is", () => {
    const req = make()
    const pipe = connectedPipe(req)
    req.trySend(message("1"))
    expect(req.trySend(message("2"))).toBe(false)
    expect(pipe.written.map(text)).toEqual([["", "1"]])
    pipe.deliver(message("", "a"))
    expect(text(req.tryReceive())).toEqual(["a"])
  })

  it("rzmq#11: a refused send or receive changes nothing", () => {
    const req = make()
    const pipe = connectedPipe(req).setRoom(0)
    expect(req.trySend(message("1"))).toBe(false)
    expect(state(req)).toEqual(["EAGAIN", "EFSM"])
    pipe.setRoom(1)
    expect(req.trySend(message("1"))).toBe(true)
  })

  it("libzmq#172: waits for ever when the peer is lost, and does not ask again by itself", () => {
    const req = make()
    const pipe = connectedPipe(req)
    req.trySend(message("q"))
    pipe.lose().connect()
    expect(state(req)).toEqual(["EFSM", "EAGAIN"])
    expect(pipe.written.length).toBe(1)
    pipe.deliver(message("", "late"))
    expect(text(req.tryReceive())).toEqual(["late"])
  })

  it("keeps the reply of a peer that left", () => {
    const req = make()
    const pipe = connectedPipe(req)
    req.trySend(message("q"))
    pipe.deliver(message("", "a")).detach()
    expect(text(req.tryReceive())).toEqual(["a"])
  })
})

describe("REQ, replies", () => {
  it("takes the reply from the peer that was asked only", () => {
    const req = make()
    const [asked, other] = [connectedPipe(req), connectedPipe(req)]
    req.trySend(message("q"))
    other.deliver(message("", "wrong"))
    expect(req.canReceive()).toBe(false)
    asked.deliver(message("", "right")).deliver(message("", "again"))
    expect(text(req.tryReceive())).toEqual(["right"])
    expect(state(req)).toEqual([true, "EFSM"])
  })

  it("takes anybody's reply once the peer that was asked is gone", () => {
    const req = make()
    const [asked, other] = [connectedPipe(req), connectedPipe(req)]
    req.trySend(message("q"))
    asked.detach()
    other.deliver(message("", "mine will do"))
    expect(text(req.tryReceive())).toEqual(["mine will do"])
  })

  it("drops what nobody asked for, and what came before the request", () => {
    const req = make()
    const pipe = connectedPipe(req).deliver(message("", "early"))
    req.trySend(message("q"))
    expect(req.canReceive()).toBe(false)
    expect(pipe.unread).toBe(0)
  })

  it("keeps all parts of a body, empty ones too", () => {
    const req = make()
    const pipe = connectedPipe(req)
    req.trySend(message("", "", "q"))
    expect(pipe.written.map(text)).toEqual([["", "", "", "q"]])
    pipe.deliver(message("", "", "a", ""))
    expect(text(req.tryReceive())).toEqual(["", "a", ""])
  })

  it.each([
    ["no delimiter", ["a"]],
    ["only a delimiter", [""]],
    ["no delimiter but parts", ["a", "b"]],
    ["an id of 3 bytes", ["abc", "", "x"]],
    ["an id of 5 bytes", ["abcde", "", "x"]],
    ["only an id", ["abcd"]],
    ["an id without a delimiter", ["abcd", "x", "y"]],
    ["an id, a delimiter, and nothing after it", ["abcd", ""]],
  ])("ends the connection for %s", (_name, parts) => {
    const req = make()
    const pipe = connectedPipe(req)
    req.trySend(message("q"))
    pipe
      .deliver(message(...parts))
      .deliver(message("", "too late"))
      .deliver(message("bad again"))
    expect(pipe.failures.length).toBe(1)
    expect(pipe.failures.every(isProtocolError)).toBe(true)
    expect((pipe.failures[0] as { reason?: string }).reason).toMatch(/^a reply /)
    expect(pipe.unread).toBe(0)
    expect(req.canReceive()).toBe(false)
    // The next connection starts afresh.
    pipe.lose().connect().deliver(message("", "good"))
    expect(req.canReceive()).toBe(true)
  })

  it("drops a reply with an id when none was sent", () => {
    const req = make()
    const pipe = connectedPipe(req)
    req.trySend(message("q"))
    pipe.deliver(message("abcd", "", "x"))
    expect([pipe.failures.length, req.canReceive()]).toEqual([0, false])
  })
})

describe("REQ, correlate (test_req_correlate)", () => {
  it("numbers its requests and takes only the reply with the number", () => {
    const req = make({ correlate: true })
    const pipe = connectedPipe(req)
    const numbers = [0, 1].map(i => {
      req.trySend(message("q"))
      const [id, delimiter] = pipe.written[i] ?? []
      expect([id?.length, delimiter?.length]).toEqual([4, 0])
      const number = Buffer.from(id ?? []).readUInt32LE()
      const wrong = Buffer.alloc(4)
      wrong.writeUInt32LE((number + 7) >>> 0)
      pipe.deliver([wrong, ...message("", "wrong")]).deliver(message("", "none"))
      expect(req.canReceive()).toBe(false)
      pipe.deliver([id ?? wrong, ...message("", `right ${i}`, "")])
      expect(text(req.tryReceive())).toEqual([`right ${i}`, ""])
      expect(pipe.failures.length).toBe(0)
      return number
    })
    expect(numbers[1]).toBe(((numbers[0] ?? 0) + 1) >>> 0)
  })

  it("keeps its number when a request is refused", () => {
    const req = make({ correlate: true, relaxed: true })
    const pipe = connectedPipe(req)
    const sent = () => Buffer.from(pipe.written.at(-1)?.[0] ?? []).readUInt32LE()
    req.trySend(message("1"))
    const first = sent()
    pipe.setRoom(0)
    for (let i = 0; i < 3; i++) expect(req.trySend(message("refused"))).toBe(false)
    pipe.setRoom(1)
    req.trySend(message("2"))
    expect(sent()).toBe((first + 1) >>> 0)
  })
})

describe("REQ, relaxed (test_req_relaxed)", () => {
  it("gives the pending request up and asks the next peer", () => {
    const req = make({ relaxed: true })
    const [first, second] = [connectedPipe(req), connectedPipe(req)]
    req.trySend(message("1"))
    req.trySend(message("2"))
    expect([first.written.length, second.written.length]).toEqual([1, 1])
    first.deliver(message("", "to 1"))
    expect(req.canReceive()).toBe(false)
    second.deliver(message("", "to 2"))
    expect(text(req.tryReceive())).toEqual(["to 2"])
  })

  it("drops a reply that nobody has received", () => {
    const req = make({ relaxed: true })
    const pipe = connectedPipe(req)
    req.trySend(message("1"))
    pipe.deliver(message("", "to 1"))
    req.trySend(message("2"))
    expect(req.canReceive()).toBe(false)
    pipe.deliver(message("", "to 2"))
    expect(text(req.tryReceive())).toEqual(["to 2"])
  })

  it("with correlate tells a late reply from the awaited one", () => {
    const req = make({ relaxed: true, correlate: true })
    const pipe = connectedPipe(req)
    req.trySend(message("1"))
    req.trySend(message("2"))
    const [id1, id2] = pipe.written.map(wire => wire.slice(0, 2))
    pipe.deliver([...(id1 ?? []), ...message("to 1")])
    expect(req.canReceive()).toBe(false)
    pipe.deliver([...(id2 ?? []), ...message("to 2")])
    expect(text(req.tryReceive())).toEqual(["to 2"])
  })

  it("keeps the pending request when no peer takes the new one", () => {
    const req = make({ relaxed: true })
    const pipe = connectedPipe(req).setRoom(1)
    req.trySend(message("1"))
    expect([req.trySend(message("2")), req.refusal("send")]).toEqual([false, "EAGAIN"])
    pipe.deliver(message("", "to 1"))
    expect(text(req.tryReceive())).toEqual(["to 1"])
  })
})

describe("REQ, before there is a peer", () => {
  it("leaves the request in the pipe", () => {
    const req = make()
    const pipe = new FakePipe(req).attach()
    expect(req.trySend(message("q"))).toBe(true)
    pipe.connect().deliver(message("", "a"))
    expect(text(req.tryReceive())).toEqual(["a"])
  })
})
