import { afterEach, describe, expect, it, vi } from "vitest"
import { isProtocolError } from "../../../src/base/errors.ts"
import { upgradeToZmtp } from "../../../src/connections/upgrade-to-zmtp.ts"
import type { ZmtpOptions } from "../../../src/connections/zmtp-options.ts"
import type { Connection, ConnectionSink, UnreadMessages } from "../../../src/contracts/connection.ts"
import type { Control, Message } from "../../../src/contracts/message.ts"
import { encodeGreeting } from "../../../src/zmtp/greeting.ts"
import { turn, until } from "../../support/events.ts"
import { fakeClock } from "../../support/fake-clock.ts"
import { type MemoryStream, memoryPair } from "../../support/memory-stream.ts"
import { bytes, GREETING, local, READY, ZMTP_OPTIONS } from "../../support/zmtp.ts"

vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))

afterEach(() => {
  vi.useRealTimers()
})

const fakeTimers = () => fakeClock()

/** Owns a connection and writes down what it is told. */
class Owner implements ConnectionSink {
  readonly messages: string[][] = []
  readonly controls: string[] = []
  drains = 0
  writeFailures = 0
  unread: UnreadMessages | undefined
  readonly closings: (Error | undefined)[] = []
  readonly whenClosed: Promise<void>
  onMessage: () => void = () => {}
  #resolve = () => {}
  #wanted = 0
  #reached = () => {}

  constructor(readonly connection: Connection) {
    this.whenClosed = new Promise(resolve => {
      this.#resolve = resolve
    })
    connection.open(this)
  }

