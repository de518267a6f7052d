/** ZAP (RFC 27) as libzmq speaks it (zmtp.md 4.7): what a handler is told, and what each of its answers does. */
import { describe, expect, it } from "vitest"
import { Context, Dealer, type EventType, peerOf, Reply, Request, Router } from "../../src/index.ts"
import { recordEvents, until } from "../support/events.ts"
import { open } from "../support/open.ts"

const ZAP = "inproc://zeromq.zap.01"
const ALICE = { plainUsername: "alice", plainPassword: "secret" } as const

type Answer = (request: Buffer[]) => (string | Buffer)[] | undefined

/** A property of metadata. */
function property(name: string, value: string): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(value.length)
  return Buffer.concat([Buffer.of(name.length), Buffer.from(name), size, Buffer.from(value)])
}

const reply =
  (status: string, userId = "", metadata: Buffer | string = ""): Answer =>
  ([version, id]) => [version!, id!, status, "a text", userId, metadata]

/** A context with a handler, which is a REP socket as in the native package's examples. */
async function handled(answer: Answer) {
  const context = new Context()
  const handler = open(new Reply({ context, linger: 0 }))
  await handler.bind(ZAP)
  const requests: string[][] = []
  const serve = async () => {
    for await (const request of handler) {
      requests.push(request.map(String))
      const parts = answer(request)
      if (parts === undefined) return
      await handler.send(parts)
    }
  }
  return { context, handler, requests, served: serve() }
}

/** A server in the context, and a client that connects to it. */
async function pair(context: Context, serverOptions: object, clientOptions: object = {}) {
  const server = open(new Reply({ context, linger: 0, ...serverOptions }))
  await server.bind("tcp://127.0.0.1:*")
  const client = open(new Request({ context, linger: 0, reconnectInterval: 10, ...clientOptions }))
  const events = { server: recordEvents(server), client: recordEvents(client) }
  client.connect(server.lastEndpoint as string)
  return { server, client, events }
}

const typesOf = (events: readonly { type: EventType }[]) => events.map(({ type }) => type)
const failureOf = (events: readonly { type: EventType; error?: Error }[]) =>
  events.find(({ type }) => type.startsWith("handshake:error"))

async function failure(events: { type: EventType }[]) {
  await until(() => failureOf(events) !== undefined)
  return failureOf(events) as { type: string; error: Error }
}

async function roundTrip(client: Request, server: Reply) {
  await client.send("question")
  const question = await server.receive()
  await server.send("answer")
  expect(String(await client.receive())).toBe("answer")
  return question
}

const SERVERS: [mechanism: string, server: object, client: object, credentials: string[]][] = [
  ["NULL", { zapDomain: "here" }, {}, []],
  ["PLAIN", { plainServer: true, zapDomain: "here" }, ALICE, ["alice", "secret"]],
]

