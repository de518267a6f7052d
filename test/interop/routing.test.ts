/**
 * DEALER, ROUTER and REQ with libzmq in another process, beyond numbered messages: what libzmq's own tests check
 * (zmtp.md 10: connect_rid, issue_566, probe_router, router_handover, router_mandatory, router_mandatory_hwm,
 * req_correlate, req_relaxed, invalid_rep).
 */
import { describe, expect, it } from "vitest"
import { Dealer, Reply, Request, Router } from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { nextEvent } from "../support/events.ts"
import { open } from "../support/open.ts"
import { Peer } from "../support/peer.ts"
import { base64, Theirs, texts } from "../support/theirs.ts"

const quick = { reconnectInterval: 5, linger: 0 }

async function boundRouter(options = {}): Promise<{ router: Router; endpoint: string }> {
  const router = open(new Router({ ...quick, ...options }))
  const endpoint = await freeEndpoint("tcp")
  await router.bind(endpoint)
  return { router, endpoint }
}

describe("routing ids", () => {
  it("libzmq's anonymous peers get ids of ours, named ones keep theirs", async () => {
    await using peer = await Peer.start("native")
    const { router, endpoint } = await boundRouter()
    for (const options of [{}, { routingId: "named" }]) {
      const theirs = await (await Theirs.open(peer, "Dealer", options)).connect(endpoint)
      await theirs.send("hi")
      const [id] = await router.receive()
      expect("routingId" in options ? String(id) : [id?.length, id?.[0]]).toEqual(
        "routingId" in options ? "named" : [5, 0],
      )
      await router.send([id!, "hello"])
      expect(await theirs.receive()).toEqual(["hello"])
    }
  })

  it("libzmq's ROUTER knows our sockets by theirs", async () => {
    await using peer = await Peer.start("native")
    const endpoint = await freeEndpoint("tcp")
    const theirs = await (await Theirs.open(peer, "Router")).bind(endpoint)
    for (const [routingId, Class] of Object.entries({
      "å dealer": Dealer,
      "a req": Request,
      "a router": Router,
    })) {
      const ours = open(new Class({ ...quick, routingId, probeRouter: true }))
      ours.connect(endpoint)
      expect(await theirs.receive()).toEqual([routingId, ""])
    }
  })

  it("libzmq's probes are received: of its DEALER, ROUTER and REQ (probe_router)", async () => {
    await using peer = await Peer.start("native")
    const { router, endpoint } = await boundRouter()
    for (const type of ["Dealer", "Router", "Request"]) {
      await (await Theirs.open(peer, type, { routingId: type, probeRouter: true })).connect(endpoint)
      expect(texts(await router.receive())).toEqual([type, ""])
    }
  })

  it("a peer of libzmq's that connect() named is sent to before it is there (connect_rid)", async () => {
    await using peer = await Peer.start("native")
    const endpoint = await freeEndpoint("tcp")
    const router = open(new Router({ ...quick, mandatory: true }))
    router.connect(endpoint, { routingId: "x" })
    await router.send(["x", "early"])
    const theirs = await (await Theirs.open(peer, "Router", { routingId: "own" })).bind(endpoint)
    const [id, text] = (await peer.call("receive", theirs.name)) as [string, string]
    expect(Buffer.from(text, "base64").toString()).toBe("early")
    await peer.call("send", theirs.name, [id, ...base64(["back"])])
    expect(texts(await router.receive())).toEqual(["x", "back"])
  })

  it("the second of libzmq's peers with an id waits until it is free, and loses nothing", async () => {
    await using peer = await Peer.start("native")
    const { router, endpoint } = await boundRouter()
    const options = { routingId: "X", reconnectInterval: 5 }
    const first = await (await Theirs.open(peer, "Dealer", options)).connect(endpoint)
    await first.send("Hello")
    expect(texts(await router.receive())).toEqual(["X", "Hello"])
    const waits = nextEvent(router, "handshake:delay")
    const second = await (await Theirs.open(peer, "Dealer", options)).connect(endpoint)
    for (let n = 0; n < 100; n++) await second.send(`${n}`)
    expect((await waits).error).toMatchObject({ code: "EADDRINUSE" })
    await router.send(["X", "to the first"])
    expect(await first.receive()).toEqual(["to the first"])
    await first.close()
    for (let n = 0; n < 100; n++) expect(texts(await router.receive())).toEqual(["X", `${n}`])
    await router.send(["X", "to the second"])
    expect(await second.receive()).toEqual(["to the second"])
  })

  it("the second of libzmq's REQs with an id is answered when the first has left", async () => {
    await using peer = await Peer.start("native")
    const endpoint = await freeEndpoint("tcp")
    const rep = open(new Reply(quick))
    await rep.bind(endpoint)
    const [first, second] = [
      await Theirs.open(peer, "Request", { routingId: "X" }),
      await Theirs.open(peer, "Request", { routingId: "X" }),
    ]
    await first.connect(endpoint)
    await first.send("1")
    await rep.send(await rep.receive())
    expect(await first.receive()).toEqual(["1"])
    const waits = nextEvent(rep, "handshake:delay")
    await second.connect(endpoint)
    await second.send("2")
    expect((await waits).error).toMatchObject({ code: "EADDRINUSE" })
    await first.close()
    await rep.send(await rep.receive())
    expect(await second.receive()).toEqual(["2"])
  })

  it("a peer of libzmq's whose process has died is followed by another with its id", async () => {
    const { router, endpoint } = await boundRouter()
    for (const life of ["first", "second"]) {
      await using peer = await Peer.start("native")
      const theirs = await (await Theirs.open(peer, "Dealer", { routingId: "X" })).connect(endpoint)
      await theirs.send(life)
      expect(texts(await router.receive())).toEqual(["X", life])
    }
  })

  it("with handover the second peer gets the id, and the first is disconnected (router_handover)", async () => {
    await using peer = await Peer.start("native")
    const { router, endpoint } = await boundRouter({ handover: true })
    const first = await Theirs.open(peer, "Dealer", { routingId: "X", reconnectInterval: -1 })
    await peer.call("watch", first.name)
    await first.connect(endpoint)
    await first.send("Hello")
    expect(texts(await router.receive())).toEqual(["X", "Hello"])
    const second = await (await Theirs.open(peer, "Dealer", { routingId: "X" })).connect(endpoint)
    await second.send("Hello")
    expect(texts(await router.receive())).toEqual(["X", "Hello"])
    await router.send(["X", "to the second"])
    expect(await second.receive()).toEqual(["to the second"])
    await peer.call("sees", first.name, "disconnect")
  })
})

