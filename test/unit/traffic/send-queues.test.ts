/** Senders of messages that are for one certain peer: who waits for a full one keeps only those waiting who do too. */
import { describe, expect, it } from "vitest"
import type { Message } from "../../../src/contracts/message.ts"
import { Traffic } from "../../../src/traffic/traffic.ts"
import { TurnBudget } from "../../../src/traffic/turn-budget.ts"
import { message, text } from "../../support/fake-connection.ts"
import { FakePattern } from "../../support/fake-pattern.ts"
import { settled } from "../../support/fake-transport.ts"

/** The first part is the peer; each has room of its own. */
class AddressedPattern extends FakePattern {
  readonly roomOf: Record<string, number> = {}
  /** Whom each trySend() was for. */
  readonly asked: string[] = []
  isAnyoneThere = true

  override canSend(): boolean {
    return this.isAnyoneThere
  }

  override trySend(parts: Message): boolean {
    const peer = String(parts[0])
    this.asked.push(peer)
    if ((this.roomOf[peer] ?? 0) === 0) return false
    this.roomOf[peer]!--
    this.sent.push(parts)
    return true
  }

  addressee([peer]: Message): string {
    return String(peer)
  }
}

function setUp() {
  const pattern = new AddressedPattern()
  const options = { sendTimeout: -1, receiveTimeout: -1, sendHighWaterMark: 0 }
  const traffic = new Traffic(pattern, options, new TurnBudget(100_000))
  const log: string[] = []
  const send = (peer: string, body: string, signal?: AbortSignal) =>
    void traffic.send(message(peer, body), signal).then(
      () => log.push(peer + body),
      error => log.push(`${peer}${body}!${error.code ?? error}`),
    )
  const room = (peer: string, count: number) => {
    pattern.roomOf[peer] = count
    traffic.serveAddressee(peer)
  }
  /** These peers are the only ones that are there. */
  const there = (...peers: string[]) => {
    pattern.refusalOf = parts => (peers.includes(String(parts?.[0])) ? "EAGAIN" : "EHOSTUNREACH")
  }
  const sent = () => pattern.sent.map(parts => text(parts).replace("|", ""))
  return { pattern, options, traffic, log, send, room, sent, there }
}