describe.each(SERVERS)("%s", (mechanism, serverOptions, clientOptions, credentials) => {
  it("asks with the peer's credentials, and 200 lets it in", async () => {
    const metadata = Buffer.concat([property("Hello", "World"), property("Hello", "again")])
    const { context, requests } = await handled(reply("200", "alice", metadata))
    const { server, client, events } = await pair(
      context,
      { ...serverOptions, routingId: "me" },
      clientOptions,
    )
    const question = await roundTrip(client, server)
    expect(requests).toEqual([["1.0", "1", "here", "127.0.0.1", "me", mechanism, ...credentials]])
    expect(peerOf(question)).toMatchObject({ mechanism, userId: "alice", metadata: { Hello: "World" } })
    expect(events.server.find(({ type }) => type === "handshake")).toMatchObject({ userId: "alice" })
  })

  it.each(["400", "500"])("%s refuses, and the client gives up", async status => {
    const { context } = await handled(reply(status))
    const { events } = await pair(context, serverOptions, clientOptions)
    const { type, error } = await failure(events.server)
    expect(type).toBe("handshake:error:auth")
    expect(error).toMatchObject({ status: Number(status), reason: '"a text"' })
    expect(await failure(events.client)).toMatchObject({
      type: "handshake:error:auth",
      error: { status: Number(status) },
    })
    await until(() => typesOf(events.client).includes("connect:stop"))
    await until(() => typesOf(events.server).includes("disconnect"))
  })

  it("300 refuses, and the client comes again until it is let in", async () => {
    let count = 0
    const { context, requests } = await handled(request => reply(++count < 3 ? "300" : "200")(request))
    const { server, client, events } = await pair(context, serverOptions, clientOptions)
    await roundTrip(client, server)
    expect(requests).toHaveLength(3)
    expect(await failure(events.server)).toMatchObject({
      type: "handshake:error:auth",
      error: { status: 300, message: "Temporary error" },
    })
  })

  const flaws: [flaw: string, answer: Answer, code: string][] = [
    ["too few parts", ([version, id]) => [version!, id!, "200", "", ""], "ERR_ZAP_MALFORMED_REPLY"],
    ["too many parts", request => [...reply("200")(request)!, ""], "ERR_ZAP_MALFORMED_REPLY"],
    ["another request's id", ([version]) => [version!, "2", "200", "", "", ""], "ERR_ZAP_BAD_REQUEST_ID"],
    ["another version", ([, id]) => ["1.1", id!, "200", "", "", ""], "ERR_ZAP_BAD_VERSION"],
    ["status 201", reply("201"), "ERR_ZAP_INVALID_STATUS_CODE"],
    ["status abc", reply("abc"), "ERR_ZAP_INVALID_STATUS_CODE"],
    ["status 2000", reply("2000"), "ERR_ZAP_INVALID_STATUS_CODE"],
    [
      "metadata that is cut off",
      reply("200", "", property("a", "bc").subarray(0, -1)),
      "ERR_ZAP_INVALID_METADATA",
    ],
  ]
  it.each(flaws)("a reply with %s lets nobody in", async (_, answer, code) => {
    const { context } = await handled(answer)
    const { events } = await pair(context, serverOptions, clientOptions)
    expect(await failure(events.server)).toMatchObject({
      type: "handshake:error:protocol",
      error: { message: "ZAP protocol error", code },
    })
    expect(typesOf(events.client)).not.toContain("handshake")
  })

  it("a handler that never answers is waited for until handshakeInterval", async () => {
    const { context, requests } = await handled(() => undefined)
    const { events } = await pair(context, { ...serverOptions, handshakeInterval: 100 }, clientOptions)
    await until(() => requests.length > 0)
    expect(await failure(events.server)).toMatchObject({
      type: "handshake:error:other",
      error: { code: "EAGAIN" },
    })
  })

  it("a handler that dies lets nobody in, and the next one is asked", async () => {
    const { context, handler, requests, served } = await handled(() => undefined)
    const { server, client, events } = await pair(context, serverOptions, clientOptions)
    await until(() => requests.length > 0)
    await served
    handler.close()
    expect(await failure(events.server)).toMatchObject({ type: "handshake:error:other" })
    const next = open(new Reply({ context, linger: 0 }))
    await next.bind(ZAP)
    const asked = next.receive().then(request => next.send(reply("200")(request)!))
    await roundTrip(client, server)
    await asked
  })
})

it("a ROUTER may be the handler, and a second answer does nothing", async () => {
  const context = new Context()
  const handler = open(new Router({ context, linger: 0 }))
  await handler.bind(ZAP)
  const { server, client } = await pair(context, { plainServer: true }, ALICE)
  const [id, delimiter, ...request] = await handler.receive()
  expect(request.map(String)).toEqual(["1.0", "1", "", "127.0.0.1", "", "PLAIN", "alice", "secret"])
  for (const status of ["200", "400"]) await handler.send([id!, delimiter!, ...reply(status)(request)!])
  await roundTrip(client, server)
})