  message(message: Message): void {
    expect(this.closings).toEqual([])
    this.messages.push(message.map(part => Buffer.from(part).toString("latin1")))
    this.onMessage()
    if (this.messages.length >= this.#wanted) this.#reached()
  }

  control({ type, topic }: Control): void {
    this.controls.push(`${type} ${Buffer.from(topic).toString("latin1")}`)
  }

  drain(): void {
    this.drains++
  }

  writeFailed(): void {
    this.writeFailures++
  }

  closed(error?: Error, unread?: UnreadMessages): void {
    this.closings.push(error)
    this.unread = unread
    this.#resolve()
  }

  /** Takes what the connection has left behind. */
  takeUnread(): string[][] {
    const taken: string[][] = []
    for (let message = this.unread?.next(); message !== undefined; message = this.unread?.next())
      taken.push(message.map(part => Buffer.from(part).toString("latin1")))
    return taken
  }

  received(count: number): Promise<void> {
    this.#wanted = count
    if (this.messages.length >= count) return Promise.resolve()
    return new Promise(resolve => {
      this.#reached = resolve
    })
  }
}

async function connected(options: Partial<ZmtpOptions> = {}) {
  const streams = memoryPair()
  const settings = { ...ZMTP_OPTIONS, ...options }
  const [left, right] = await Promise.all([
    upgradeToZmtp(streams[0], local("DEALER", "me"), settings),
    upgradeToZmtp(streams[1], local("ROUTER"), settings),
  ])
  return { streams, left, right }
}

/** A connection whose far end is bytes only. */
async function facing(options: Partial<ZmtpOptions> = {}) {
  const [stream, far] = memoryPair()
  const answers: Buffer[] = []
  far.open({ data: chunk => answers.push(Buffer.from(chunk)), drain() {}, closed() {} })
  far.write([GREETING, READY])
  const connection = await upgradeToZmtp(stream, local("PULL"), { ...ZMTP_OPTIONS, ...options })
  return { connection, stream, far, received: () => Buffer.concat(answers) }
}

const text = (...parts: string[]): Message => parts.map(part => Buffer.from(part))

describe("a connection", () => {
  it("tells who is there, and where", async () => {
    const { left, right } = await connected()
    expect(left.peer).toEqual({ socketType: "ROUTER", routingId: Buffer.alloc(0) })
    expect(right.peer).toEqual({ socketType: "DEALER", routingId: Buffer.from("me") })
    expect([left.local, left.remote]).toEqual(["memory://left", "memory://right"])
  })

  it("reads on only when the session has no rest, though its sink pauses and resumes at each message", async () => {
    const { connection, stream, far } = await facing()
    const owner = new Owner(connection)
    await turn()
    const paused: boolean[] = []
    owner.onMessage = () => {
      paused.push(stream.paused)
      connection.pause()
      connection.resume()
    }
    far.write([bytes('00 01 "a" 00 01 "b" 00 01 "c" 00 01 "d"')])
    await owner.received(4)
    expect(paused).toEqual([false, true, true, true])
    far.write([bytes('00 01 "e"')])
    await owner.received(5)
  })

  it.each([0, 5, 11])(
    "answers a last PING while it is paused, though that comes in pieces: %d bytes first",
    async first => {
      const { connection, stream, far, received } = await facing()
      const owner = new Owner(connection)
      owner.onMessage = () => connection.pause()
      const input = bytes('00 01 "a" 00 01 "b" 04 0A 04 "PING" 00 00 "end"')
      const at = input.length - 12 + first
      far.write([input.subarray(0, at)])
      await owner.received(1)
      // It is read ahead, so that the peer's end is noticed.
      stream.resume()
      far.write([input.subarray(at)])
      await until(() => received().includes("\x04PONGend"))
      expect(owner.messages).toEqual([["a"]])
    },
  )

  it("carries messages and control both ways", async () => {
    const { left, right } = await connected()
    const [a, b] = [new Owner(left), new Owner(right)]
    expect(left.send(text("x", "", "y"))).toBe(true)
    left.control({ type: "subscribe", topic: Buffer.from("t") })
    left.send([Buffer.alloc(3_000_000, "z")])
    right.send(text("back"))
    await Promise.all([a.received(1), b.received(2)])
    expect(a.messages).toEqual([["back"]])
    expect(b.messages).toEqual([["x", "", "y"], ["z".repeat(3_000_000)]])
    expect(b.controls).toEqual(["subscribe t"])
  })

  it("holds messages until somebody listens", async () => {
    const { left, right, streams } = await connected()
    left.send(text("early"))
    await turn()
    await turn()
    expect(streams[1].paused).toBe(true)
    const owner = new Owner(right)
    expect(owner.messages).toEqual([])
    await owner.received(1)
    expect(owner.messages).toEqual([["early"]])
  })

  it("an await loop of sends is one write; a lone send leaves in its own turn", async () => {
    const { left, streams } = await connected()
    await turn()
    const before = streams[0].writes
    for (let i = 0; i < 100; i++) {
      left.send(text("m"))
      await Promise.resolve()
    }
    await turn()
    expect(streams[0].writes - before).toBe(1)
  })

  it("says when to wait, and when there is room again", async () => {
    const { left, right } = await connected()
    const [a, b] = [new Owner(left), new Owner(right)]
    let sent = 0
    const payload = Buffer.alloc(10_000)
    right.pause()
    while (left.send([payload])) sent++
    sent++
    expect(sent).toBeGreaterThan(10)
    expect(sent).toBeLessThan(40)
    await turn()
    expect(a.drains).toBe(0)
    right.resume()
    await b.received(sent)
    await until(() => a.drains > 0)
    expect(a.drains).toBe(1)
    expect(left.send([payload])).toBe(true)
    await b.received(sent + 1)
  })

  it("pauses in the middle of a chunk, holding back the peer, and goes on", async () => {
    const { left, right, streams } = await connected()
    const owner = new Owner(right)
    owner.onMessage = () => right.pause()
    for (const name of ["a", "b", "c"]) left.send(text(name))
    await owner.received(1)
    await turn()
    expect(owner.messages).toEqual([["a"]])
    expect(streams[1].paused).toBe(true)
    right.resume()
    expect(owner.messages).toEqual([["a"]])
    await owner.received(2)
    owner.onMessage = () => {
      right.pause()
      right.resume()
    }
    right.resume()
    await owner.received(3)
    await turn()
    expect(streams[1].paused).toBe(false)
  })
})

describe("a failed write", () => {
  async function stuck() {
    const { left, right, streams } = await connected()
    const owner = new Owner(right)
    owner.onMessage = () => right.pause()
    for (let n = 0; n < 5; n++) left.send([Buffer.alloc(30_000, `${n}`)])
    await owner.received(1)
    await turn()
    return { left, right, streams, owner }
  }

  it("lets the input be read to its end although the connection is paused, and the end be told", async () => {
    const { left, right, streams, owner } = await stuck()
    streams[1].failWrite()
    expect(owner.writeFailures).toBe(1)
    expect(right.send(text("nobody there"))).toBe(false)
    left.end()
    await owner.whenClosed
    expect(owner.messages.length).toBe(1)
    expect(owner.takeUnread().map(([part]) => part![0])).toEqual(["1", "2", "3", "4"])
    expect([owner.drains, owner.writeFailures]).toEqual([0, 1])
  })

  it("delivers as usual what is wanted", async () => {
    const { left, right, streams, owner } = await stuck()
    streams[1].failWrite()
    owner.onMessage = () => {}
    right.resume()
    await owner.received(5)
    left.end()
    await owner.whenClosed
    expect([owner.messages.length, owner.takeUnread()]).toEqual([5, []])
  })

  it("doesn't let a peer that still sends fill the memory", async () => {
    const { left, streams, owner } = await stuck()
    streams[1].failWrite()
    let sent = 0
    while (owner.closings.length === 0) {
      left.send([Buffer.alloc(1024 * 1024)])
      sent++
      await turn()
    }
    expect(sent).toBeGreaterThan(7)
    expect(owner.unread!.bytes).toBeGreaterThan(8 * 1024 * 1024)
    expect(owner.unread!.bytes).toBeLessThan(10 * 1024 * 1024)
  })

  it("of a connection that is ended or destroyed meanwhile brings nothing more", async () => {
    for (const giveUp of [(c: Connection) => c.end(), (c: Connection) => c.destroy()]) {
      const { right, streams, owner } = await stuck()
      streams[1].failWrite()
      giveUp(right)
      await owner.whenClosed
      expect([owner.messages.length, owner.takeUnread()]).toEqual([1, []])
    }
  })
})

describe("the end of a connection", () => {
  it("end() delivers what was sent; both ends are told once, without an error", async () => {
    const { left, right } = await connected()
    const [a, b] = [new Owner(left), new Owner(right)]
    for (let i = 0; i < 50; i++) left.send([Buffer.alloc(5000)])
    left.end()
    left.end()
    expect(left.send(text("late"))).toBe(false)
    expect(a.closings).toEqual([])
    await Promise.all([a.whenClosed, b.whenClosed])
    await turn()
    expect(b.messages.length).toBe(50)
    expect([...a.closings, ...b.closings]).toEqual([undefined, undefined])
  })

  it("what the peer sends after end() is dropped, even while paused", async () => {
    const { left, right } = await connected()
    const [a, b] = [new Owner(left), new Owner(right)]
    left.pause()
    right.send(text("late"))
    left.end()
    await Promise.all([a.whenClosed, b.whenClosed])
    expect(a.messages).toEqual([])
  })

  it("destroy() tells its error later, once, and to nobody else", async () => {
    const { left, right } = await connected()
    const [a, b] = [new Owner(left), new Owner(right)]
    const error = new Error("enough")
    left.destroy(error)
    left.destroy(new Error("more"))
    expect(a.closings).toEqual([])
    await Promise.all([a.whenClosed, b.whenClosed])
    await turn()
    expect(a.closings).toEqual([error])
    expect(b.closings).toEqual([undefined])
  })

  it("destroy() from inside message() is the end of messages", async () => {
    const { left, right } = await connected()
    const owner = new Owner(right)
    owner.onMessage = () => right.destroy()
    for (let i = 0; i < 3; i++) left.send(text("m"))
    await owner.whenClosed
    expect(owner.messages.length).toBe(1)
  })

  it("is told although no messages are wanted; those can be taken afterwards, one by one", async () => {
    const { left, right, streams } = await connected()
    const owner = new Owner(right)
    owner.onMessage = () => right.pause()
    left.send(text("a"))
    left.control({ type: "subscribe", topic: Buffer.from("for nobody") })
    for (const name of ["b", "c"]) left.send(text(name, "more"))
    await owner.received(1)
    streams[1].break(new Error("reset"))
    await owner.whenClosed
    expect(owner.closings).toMatchObject([{ message: "reset" }])
    expect(right.send(text("nobody there"))).toBe(false)
    right.resume()
    await turn()
    expect([owner.messages, owner.controls]).toEqual([[["a"]], []])
    expect(owner.unread?.bytes).toBeGreaterThan(10)
    expect(owner.takeUnread()).toEqual([
      ["b", "more"],
      ["c", "more"],
    ])
    expect(owner.takeUnread()).toEqual([])
  })

  it("what a lost connection has left is dropped when nobody wants the connection", async () => {
    for (const giveUp of [(c: Connection) => c.end(), (c: Connection) => c.destroy()]) {
      const [stream, far] = memoryPair()
      far.open({ data() {}, drain() {}, closed() {} })
      far.write([Buffer.concat([GREETING, READY, bytes(`00 01 "a"`)])])
      const right = await upgradeToZmtp(stream, local("PULL"), ZMTP_OPTIONS)
      stream.break(new Error("reset"))
      await turn()
      giveUp(right)
      const owner = new Owner(right)
      await owner.whenClosed
      expect([owner.messages, owner.takeUnread()]).toEqual([[], []])
    }
  })

  it("a break of the protocol in what is left ends it there, and harms nobody", async () => {
    const { connection, stream, far } = await facing()
    const owner = new Owner(connection)
    owner.onMessage = () => connection.pause()
    far.write([bytes(`00 01 "a"  00 01 "b"  04 05 04 "JUNK"  04 00  00 01 "c"`)])
    await owner.received(1)
    stream.break(new Error("reset"))
    await owner.whenClosed
    expect(owner.takeUnread().slice(0, 1)).toEqual([["b"]])
    expect(owner.closings).toMatchObject([{ message: "reset" }])
  })

  it("a close before open() is told after open()", async () => {
    const { left, right } = await connected()
    left.send(text("a"))
    left.end()
    await turn()
    await turn()
    const owner = new Owner(right)
    await owner.whenClosed
    expect(owner.messages).toEqual([["a"]])
  })

  it("a partial message is dropped with its connection", async () => {
    const { connection, far } = await facing()
    const owner = new Owner(connection)
    far.write([bytes(`00 01 "a" 01 01 "b" 01 05 "c"`)])
    far.end()
    await owner.whenClosed
    expect(owner.messages).toEqual([["a"]])
    expect(owner.closings).toEqual([undefined])
  })

  it("a broken protocol destroys the stream, delivers what was good, and forbids dialling again", async () => {
    const { connection, far, stream } = await facing({ maxMessageSize: 5 })
    const owner = new Owner(connection)
    far.write([bytes(`00 01 "a" 00 06 "bbbbbb"`)])
    await owner.whenClosed
    expect(owner.messages).toEqual([["a"]])
    expect(owner.closings).toMatchObject([{ code: "EMSGSIZE" }])
    expect(isProtocolError(owner.closings[0])).toBe(true)
    expect(stream.isClosed).toBe(true)
  })
})

describe("an upgrade that fails leaves a destroyed stream and no timer", () => {
  async function refused(
    use: (far: MemoryStream) => void,
    options: Partial<ZmtpOptions> = {},
    signal?: AbortSignal,
  ) {
    const [stream, far] = memoryPair()
    const upgrade = upgradeToZmtp(
      stream,
      local("PULL"),
      { ...ZMTP_OPTIONS, ...options },
      signal && { signal },
    )
    use(far)
    const error: unknown = await upgrade.then(
      () => undefined,
      reason => reason,
    )
    expect(stream.isClosed).toBe(true)
    return error
  }

  it("a peer of another kind", async () => {
    const error = await refused(far => far.write([Buffer.from("GET / HTTP/1.1\r\n")]))
    expect(error).toMatchObject({ code: "ERR_ZMTP_UNSPECIFIED" })
  })
  it("another mechanism", async () => {
    const error = await refused(far => {
      far.write([encodeGreeting("PLAIN", false)])
      far.end()
    })
    expect(error).toMatchObject({ code: "ERR_ZMTP_MECHANISM_MISMATCH" })
  })
  it("a close during the greeting, as libzmq's refusal of a mechanism looks", async () => {
    const error = await refused(far => {
      far.write([GREETING.subarray(0, 11)])
      far.end()
    })
    expect(error).toMatchObject({ code: "EPIPE", reason: "the peer closed during the greeting" })
    expect(isProtocolError(error)).toBe(false)
  })
  it("a close during the handshake, with the stream's own error", async () => {
    const [stream, far] = memoryPair()
    const upgrade = upgradeToZmtp(stream, local("PULL"), ZMTP_OPTIONS)
    far.write([GREETING])
    await turn()
    await turn()
    stream.break(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }))
    await expect(upgrade).rejects.toMatchObject({
      code: "ECONNRESET",
      reason: "the peer closed during the handshake",
    })
  })
  it("READY not within the handshake interval", async () => {
    fakeTimers()
    const error = await refused(
      far => {
        far.write([GREETING])
        vi.advanceTimersByTime(500)
      },
      { handshakeInterval: 500 },
    )
    expect(error).toMatchObject({ code: "EAGAIN", reason: expect.stringContaining("500 ms") })
    expect(vi.getTimerCount()).toBe(0)
  })
  it("the handshake timer is gone after success and after every failure", async () => {
    fakeTimers()
    await connected({ handshakeInterval: 500 })
    await refused(far => far.write([Buffer.from("xx")]), { handshakeInterval: 500 })
    await refused(far => far.end(), { handshakeInterval: 500 })
    expect(vi.getTimerCount()).toBe(0)
  })
  it("an aborted signal, before and during", async () => {
    expect(await refused(() => {}, {}, AbortSignal.abort("early"))).toBe("early")
    const control = new AbortController()
    expect(await refused(() => control.abort(), {}, control.signal)).toMatchObject({ name: "AbortError" })
  })
  it("an abort after the handshake does nothing", async () => {
    const control = new AbortController()
    const [stream, far] = memoryPair()
    far.write([GREETING, READY])
    const connection = await upgradeToZmtp(stream, local("PULL"), ZMTP_OPTIONS, { signal: control.signal })
    control.abort()
    expect(stream.isClosed).toBe(false)
    connection.destroy()
  })
})

