/** A connection without a protocol: contracts.ts (Connection), zmtp.md 5.8. */
import { describe, expect, it } from "vitest"
import { RawConnection } from "../../../src/connections/raw-connection.ts"
import type { ConnectionSink, UnreadMessages } from "../../../src/contracts/connection.ts"
import type { Message } from "../../../src/contracts/message.ts"
import { turn, until } from "../../support/events.ts"
import { type MemoryStream, memoryPair } from "../../support/memory-stream.ts"

/** Owns a connection and writes down what it is told. */
class Owner implements ConnectionSink {
  readonly chunks: Buffer[] = []
  readonly closings: (Error | undefined)[] = []
  drains = 0
  #unread: UnreadMessages | undefined
  onMessage: () => void = () => {}

  constructor(readonly connection: RawConnection) {
    connection.open(this)
  }

  get text(): string {
    return this.chunks.map(chunk => (chunk.length === 0 ? "|" : chunk.toString("latin1"))).join("")
  }

  message(message: Message): void {
    expect(this.closings).toEqual([])
    expect(message.length).toBe(1)
    expect(Buffer.isBuffer(message[0])).toBe(true)
    this.chunks.push(message[0] as Buffer)
    this.onMessage()
  }

  control(): void {
    expect.fail("there are no controls")
  }

  drain(): void {
    this.drains++
  }

  closed(error?: Error, unread?: UnreadMessages): void {
    this.closings.push(error)
    this.#unread = unread
  }

  /** Takes what the connection has left behind. */
  takeUnread(): void {
    for (let message = this.#unread?.next(); message !== undefined; message = this.#unread?.next())
      this.chunks.push(message[0] as Buffer)
  }
}

/** The far end as a plain stream. */
class Far {
  received = ""
  closed = false
  constructor(readonly stream: MemoryStream) {}

  listen(): this {
    this.stream.open({
      data: chunk => {
        this.received += Buffer.from(chunk).toString("latin1")
      },
      drain() {},
      closed: () => {
        this.closed = true
      },
    })
    return this
  }