it("a ROUTER that leaves out the delimiter lets nobody in", async () => {
  const context = new Context()
  const handler = open(new Router({ context, linger: 0 }))
  await handler.bind(ZAP)
  const { events } = await pair(context, { plainServer: true }, ALICE)
  const [id, , ...request] = await handler.receive()
  await handler.send([id!, "not empty", ...reply("200")(request)!])
  expect(await failure(events.server)).toMatchObject({ error: { code: "ERR_ZAP_UNSPECIFIED" } })
})

describe("without a handler", () => {
  it("NULL with a domain goes on, PLAIN does not, and zapEnforceDomain forbids both", async () => {
    const context = new Context()
    const { server, client } = await pair(context, { zapDomain: "here" })
    await roundTrip(client, server)
    for (const [options, own] of [
      [{ plainServer: true, zapDomain: "here" }, ALICE],
      [{ zapDomain: "here", zapEnforceDomain: true }, {}],
    ]) {
      const { events } = await pair(context, options!, own)
      expect(await failure(events.server)).toMatchObject({
        type: "handshake:error:other",
        error: { code: "EFAULT", message: "Context is closed" },
      })
    }
  })

  it("NULL without a domain asks nobody, though there is a handler", async () => {
    const { context, requests } = await handled(reply("400"))
    const { server, client } = await pair(context, {})
    await roundTrip(client, server)
    expect(requests).toEqual([])
  })
})

it("NULL asks at the connecting end too, where that has a domain", async () => {
  const { context, requests } = await handled(reply("400"))
  const { events } = await pair(context, {}, { zapDomain: "there" })
  expect(await failure(events.client)).toMatchObject({ type: "handshake:error:auth", error: { status: 400 } })
  expect(await failure(events.server)).toMatchObject({ type: "handshake:error:auth", error: { status: 400 } })
  expect(requests[0]?.slice(2, 4)).toEqual(["there", "127.0.0.1"])
})

it("authenticators come first, and a handler is asked after them where there is a domain", async () => {
  const { context, requests } = await handled(reply("200", "by handler", property("to", "handler")))
  const order: string[] = []
  const authenticate = () => {
    order.push(`hook after ${requests.length}`)
    return { userId: "by hook", metadata: { from: "hook" } }
  }
  const first = await pair(context, { plainServer: true, authenticate }, ALICE)
  expect(peerOf(await roundTrip(first.client, first.server))?.userId).toBe("by hook")
  expect(requests).toHaveLength(0)
  for (const own of [{ plainServer: true }, {}]) {
    const { server, client } = await pair(
      context,
      { ...own, authenticate, zapDomain: "d" },
      "plainServer" in own ? ALICE : {},
    )
    expect(peerOf(await roundTrip(client, server))).toMatchObject({
      userId: "by handler",
      metadata: { from: "hook", to: "handler" },
    })
  }
  expect(order).toEqual(["hook after 0", "hook after 0", "hook after 1"])
})

it("a handler of the program's own context serves sockets without a context", async () => {
  const handler = open(new Reply({ linger: 0 }))
  await handler.bind(ZAP)
  const server = open(new Dealer({ plainServer: true, linger: 0 }))
  await server.bind("tcp://127.0.0.1:*")
  const client = open(new Dealer({ ...ALICE, linger: 0 }))
  client.connect(server.lastEndpoint as string)
  const request = await handler.receive()
  await handler.send(reply("200")(request)!)
  await client.send("a")
  expect(String(await server.receive())).toBe("a")
})

/** A home-made inproc may lack isBound(): then there is no handler. */
it("a context without inproc has no handler", async () => {
  const { tcp } = await import("../../src/index.ts")
  const context = new Context({ transports: [tcp()] })
  const { events } = await pair(context, { plainServer: true }, ALICE)
  expect(await failure(events.server)).toMatchObject({ error: { code: "EFAULT" } })
})