describe("mandatory", () => {
  it("EHOSTUNREACH for nobody, and for who has left (router_mandatory)", async () => {
    await using peer = await Peer.start("native")
    const { router, endpoint } = await boundRouter({ mandatory: true, sendTimeout: 0 })
    await expect(router.send(["X", "x"])).rejects.toMatchObject({ code: "EHOSTUNREACH" })
    const theirs = await (await Theirs.open(peer, "Dealer", { routingId: "X" })).connect(endpoint)
    await theirs.send("Hello")
    await router.receive()
    await router.send(["X", "Hello"])
    expect(await theirs.receive()).toEqual(["Hello"])
    const left = nextEvent(router, "disconnect")
    await theirs.close()
    await left
    await expect(router.send(["X", "x"])).rejects.toMatchObject({ code: "EHOSTUNREACH" })
  })

  it("EAGAIN for a peer that doesn't read, until it does (router_mandatory_hwm)", async () => {
    await using peer = await Peer.start("native")
    const { router, endpoint } = await boundRouter({ mandatory: true, sendTimeout: 0, sendHighWaterMark: 1 })
    const theirs = await (
      await Theirs.open(peer, "Dealer", { routingId: "X", receiveHighWaterMark: 1 })
    ).connect(endpoint)
    await theirs.send("Hello")
    await router.receive()
    const body = Buffer.alloc(65536)
    let sent = 0
    // Kernel buffers take what they take; each turn gives them the time to.
    for (let refused = 0; refused < 20; ) {
      if (router.trySend(["X", body])) sent++
      else refused++
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(sent).toBeLessThan(1000)
    await expect(router.send(["X", body])).rejects.toMatchObject({ code: "EAGAIN" })
    router.sendTimeout = -1
    const waiting = router.send(["X", "last"])
    for (let n = 0; n < sent; n++) expect((await theirs.receive())[0]?.length).toBe(body.length)
    await waiting
    expect(await theirs.receive()).toEqual(["last"])
  })

  it.each(["native", "ours"] as const)(
    "100 fresh DEALERs (%s) get an unsolicited message each (issue_566)",
    async library => {
      await using peer = await Peer.start(library)
      const { router, endpoint } = await boundRouter({ mandatory: true, sendTimeout: 0 })
      for (let cycle = 0; cycle < 100; cycle++) {
        const routingId = `${cycle}`
        const theirs = await (await Theirs.open(peer, "Dealer", { routingId })).connect(endpoint)
        const hello = [routingId, "HELLO"]
        while (await router.send(hello).then(() => false, whenUnreachable)) await nextTurn()
        expect(await theirs.receive()).toEqual(["HELLO"])
        await theirs.close()
      }
    },
  )
})

const nextTurn = () => new Promise(resolve => setImmediate(resolve))

function whenUnreachable({ code }: { code?: string }): true {
  expect(code).toBe("EHOSTUNREACH")
  return true
}

describe("REQ and ROUTER", () => {
  it("our correlated REQ skips replies with another id (req_correlate)", async () => {
    await using peer = await Peer.start("native")
    const endpoint = await freeEndpoint("tcp")
    const theirs = await (await Theirs.open(peer, "Router")).bind(endpoint)
    const req = open(new Request({ ...quick, correlate: true }))
    req.connect(endpoint)
    await req.send(["A", "B"])
    const [address, id, ...rest] = (await peer.call("receive", theirs.name)) as [string, string, ...string[]]
    expect([Buffer.from(id, "base64").length, ...rest]).toEqual([4, ...base64(["", "A", "B"])])
    const wrong = Buffer.from(id, "base64").map(byte => byte ^ 1)
    await peer.call("send", theirs.name, [address, ...base64([wrong, "", "wrong id"])])
    await peer.call("send", theirs.name, [address, ...base64(["", "no id"])])
    await peer.call("send", theirs.name, [address, id, ...base64(["", "right"])])
    expect(texts(await req.receive())).toEqual(["right"])
  })

  it("their correlated REQ skips replies with another id of our ROUTER", async () => {
    await using peer = await Peer.start("native")
    const { router, endpoint } = await boundRouter()
    const theirs = await (await Theirs.open(peer, "Request", { correlate: true })).connect(endpoint)
    await theirs.send("A", "B")
    const [address, id, ...rest] = (await router.receive()) as [Buffer, Buffer, ...Buffer[]]
    expect([id.length, ...texts(rest)]).toEqual([4, "", "A", "B"])
    await router.send([address, id.map(byte => byte ^ 1), "", "wrong id"])
    await router.send([address, id, "", "right"])
    expect(await theirs.receive()).toEqual(["right"])
  })

  it("a relaxed, correlated REQ drops the late reply (req_relaxed)", async () => {
    await using peer = await Peer.start("native")
    const endpoint = await freeEndpoint("tcp")
    const theirs = await (await Theirs.open(peer, "Router")).bind(endpoint)
    const req = open(new Request({ ...quick, correlate: true, relaxed: true }))
    req.connect(endpoint)
    await req.send("first")
    await req.send("second")
    for (const question of ["first", "second"]) {
      const [address, id, , body] = (await peer.call("receive", theirs.name)) as [
        string,
        string,
        string,
        string,
      ]
      expect(Buffer.from(body, "base64").toString()).toBe(question)
      await peer.call("send", theirs.name, [address, id, ...base64(["", `${question}!`])])
    }
    expect(texts(await req.receive())).toEqual(["second!"])
  })

  it("a lone id that a ROUTER sends is nothing; the reply after it counts (invalid_rep)", async () => {
    await using peer = await Peer.start("native")
    const { router, endpoint } = await boundRouter()
    const theirs = await (await Theirs.open(peer, "Request")).connect(endpoint)
    await theirs.send("r")
    const [address] = (await router.receive()) as [Buffer]
    await router.send(address)
    await router.send([address, "", "b"])
    expect(await theirs.receive()).toEqual(["b"])
  })
})