  say(text: string): this {
    this.stream.write([Buffer.from(text, "latin1")])
    return this
  }
}

function setUp(notify = true) {
  const [near, far] = memoryPair()
  return { owner: new Owner(new RawConnection(near, notify)), stream: near, far: new Far(far).listen() }
}

describe("receiving", () => {
  it.each([
    [true, "|hello|"],
    [false, "hello"],
  ])("with notify %s", async (notify, text) => {
    const { owner, far } = setUp(notify)
    far.say("hel").say("lo").stream.end()
    await until(() => owner.closings.length > 0)
    expect(owner.text).toBe(text)
    expect(owner.closings).toEqual([undefined])
  })

  it("tells of the connection before anything is said, and not from inside open()", async () => {
    const { owner } = setUp()
    expect(owner.text).toBe("")
    await turn()
    expect(owner.text).toBe("|")
  })

  it("cuts what is longer than 8192 bytes", async () => {
    const { owner, far } = setUp(false)
    const bytes = Array.from({ length: 20_000 }, (_, i) => String.fromCharCode(i % 251)).join("")
    far.say(bytes)
    await until(() => owner.chunks.length === 3)
    expect(owner.chunks.map(({ length }) => length)).toEqual([8192, 8192, 3616])
    expect(owner.text).toBe(bytes)
  })

  it("stops in the middle of what was read, and reads nothing more, until resume()", async () => {
    const { owner, stream, far } = setUp(false)
    owner.onMessage = () => owner.connection.pause()
    far.say("x".repeat(10_000)).say("y")
    for (const count of [1, 2, 3]) {
      await until(() => owner.chunks.length === count)
      for (let i = 0; i < 3; i++) await turn()
      expect([owner.chunks.length, stream.paused]).toEqual([count, true])
      owner.connection.resume()
      expect(owner.chunks.length).toBe(count)
    }
    expect(owner.text).toBe(`${"x".repeat(10_000)}y`)
  })

  it("paused while the peer leaves: tells so, and what it brought can be taken, its end last", async () => {
    const { owner, stream, far } = setUp()
    owner.onMessage = () => owner.connection.pause()
    await until(() => owner.chunks.length === 1)
    owner.connection.resume()
    far.say("z".repeat(9000))
    await until(() => owner.chunks.length === 2)
    stream.break(new Error("reset"))
    await until(() => owner.closings.length > 0)
    expect([owner.chunks.length, owner.closings]).toEqual([2, [new Error("reset")]])
    owner.takeUnread()
    expect(owner.text).toBe(`|${"z".repeat(9000)}|`)
    expect(owner.chunks.map(({ length }) => length)).toEqual([0, 8192, 808, 0])
  })

  it("after a failed write reads to the end although it is paused", async () => {
    const { owner, stream, far } = setUp()
    owner.onMessage = () => owner.connection.pause()
    await until(() => owner.chunks.length === 1)
    far.say("unread").stream.destroy()
    for (let i = 0; i < 3; i++) await turn()
    expect(owner.closings).toEqual([])
    stream.failWrite()
    expect(owner.connection.send([Buffer.from("x")])).toBe(false)
    await until(() => owner.closings.length > 0)
    owner.takeUnread()
    expect(owner.text).toBe("|unread|")
  })

  it("after a failed write doesn't let a peer that still sends fill the memory", async () => {
    const { owner, stream, far } = setUp()
    owner.onMessage = () => owner.connection.pause()
    await until(() => owner.chunks.length === 1)
    stream.failWrite()
    while (owner.closings.length === 0) {
      far.say("x".repeat(1024 * 1024))
      await turn()
    }
    owner.takeUnread()
    expect(owner.text.length).toBeGreaterThan(8 * 1024 * 1024)
    expect(owner.text.length).toBeLessThan(10 * 1024 * 1024)
  })
})

describe("sending", () => {
  it("writes what it is given as it is", async () => {
    const { owner, far } = setUp()
    expect(owner.connection.send([Buffer.from("GET ")])).toBe(true)
    expect(owner.connection.send([Buffer.from("/")])).toBe(true)
    await until(() => far.received === "GET /")
    // For all that is known here.
    expect(owner.connection.unconfirmed).toBe(2)
  })

  it("advises to wait when the stream does, and tells when there is room again", async () => {
    const { owner, stream, far } = setUp()
    far.stream.pause()
    const big = Buffer.alloc(50_000, "x")
    expect([owner.connection.send([big]), owner.connection.send([big])]).toEqual([true, false])
    owner.connection.send([big])
    await turn()
    expect(owner.drains).toBe(0)
    far.stream.resume()
    await until(() => owner.drains === 1)
    expect([far.received.length, stream.writes]).toEqual([150_000, 3])
  })

  it("knows no controls", async () => {
    const { owner, far } = setUp()
    owner.connection.control()
    owner.connection.send([Buffer.from("x")])
    await until(() => far.received === "x")
  })
})

describe("closing", () => {
  it("end() delivers what was sent, and tells nothing but the close", async () => {
    const { owner, far } = setUp()
    await turn()
    owner.connection.send([Buffer.from("bye")])
    owner.connection.end()
    owner.connection.end()
    expect(owner.connection.send([Buffer.from("late")])).toBe(false)
    far.say("unheard")
    await until(() => owner.closings.length > 0 && far.closed)
    expect([far.received, owner.text, owner.closings.length]).toEqual(["bye", "|", 1])
  })

  it("end() reads on, so that the close of a paused one is noticed", async () => {
    const { owner, far } = setUp()
    owner.connection.pause()
    far.say("x")
    await turn()
    owner.connection.end()
    await until(() => far.closed && owner.closings.length > 0)
    expect(owner.text).toBe("")
  })

  it.each(["before open()", "from inside message()", "paused", "after end()", "twice"])(
    "destroy() %s",
    async when => {
      const [near, far] = memoryPair()
      const connection = new RawConnection(near, true)
      if (when === "before open()") connection.destroy()
      const owner = new Owner(connection)
      new Far(far).listen().say("x".repeat(9000))
      if (when === "from inside message()") owner.onMessage = () => connection.destroy()
      else if (when === "paused") connection.pause()
      else if (when === "after end()") connection.end()
      if (when !== "from inside message()") connection.destroy()
      if (when === "twice") connection.destroy()
      await until(() => owner.closings.length > 0)
      for (let i = 0; i < 3; i++) await turn()
      expect(owner.closings.length).toBe(1)
      expect(owner.text).toBe(when === "from inside message()" ? "|" : "")
      connection.destroy()
      connection.end()
      connection.resume()
      expect(connection.send([Buffer.from("x")])).toBe(false)
    },
  )

  it("destroy() of one that the peer has left, before anybody was told", async () => {
    const { owner, stream } = setUp()
    owner.connection.pause()
    stream.break(new Error("reset"))
    owner.connection.destroy()
    expect(owner.closings).toEqual([])
    await until(() => owner.closings.length > 0)
    owner.takeUnread()
    expect([owner.text, owner.closings]).toEqual(["", [new Error("reset")]])
  })
})
