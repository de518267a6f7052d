/** PAIR as documented: each test stands for a sentence of zmq_socket(3) or zmq_connect(3). */
import { describe, expect, it, onTestFinished } from "vitest"
import { Pair } from "../../src/index.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { nextEvent, recordEvents, until } from "../support/events.ts"
import { Peer } from "../support/peer.ts"

function pair(options?: ConstructorParameters<typeof Pair>[0]): Pair {
  const socket = new Pair({ reconnectInterval: 5, ...options })
  onTestFinished(() => socket.close())
  return socket
}

const text = (message: Buffer[]) => message.map(String).join("|")

describe.each<Scheme>(["inproc", "ipc", "tcp"])("PAIR over %s", scheme => {
  it("can only be connected to a single peer: a further incoming connection is closed, and shows as an event", async () => {
    const endpoint = await freeEndpoint(scheme)
    const bound = pair()
    await bound.bind(endpoint)
    const first = pair()
    first.connect(endpoint)
    await first.send("one")
    expect(text(await bound.receive())).toBe("one")

    const refused = nextEvent(bound, "accept:error")
    const second = pair({ sendTimeout: 0 })
    second.connect(endpoint)
    expect((await refused).error).toMatchObject({
      code: "EISCONN",
      reason: "a PAIR socket has at most one peer",
    })

    // The first conversation goes on; nothing of the second one is ever heard.
    await second.send("intruder").catch(() => {})
    await first.send("two")
    expect(text(await bound.receive())).toBe("two")
    await bound.send("for the first")
    expect(text(await first.receive())).toBe("for the first")
    expect(second.readable).toBe(false)
  })

  it("what further peers send goes to nobody else, and is delivered when their turn comes", async () => {
    const endpoint = await freeEndpoint(scheme)
    const bound = pair()
    const peers = [pair(), pair(), pair()]
    // All at the same time: each believes that it may be the one.
    peers[0]!.connect(endpoint)
    await bound.bind(endpoint)
    peers[1]!.connect(endpoint)
    peers[2]!.connect(endpoint)
    for (const [n, peer] of peers.entries())
      for (const word of ["a", "b", "c"]) await peer.send(`${n}${word}`)
    const heard = new Set<number>()
    while (heard.size < peers.length) {
      const [n] = text(await bound.receive())
      expect([text(await bound.receive()), text(await bound.receive())]).toEqual([`${n}b`, `${n}c`])
      heard.add(Number(n))
      peers[Number(n)]!.close()
    }
  })

  it("a second local connect is an error", async () => {
    const socket = pair()
    const endpoint = await freeEndpoint(scheme)
    socket.connect(endpoint)
    const again = () => socket.connect(endpoint)
    expect(again).toThrow(expect.objectContaining({ code: "EISCONN", address: endpoint }))
    socket.disconnect(endpoint)
    expect(again).not.toThrow()
  })

  it("connect before bind works: an attempt that never reached anybody is made again", async () => {
    const endpoint = await freeEndpoint(scheme)
    const connecting = pair()
    connecting.connect(endpoint)
    await connecting.send("early")
    if (scheme !== "inproc") await nextEvent(connecting, "connect:retry")
    const bound = pair()
    await bound.bind(endpoint)
    expect(text(await bound.receive())).toBe("early")
  })

  it("does not reconnect after an established connection was lost", async () => {
    const endpoint = await freeEndpoint(scheme)
    const bound = pair()
    await bound.bind(endpoint)
    const connecting = pair()
    connecting.connect(endpoint)
    await connecting.send("hello")
    await bound.receive()
    const seen = recordEvents(connecting)
    bound.close()
    await until(() => !connecting.writable)

    const again = pair()
    await again.bind(endpoint)
    const visits = recordEvents(again)
    const other = pair()
    other.connect(endpoint)
    await other.send("a new friend")
    expect(text(await again.receive())).toBe("a new friend")
    expect(visits.filter(({ type }) => type === "accept").length).toBe(scheme === "inproc" ? 0 : 1)
    expect(seen.map(({ type }) => type)).not.toContain("connect:retry")
    expect(() => connecting.disconnect(endpoint)).toThrow(expect.objectContaining({ code: "ENOENT" }))
  })

  it("after the loss the application may connect again", async () => {
    const endpoint = await freeEndpoint(scheme)
    const connecting = pair()
    for (const life of ["first", "second"]) {
      const bound = pair()
      await bound.bind(endpoint)
      connecting.connect(endpoint)
      await connecting.send(life)
      expect(text(await bound.receive())).toBe(life)
      bound.close()
      await until(() => !connecting.writable)
    }
  })

  it("send blocks while no peer is connected, and messages are not discarded", async () => {
    const endpoint = await freeEndpoint(scheme)
    const bound = pair()
    await bound.bind(endpoint)
    expect(bound.writable).toBe(false)
    const sent = bound.send("waiting")
    const connecting = pair()
    connecting.connect(endpoint)
    await sent
    expect(text(await connecting.receive())).toBe("waiting")
  })

  it("send blocks at the high-water mark, and messages are not discarded", async () => {
    const endpoint = await freeEndpoint(scheme)
    const bound = pair({ receiveHighWaterMark: 2 })
    await bound.bind(endpoint)
    const connecting = pair({ sendHighWaterMark: 2, sendTimeout: 0 })
    connecting.connect(endpoint)
    let sent = 0
    const body = Buffer.alloc(scheme === "inproc" ? 1 : 1 << 20)
    for (let full = false; !full; ) {
      await connecting.send([String(sent), body]).then(
        () => sent++,
        error => {
          expect(error.code).toBe("EAGAIN")
          full = true
        },
      )
    }
    for (let n = 0; n < sent; n++) expect((await bound.receive())[0]?.toString()).toBe(String(n))
  })

  it("no routing or filtering is performed: all parts arrive as they were, both ways", async () => {
    const endpoint = await freeEndpoint(scheme)
    const bound = pair()
    await bound.bind(endpoint)
    const connecting = pair()
    connecting.connect(endpoint)
    await connecting.send(["", "\u0001topic", ""])
    expect(text(await bound.receive())).toBe("|\u0001topic|")
    await bound.send(["", "\u0000", "x"])
    expect(text(await connecting.receive())).toBe("|\u0000|x")
  })

  it("the place is free again once the connection has closed, and what the old peer sent can still be read", async () => {
    const endpoint = await freeEndpoint(scheme)
    const bound = pair()
    await bound.bind(endpoint)
    const first = pair()
    first.connect(endpoint)
    await first.send("first, one")
    await first.send("first, two")
    await until(() => bound.readable)
    first.close()
    await until(() => !bound.writable)
    const second = pair()
    second.connect(endpoint)
    await second.send("second, one")
    await bound.send("welcome")
    expect(text(await second.receive())).toBe("welcome")
    expect(text(await bound.receive())).toBe("first, one")
    expect(text(await bound.receive())).toBe("first, two")
    expect(text(await bound.receive())).toBe("second, one")
  })
})

