/** DEALER and ROUTER as a user meets them, on each transport: zeromqjs.md 1.4, 2.3 and 2.11, zmtp.md 5.4 to 5.7. */
import { describe, expect, it } from "vitest"
import { Dealer, Request, Router } from "../../src/index.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { turn } from "../support/events.ts"
import { open } from "../support/open.ts"

const quick = { reconnectInterval: 5, linger: 0 }

const router = (options = {}) => open(new Router({ ...quick, ...options }))
const dealer = (options = {}) => open(new Dealer({ ...quick, ...options }))
const texts = (parts: Buffer[]) => parts.map(String)
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "sent",
    error => error.code as string,
  )

describe.each<Scheme>(["inproc", "ipc", "tcp"])("over %s", scheme => {
  it("a ROUTER answers each of two DEALERs", async () => {
    const endpoint = await freeEndpoint(scheme)
    const server = router()
    await server.bind(endpoint)
    const clients = [dealer(), dealer({ routingId: "b" })]
    for (const [n, client] of clients.entries()) {
      client.connect(endpoint)
      await client.send(["from", `${n}`])
    }
    for (let i = 0; i < 2; i++) {
      const [id, ...message] = await server.receive()
      expect(message[1]?.toString() === "1" ? String(id) : [id?.length, id?.[0]]).toEqual(
        message[1]?.toString() === "1" ? "b" : [5, 0],
      )
      await server.send([id!, ...message])
    }
    for (const [n, client] of clients.entries())
      expect(texts(await client.receive())).toEqual(["from", `${n}`])
  })

  it("a peer that connect() named can be sent to before it is there", async () => {
    const endpoint = await freeEndpoint(scheme)
    const server = router({ mandatory: true, sendTimeout: 0 })
    server.connect(endpoint, { routingId: "remoteId" })
    expect(server.writable).toBe(true)
    await server.send(["remoteId", "hi"])
    expect(await codeOf(server.send(["other", "hi"]))).toBe("EHOSTUNREACH")
    const client = dealer({ routingId: "own" })
    await client.bind(endpoint)
    expect(texts(await client.receive())).toEqual(["hi"])
    await client.send("back")
    expect(texts(await server.receive())).toEqual(["remoteId", "back"])
    const elsewhere = await freeEndpoint(scheme)
    expect(() => server.connect(elsewhere, { routingId: "remoteId" })).toThrow("Invalid argument")
  })

  it("ROUTERs find each other, one named and the other not", async () => {
    const endpoint = await freeEndpoint(scheme)
    const [a, b] = [router({ routingId: "a" }), router({ routingId: "b" })]
    await a.bind(endpoint)
    b.connect(endpoint, { routingId: "server" })
    await b.send(["server", "hello"])
    expect(texts(await a.receive())).toEqual(["b", "hello"])
    await a.send(["b", "hello yourself"])
    expect(texts(await b.receive())).toEqual(["server", "hello yourself"])
  })

  it("probeRouter introduces DEALER, ROUTER and REQ", async () => {
    const endpoint = await freeEndpoint(scheme)
    const server = router({ routingId: "server" })
    await server.bind(endpoint)
    const options = { ...quick, probeRouter: true }
    for (const [name, Class] of Object.entries({ Dealer, Router, Request })) {
      const prober = open(new Class({ ...options, routingId: name }))
      prober.connect(endpoint)
      expect(texts(await server.receive())).toEqual([name, ""])
      await server.send(name === "Request" ? [name, "", "unasked"] : [name, "hello"])
      if (name === "Dealer") expect(texts(await prober.receive())).toEqual(["hello"])
      if (name === "Router") expect(texts(await prober.receive())).toEqual(["server", "hello"])
    }
  })

  it("a DEALER deals out in turn, and receives in turn", async () => {
    const endpoints = [await freeEndpoint(scheme), await freeEndpoint(scheme), await freeEndpoint(scheme)]
    const workers = await Promise.all(
      endpoints.map(async endpoint => {
        const worker = dealer()
        await worker.bind(endpoint)
        return worker
      }),
    )
    const client = dealer()
    for (const endpoint of endpoints) client.connect(endpoint)
    for (let n = 0; n < 9; n++) await client.send(`${n}`)
    for (const [w, worker] of workers.entries()) {
      for (let n = w; n < 9; n += 3) {
        expect(texts(await worker.receive())).toEqual([`${n}`])
        await worker.send(`${n}`)
      }
    }
    const answers = new Set<string>()
    while (answers.size < 9) answers.add(String(await client.receive()))
    expect(client.readable).toBe(false)
  })
})

