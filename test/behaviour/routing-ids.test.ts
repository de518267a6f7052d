/** A routing id is one peer's: what becomes of others that call themselves so, and of all that they send (RFC 28). */
import { describe, expect, it } from "vitest"
import { Dealer, type Event, Reply, Request, Router } from "../../src/index.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { nextEvent, recordEvents, turn, until } from "../support/events.ts"
import { open } from "../support/open.ts"
import { command, GREETING, property, RawPeer } from "../support/raw-peer.ts"

const quick = { reconnectInterval: 5, linger: 0 }

const router = (options = {}) => open(new Router({ ...quick, ...options }))
const dealer = (options = {}) => open(new Dealer({ ...quick, routingId: "same", ...options }))
const texts = (parts: Buffer[]) => parts.map(String)
const count = (events: Event[], type: string) => events.filter(event => event.type === type).length

/** inproc has no handshake that could wait: the peer is refused, and comes again. */
const conflictOn = (scheme: Scheme) => (scheme === "inproc" ? "accept:error" : "handshake:delay")

const CONFLICT = { code: "EADDRINUSE", reason: 'another peer has the routing id "same"' }

describe.each<Scheme>(["inproc", "ipc", "tcp"])("over %s", scheme => {
  it("the second of two peers is told to nobody before the first has left; then all that it sent arrives", async () => {
    const endpoint = await freeEndpoint(scheme)
    const server = router()
    await server.bind(endpoint)
    const [first, second] = [dealer(), dealer()]
    first.connect(endpoint)
    await first.send("first")
    expect(texts(await server.receive())).toEqual(["same", "first"])
    const refused = nextEvent(server, conflictOn(scheme))
    second.connect(endpoint)
    for (let n = 0; n < 100; n++) {
      await second.send(`${n}`)
      await turn()
    }
    expect((await refused).error).toMatchObject(CONFLICT)
    await server.send(["same", "for the first"])
    expect(texts(await first.receive())).toEqual(["for the first"])
    expect(server.readable).toBe(false)
    first.close()
    for (let n = 0; n < 100; n++) expect(texts(await server.receive())).toEqual(["same", `${n}`])
    await server.send(["same", "for the second"])
    expect(texts(await second.receive())).toEqual(["for the second"])
  })

  it.each([
    ["REP", Reply],
    ["ROUTER", Router],
  ])("the second of two REQs at a %s is answered when the first has left", async (_, Server) => {
    const endpoint = await freeEndpoint(scheme)
    const server = open(new Server(quick))
    await server.bind(endpoint)
    const serve = async () => {
      for await (const request of server) await server.send(request)
    }
    void serve()
    const ask = () => open(new Request({ ...quick, routingId: "same" }))
    const [first, second] = [ask(), ask()]
    first.connect(endpoint)
    await first.send("1")
    expect(texts(await first.receive())).toEqual(["1"])
    const refused = nextEvent(server, conflictOn(scheme))
    second.connect(endpoint)
    await second.send("2")
    expect((await refused).error).toMatchObject(CONFLICT)
    first.close()
    expect(texts(await second.receive())).toEqual(["2"])
  })

  it("peers that come in the same turn are no exception", async () => {
    const endpoint = await freeEndpoint(scheme)
    const server = router()
    const peers = Array.from({ length: 5 }, () => dealer())
    // Some before the bind, some after it.
    for (const peer of peers.slice(0, 3)) peer.connect(endpoint)
    await server.bind(endpoint)
    for (const peer of peers.slice(3)) peer.connect(endpoint)
    for (const [n, peer] of peers.entries()) await peer.send(`${n}`)
    const seen = new Set<string>()
    while (seen.size < peers.length) {
      const [, text] = texts(await server.receive())
      seen.add(text!)
      peers[Number(text)]!.close()
    }
    expect(seen).toEqual(new Set(["0", "1", "2", "3", "4"]))
  })

  it("likewise when the ROUTER connects, to two DEALERs of one name", async () => {
    const [one, other] = [await freeEndpoint(scheme), await freeEndpoint(scheme)]
    const [first, second] = [dealer(), dealer({ sendTimeout: 0 })]
    await first.bind(one)
    await second.bind(other)
    const server = router()
    server.connect(one)
    await first.send("first")
    expect(texts(await server.receive())).toEqual(["same", "first"])
    const retried = nextEvent(server, scheme === "inproc" ? "connect:retry" : "handshake:delay")
    server.connect(other)
    await retried
    // Nobody has told it of a peer.
    await expect(second.send("lost")).rejects.toMatchObject({ code: "EAGAIN" })
    second.sendTimeout = -1
    const sent = second.send("second")
    server.disconnect(one)
    await sent
    expect(texts(await server.receive())).toEqual(["same", "second"])
  })

  it("with handover the second takes the id, and the first is closed; what that has sent can be received", async () => {
    const endpoint = await freeEndpoint(scheme)
    const server = router({ handover: true })
    await server.bind(endpoint)
    // Who loses the id must not come back for it.
    const first = dealer({ reconnectInterval: -1 })
    first.connect(endpoint)
    await first.send("first")
    await until(() => server.readable)
    const lost = nextEvent(server, "disconnect")
    const second = dealer()
    second.connect(endpoint)
    expect((await lost).error).toMatchObject({ code: "ECONNABORTED" })
    await second.send("second")
    const received = [texts(await server.receive()), texts(await server.receive())]
    expect(received).toEqual([
      ["same", "first"],
      ["same", "second"],
    ])
    await server.send(["same", "answer"])
    expect(texts(await second.receive())).toEqual(["answer"])
    expect(first.readable).toBe(false)
  })

  it("handover that is switched on lets those in who wait", async () => {
    const endpoint = await freeEndpoint(scheme)
    const server = router()
    await server.bind(endpoint)
    const first = dealer({ reconnectInterval: -1 })
    first.connect(endpoint)
    await first.send("first")
    expect(texts(await server.receive())).toEqual(["same", "first"])
    const refused = nextEvent(server, conflictOn(scheme))
    const second = dealer()
    second.connect(endpoint)
    await second.send("second")
    await refused
    server.handover = true
    expect(texts(await server.receive())).toEqual(["same", "second"])
  })
})