describe.each<Scheme>(["ipc", "tcp"])("PAIR over %s, a previous connection that is still closing", scheme => {
  it("keeps the place: a new incoming connection is closed until it is gone", async () => {
    const endpoint = await freeEndpoint(scheme)
    const away = await freeEndpoint(scheme)
    const peer = pair({ receiveHighWaterMark: 1 })
    await peer.bind(away)
    const bound = pair()
    await bound.bind(endpoint)
    bound.connect(away)
    // More than the peer and the kernel take: the disconnect lingers.
    const body = Buffer.alloc(1 << 20)
    for (let n = 0; n < 30; n++) await bound.send(body)
    bound.disconnect(away)

    const refused = nextEvent(bound, "accept:error")
    const second = pair()
    second.connect(endpoint)
    expect((await refused).error).toMatchObject({ code: "EISCONN" })
    second.close()

    for (let n = 0; n < 30; n++) expect((await peer.receive())[0]?.length).toBe(body.length)
    const third = pair()
    await until(() => !peer.writable)
    third.connect(endpoint)
    await third.send("now")
    expect(text(await bound.receive())).toBe("now")
  })
})

describe.each<Scheme>(["ipc", "tcp"])("PAIR over %s against libzmq", scheme => {
  it("closes a second libzmq peer while the first one is served", async () => {
    const endpoint = await freeEndpoint(scheme)
    const bound = pair()
    await bound.bind(endpoint)
    await using first = await Peer.start("native")
    await using second = await Peer.start("native")
    const one = await first.call("open", "Pair")
    await first.call("connect", one, endpoint)
    await first.call("send", one, [Buffer.from("one").toString("base64")])
    expect(text(await bound.receive())).toBe("one")
    const refused = nextEvent(bound, "accept:error")
    await second.call("connect", await second.call("open", "Pair"), endpoint)
    expect((await refused).error).toMatchObject({ code: "EISCONN" })
    await bound.send("still yours")
    expect(Buffer.from((await first.call("receive", one))[0] ?? "", "base64").toString()).toBe("still yours")
  })
})