describe("send() of a mandatory ROUTER (2.3)", () => {
  it("EHOSTUNREACH: at once with sendTimeout 0, at the end of the time, at close()", async () => {
    const server = router({ mandatory: true, sendTimeout: 0 })
    expect(server.writable).toBe(false)
    expect(await codeOf(server.send(["nobody", "x"]))).toBe("EHOSTUNREACH")
    expect(() => server.trySend(["nobody", "x"])).toThrow("Host unreachable")
    server.sendTimeout = 10
    expect(await codeOf(server.send(["nobody", "x"]))).toBe("EHOSTUNREACH")
    server.sendTimeout = -1
    const pending = codeOf(server.send(["nobody", "x"]))
    expect(await Promise.race([pending, turn()])).toBeUndefined()
    server.close()
    expect(await pending).toBe("EHOSTUNREACH")
  })

  it("waits for the peer while nobody is there", async () => {
    const endpoint = await freeEndpoint("inproc")
    const server = router({ mandatory: true })
    await server.bind(endpoint)
    const sent = server.send(["a", "hello"])
    const client = dealer({ routingId: "a" })
    client.connect(endpoint)
    await sent
    expect(texts(await client.receive())).toEqual(["hello"])
  })

  it("EHOSTUNREACH at once, and for who waits, when others are there", async () => {
    const endpoint = await freeEndpoint("inproc")
    const server = router({ mandatory: true })
    await server.bind(endpoint)
    const waiting = codeOf(server.send(["nobody", "x"]))
    const client = dealer({ routingId: "a" })
    client.connect(endpoint)
    expect(await waiting).toBe("EHOSTUNREACH")
    expect(await codeOf(server.send(["nobody", "x"]))).toBe("EHOSTUNREACH")
    expect(await codeOf(server.send(["nobody"]))).toBe("sent")
    expect(await codeOf(server.send(["a", "x"]))).toBe("sent")
  })

  it("waits for a peer at its high-water mark, though another has room", async () => {
    const endpoint = await freeEndpoint("inproc")
    const server = router({ mandatory: true, sendHighWaterMark: 1 })
    await server.bind(endpoint)
    const [slow, free] = [
      dealer({ routingId: "slow", receiveHighWaterMark: 1 }),
      dealer({ routingId: "free" }),
    ]
    for (const client of [slow, free]) {
      client.connect(endpoint)
      await client.send("here")
      await server.receive()
    }
    let count = 0
    while (server.trySend(["slow", `${count}`])) count++
    const waiting = codeOf(server.send(["slow", "waits"]))
    expect(await Promise.race([waiting, turn()])).toBeUndefined()
    server.sendTimeout = 0
    expect(await codeOf(server.send(["slow", "at once"]))).toBe("EAGAIN")
    for (let n = 0; n < count; n++) expect(texts(await slow.receive())).toEqual([`${n}`])
    expect(await waiting).toBe("sent")
    expect(texts(await slow.receive())).toEqual(["waits"])
  })

  it("without mandatory nothing is refused: it is dropped", async () => {
    const server = router({ sendTimeout: 0 })
    expect(server.writable).toBe(true)
    expect(await codeOf(server.send(["nobody", "x"]))).toBe("sent")
    expect(server.trySend(["nobody", "x"])).toBe(true)
  })
})

describe("connect()", () => {
  it("of a DEALER takes one argument", () => {
    const client = dealer() as unknown as Router
    expect(() => client.connect("inproc://x", {})).toThrow(
      new TypeError("Expected 1 argument but received 2"),
    )
  })
})