describe.each<Scheme>(["ipc", "tcp"])(
  "a former connection that is still there without its peer, over %s",
  scheme => {
    const halfOpen = async (endpoint: string, id: string) => {
      const peer = await RawPeer.connect(endpoint)
      const properties = Buffer.concat([property("Socket-Type", "DEALER"), property("Identity", id)])
      return peer.write(GREETING, command("READY", properties))
    }

    it("keeps those who come back waiting, each with one connection, and costs no message", async () => {
      const endpoint = await freeEndpoint(scheme)
      const server = router()
      await server.bind(endpoint)
      const events = recordEvents(server)
      const names = Array.from({ length: 50 }, (_, n) => `peer ${n}`)
      const former = await Promise.all(names.map(name => halfOpen(endpoint, name)))
      await until(() => count(events, "handshake") === names.length)
      const peers = names.map(routingId => dealer({ routingId }))
      for (const peer of peers) peer.connect(endpoint)
      for (let n = 0; n < 20; n++) {
        for (const peer of peers) await peer.send(`${n}`)
        await turn()
      }
      await until(() => count(events, "handshake:delay") === names.length)
      for (const peer of former) peer.reset()
      const next = new Map(names.map(name => [name, 0]))
      for (let n = 0; n < names.length * 20; n++) {
        const [name = "", text] = texts(await server.receive())
        expect(text).toBe(`${next.get(name)}`)
        next.set(name, next.get(name)! + 1)
      }
      expect(count(events, "accept")).toBe(2 * names.length)
    })

    it("gives way to the latest of the connections that wait: the others may be dead, too", async () => {
      const endpoint = await freeEndpoint(scheme)
      const server = router()
      await server.bind(endpoint)
      const events = recordEvents(server)
      const former = await halfOpen(endpoint, "same")
      await until(() => count(events, "handshake") === 1)
      const dead = await halfOpen(endpoint, "same")
      await until(() => count(events, "handshake:delay") === 1)
      const alive = dealer()
      alive.connect(endpoint)
      await alive.send("here")
      await until(() => count(events, "handshake:delay") === 2)
      former.reset()
      expect(texts(await server.receive())).toEqual(["same", "here"])
      dead.destroy()
    })

    it("keeps a peer waiting for as long as a handshake may take, and then refuses it with the reason", async () => {
      const endpoint = await freeEndpoint(scheme)
      const server = router({ handshakeInterval: 100 })
      await server.bind(endpoint)
      const former = await halfOpen(endpoint, "same")
      await nextEvent(server, "handshake")
      const refused = nextEvent(server, "handshake:error:other")
      const peer = dealer()
      const again = nextEvent(peer, "connect:retry")
      peer.connect(endpoint)
      await peer.send("kept")
      expect((await refused).error).toMatchObject(CONFLICT)
      await again
      former.reset()
      expect(texts(await server.receive())).toEqual(["same", "kept"])
    })

    it("forgets a peer that leaves while it waits", async () => {
      const endpoint = await freeEndpoint(scheme)
      const server = router()
      await server.bind(endpoint)
      const events = recordEvents(server)
      const former = await halfOpen(endpoint, "same")
      await until(() => count(events, "handshake") === 1)
      const early = await halfOpen(endpoint, "same")
      await until(() => count(events, "handshake:delay") === 1)
      early.reset()
      await until(() => count(events, "disconnect") === 1)
      former.reset()
      await until(() => count(events, "disconnect") === 2)
      expect(count(events, "handshake")).toBe(1)
    })
  },
)

describe.each<Scheme>(["inproc", "ipc", "tcp"])("a peer that a ROUTER dials, over %s", scheme => {
  it("has its routing id again when it comes back", async () => {
    const endpoint = await freeEndpoint(scheme)
    const server = router()
    server.connect(endpoint)
    for (const life of ["first", "second", "third"]) {
      const peer = dealer()
      await peer.bind(endpoint)
      await peer.send(life)
      expect(texts(await server.receive())).toEqual(["same", life])
      await server.send(["same", `${life} answer`])
      expect(texts(await peer.receive())).toEqual([`${life} answer`])
      const lost = scheme === "inproc" ? undefined : nextEvent(server, "disconnect")
      await peer.unbind(endpoint)
      peer.close()
      await lost
    }
  })
})
