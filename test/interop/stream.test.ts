/** STREAM beside the native package's: bytes both ways, notifications, and what libzmq's own sockets say to it. */
import { describe, expect, it } from "vitest"
import { Stream } from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { until } from "../support/events.ts"
import { open } from "../support/open.ts"
import { Peer } from "../support/peer.ts"
import { RawPeer } from "../support/raw-peer.ts"

const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64")

describe.each(["native", "ours"] as const)("a STREAM of ours, and a %s one", library => {
  it.each(["tcp", "ipc"] as const)("exchange bytes over %s, and close on each other", async scheme => {
    await using peer = await Peer.start(library)
    const theirs = await peer.call("open", "Stream")
    const ours = open(new Stream())
    const bound = await freeEndpoint(scheme)
    await peer.call("bind", theirs, bound)
    ours.connect(bound, { routingId: "there" })
    await ours.send(["there", "hello"])
    const [id = "", begin] = await peer.call("receive", theirs)
    expect(begin).toBe("")
    expect(Buffer.from(id, "base64").length).toBe(5)
    expect(await peer.call("receive", theirs)).toEqual([id, base64("hello")])
    await peer.call("send", theirs, [id, base64("hello yourself")])
    expect((await ours.receive()).map(String)).toEqual(["there", ""])
    expect((await ours.receive()).map(String)).toEqual(["there", "hello yourself"])
    // An empty message of theirs closes the connection; we are told, and connect again.
    await peer.call("send", theirs, [id, ""])
    // libzmq carries that out only while the socket is used.
    const next = peer.call("receive", theirs)
    expect((await ours.receive()).map(String)).toEqual(["there", ""])
    expect((await ours.receive()).map(String)).toEqual(["there", ""])
    const [again = "", beginAgain] = await next
    expect([beginAgain, again === id]).toEqual(["", false])
    // And one of ours closes it for them.
    await ours.send(["there", "last words"])
    await ours.send(["there", ""])
    expect(await peer.call("receive", theirs)).toEqual([again, base64("last words")])
    expect(await peer.call("receive", theirs)).toEqual([again, ""])
  })

  it("2 MiB arrive whole, in chunks of up to 8192 bytes", async () => {
    await using peer = await Peer.start(library)
    const theirs = await peer.call("open", "Stream")
    const endpoint = await peer.call("bind", theirs, "tcp://127.0.0.1:*")
    const ours = open(new Stream())
    ours.connect(endpoint, { routingId: "there" })
    const [id = ""] = await peer.call("receive", theirs)
    const bytes = Buffer.from(Array.from({ length: 2 << 20 }, (_, i) => (i * 7 + (i >> 8)) & 0xff))
    await peer.call("send", theirs, [id, base64(bytes)])
    await ours.receive()
    const chunks: Buffer[] = []
    for (let length = 0; length < bytes.length; length += chunks.at(-1)?.length ?? 0) {
      const [, chunk] = await ours.receive()
      expect(chunk.length).toBeLessThanOrEqual(8192)
      chunks.push(chunk)
    }
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
  })
})

describe("what a STREAM hears of libzmq's sockets", () => {
  it("a DEALER's greeting, answered by hand, and its handshake", async () => {
    await using native = await Peer.start("native")
    const stream = open(new Stream())
    await stream.bind("tcp://127.0.0.1:*")
    const dealer = await native.call("open", "Dealer", { linger: 0 })
    await native.call("connect", dealer, stream.lastEndpoint as string)
    let heard = ""
    let id: Buffer | undefined
    const hear = async (count: number) => {
      while (heard.length < count) {
        const [from, bytes] = await stream.receive()
        id ??= from
        expect(from).toEqual(id)
        heard += bytes.toString("latin1")
      }
    }
    await hear(10)
    expect([heard[0], heard[9]]).toEqual(["\xff", "\x7f"])
    const greeting = `\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL${"\0".repeat(48)}`
    await stream.send([id!, Buffer.from(greeting, "latin1")])
    await hear(64 + 2)
    expect(heard.slice(12, 16)).toBe("NULL")
    await hear(64 + 2 + heard.charCodeAt(65))
    expect(heard.slice(66, 72)).toBe("\x05READY")
    expect(heard).toContain("DEALER")
  })
})

describe("events", () => {
  /** Without those of the handshake that libzmq tells of where there is none. */
  async function lifeOf(library: "native" | "ours"): Promise<string[]> {
    await using peer = await Peer.start(library)
    const stream = await peer.call("open", "Stream")
    await peer.call("watch", stream)
    const endpoint = await peer.call("bind", stream, "tcp://127.0.0.1:*")
    const leaver = await RawPeer.connect(endpoint)
    await peer.call("receive", stream)
    leaver.end()
    await peer.call("sees", stream, "disconnect")
    await peer.call("receive", stream)
    const guest = await RawPeer.connect(endpoint)
    const [id = ""] = await peer.call("receive", stream)
    await peer.call("send", stream, [id, ""])
    // libzmq carries that out only while the socket is used.
    const pending = peer.call("receive", stream).catch(() => {})
    await until(() => guest.over)
    await peer.call("close", stream)
    await pending
    const seen = await peer.call("sees", stream, "end")
    leaver.destroy()
    return seen.map(({ type }) => type).filter(type => type !== "handshake:error:other")
  }

  it("are the native package's, but for the failed handshake where there was none", async () => {
    const [native, ours] = await Promise.all([lifeOf("native"), lifeOf("ours")])
    expect(native).toEqual(["bind", "accept", "disconnect", "accept", "close", "end"])
    expect(ours).toEqual(native)
  })
})