describe("heartbeats", () => {
  it("PING after the interval; silence is ETIMEDOUT, after which dialling again is right", async () => {
    fakeTimers()
    const { connection, received } = await facing({
      heartbeatInterval: 100,
      heartbeatTimeout: 50,
      heartbeatTimeToLive: 300,
    })
    const owner = new Owner(connection)
    await turn()
    vi.advanceTimersByTime(100)
    await until(() => received().includes("PING"))
    expect(received().subarray(-9)).toEqual(bytes(`04 07 04 "PING" 0003`))
    vi.advanceTimersByTime(50)
    await owner.whenClosed
    expect(owner.closings).toMatchObject([{ code: "ETIMEDOUT" }])
    expect(isProtocolError(owner.closings[0])).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })

  it("two peers that PING each other stay together", async () => {
    fakeTimers()
    const { left, right } = await connected({ heartbeatInterval: 100, heartbeatTimeout: 90 })
    const [a, b] = [new Owner(left), new Owner(right)]
    for (let i = 0; i < 50; i++) {
      vi.advanceTimersByTime(50)
      for (let k = 0; k < 6; k++) await turn()
    }
    expect([...a.closings, ...b.closings]).toEqual([])
    left.destroy()
    await Promise.all([a.whenClosed, b.whenClosed])
    expect(vi.getTimerCount()).toBe(0)
  })

  it("a ttl the peer doesn't keep is ETIMEDOUT", async () => {
    fakeTimers()
    const { connection, far } = await facing()
    const owner = new Owner(connection)
    far.write([bytes(`04 07 04 "PING" 0002 00 01 "m"`)])
    await owner.received(1)
    vi.advanceTimersByTime(200)
    await owner.whenClosed
    expect(owner.closings).toMatchObject([{ code: "ETIMEDOUT" }])
  })

  it("a PING that is read once the link is lost sets no time limit", async () => {
    fakeTimers()
    const { connection, stream, far } = await facing()
    const owner = new Owner(connection)
    owner.onMessage = () => connection.pause()
    far.write([bytes(`00 01 "m" 04 07 04 "PING" 0002`)])
    await owner.received(1)
    stream.break(new Error("reset"))
    await turn()
    connection.resume()
    await owner.whenClosed
    expect(vi.getTimerCount()).toBe(0)
  })

  it("while we are paused, silence is no reason", async () => {
    fakeTimers()
    const { connection } = await facing({ heartbeatInterval: 100 })
    const owner = new Owner(connection)
    await turn()
    connection.pause()
    vi.advanceTimersByTime(5000)
    await turn()
    expect(owner.closings).toEqual([])
    connection.destroy()
    await owner.whenClosed
  })
})