describe("senders to several peers", () => {
  it("pass those who wait for a full peer, and keep their order at each", async () => {
    const { send, room, sent, log, traffic } = setUp()
    for (const n of ["1", "2", "3"]) for (const peer of ["a", "b"]) send(peer, n)
    room("b", 2)
    expect(sent()).toEqual(["b1", "b2"])
    room("c", 1)
    send("c", "1")
    expect(sent()).toEqual(["b1", "b2", "c1"])
    room("a", 3)
    room("b", 1)
    await settled()
    expect(log).toEqual(["b1", "b2", "c1", "a1", "a2", "a3", "b3"])
    expect(traffic.idle).toBe(true)
  })

  it("don't pass those who wait for the same peer, not even by trySend()", () => {
    const { send, pattern, sent, traffic } = setUp()
    send("a", "1")
    pattern.roomOf.a = 5
    pattern.roomOf.b = 1
    expect(traffic.trySend(message("a", "2"))).toBe(false)
    expect(traffic.trySend(message("b", "1"))).toBe(true)
    traffic.serveWaiting()
    expect(traffic.trySend(message("a", "2"))).toBe(true)
    expect(sent()).toEqual(["b1", "a1", "a2"])
  })

  it("are told when their peer is gone, whether or not others have room; those for others wait on", async () => {
    const { send, pattern, traffic, log, there } = setUp()
    for (const peer of ["a", "b"]) for (const n of ["1", "2"]) send(peer, n)
    pattern.isAnyoneThere = false
    there("b")
    traffic.serveAddressee("a")
    await settled()
    expect(log).toEqual(["a1!EHOSTUNREACH", "a2!EHOSTUNREACH"])
    traffic.close()
    await settled()
    expect(log.slice(2)).toEqual(["b1!EAGAIN", "b2!EAGAIN"])
    expect(traffic.idle).toBe(true)
  })

  it("wait for a peer that isn't there as long as nobody has room, and are told then", async () => {
    const { send, pattern, traffic, log, there } = setUp()
    pattern.isAnyoneThere = false
    there()
    send("a", "1")
    send("b", "1")
    traffic.serveAddressee("c")
    await settled()
    expect(log).toEqual([])
    there("a", "c")
    pattern.roomOf.a = 1
    traffic.serveAddressee("a")
    pattern.isAnyoneThere = true
    traffic.serveAddressee("c")
    await settled()
    expect(log).toEqual(["a1", "b1!EHOSTUNREACH"])
  })

  it("who waited for a peer to come, and now waits for its room, is told when it leaves", async () => {
    const { send, pattern, traffic, log, there } = setUp()
    pattern.isAnyoneThere = false
    there()
    send("a", "1")
    send("a", "2")
    there("a")
    pattern.roomOf.a = 1
    traffic.serveAddressee("a")
    there()
    traffic.serveAddressee("a")
    await settled()
    expect(log).toEqual(["a1", "a2!EHOSTUNREACH"])
  })

  it("cost those nothing who have something for others: only the queue in question is asked", async () => {
    const { send, pattern, traffic, room, log } = setUp()
    for (let n = 0; n < 400; n++) send(`stuck-${n}`, "1")
    send("a", "1")
    await settled()
    pattern.asked.length = 0
    room("a", 1)
    traffic.serveAddressee("elsewhere")
    traffic.serveReceivers()
    pattern.inbox.push(message("received"))
    expect(traffic.tryReceive()).toBeDefined()
    await settled()
    expect(pattern.asked).toEqual(["a"])
    expect(log).toEqual(["a1"])
    traffic.close()
  })

  it("are at most as many at each peer as its high-water mark; one more is refused at once", async () => {
    const { send, pattern, options, room, log } = setUp()
    options.sendHighWaterMark = 2
    for (const n of ["1", "2", "3"]) for (const peer of ["a", "b"]) send(peer, n)
    await settled()
    expect(log).toEqual(["a3!EAGAIN", "b3!EAGAIN"])
    room("a", 2)
    await settled()
    expect(log.slice(2)).toEqual(["a1", "a2"])
    expect(pattern.sent.length).toBe(2)
  })

  it("hold at most 64 MiB for each peer, and one message more; what leaves makes room", async () => {
    const { pattern, options, traffic, room } = setUp()
    options.sendHighWaterMark = 1000
    const body = Buffer.alloc(16 * 1024 * 1024)
    const abort = new AbortController()
    const log: string[] = []
    const send = (peer: string, signal?: AbortSignal) =>
      traffic.send([Buffer.from(peer), body], signal).then(
        () => log.push("sent"),
        error => log.push(error.code ?? error),
      )
    for (let n = 0; n < 6; n++) void send("a", n === 1 ? abort.signal : undefined)
    void send("b")
    await settled()
    expect(log).toEqual(["EAGAIN", "EAGAIN"])
    abort.abort("aborted")
    void send("a")
    await settled()
    expect(log.splice(0)).toEqual(["EAGAIN", "EAGAIN", "aborted"])
    room("a", 10)
    await settled()
    expect([log.length, pattern.sent.length, pattern.roomOf.a]).toEqual([4, 4, 6])
    pattern.roomOf.a = 0
    void send("a")
    await settled()
    expect(log.includes("EAGAIN")).toBe(false)
    traffic.close()
  })

  it("an abort takes out one, and lets the next of the same peer go on", async () => {
    const { send, pattern, log, traffic } = setUp()
    const abort = new AbortController()
    send("a", "1", abort.signal)
    send("a", "2")
    send("b", "1")
    pattern.roomOf.a = 1
    abort.abort("enough")
    await settled()
    expect(log).toEqual(["a1!enough", "a2"])
    pattern.roomOf.b = 1
    traffic.serveAddressee("b")
    await settled()
    expect(traffic.idle).toBe(true)
  })

  it("each have their time", async () => {
    const { send, options, log, traffic } = setUp()
    options.sendTimeout = 1
    send("a", "1")
    send("b", "1")
    while (log.length < 2) await new Promise(resolve => setImmediate(resolve))
    expect(log).toEqual(["a1!EAGAIN", "b1!EAGAIN"])
    expect(traffic.idle).toBe(true)
  })
})

describe("a message that can't be sent in its form", () => {
  it("is refused at once, and throws from trySend()", async () => {
    const { pattern, traffic } = setUp()
    pattern.refusals = "EINVAL"
    await expect(traffic.send(message("a"))).rejects.toMatchObject({ code: "EINVAL" })
    expect(() => traffic.trySend(message("a"))).toThrow(expect.objectContaining({ code: "EINVAL" }))
  })
})
