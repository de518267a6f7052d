/** The hook `authenticate`: who is asked about whom, what an answer does, and how peers are refused. */
import { describe, expect, it } from "vitest"
import {
  type Authenticator,
  type AuthenticatorAnswer,
  Dealer,
  type PeerToAuthenticate,
  Reply,
  Request,
  Router,
} from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { nextEvent, until } from "../support/events.ts"
import { open } from "../support/open.ts"
import { RawPeer } from "../support/raw-peer.ts"

const ALICE = { plainUsername: "alice", plainPassword: "secret" } as const

async function server(authenticate: Authenticator | Authenticator[], options = {}) {
  const reply = open(new Reply({ authenticate, linger: 0, ...options }))
  await reply.bind("tcp://127.0.0.1:*")
  return { reply, endpoint: reply.lastEndpoint as string }
}

function client(endpoint: string, options = {}) {
  const request = open(new Request({ linger: 0, reconnectInterval: 10, ...options }))
  request.connect(endpoint)
  return request
}

async function roundTrip(request: Request, reply: Reply): Promise<string> {
  const asked = request.send("question")
  const [question] = await reply.receive()
  await reply.send(`${question}!`)
  await asked
  return String(await request.receive())
}

describe.each(["tcp", "ipc"] as const)("a PLAIN server over %s", scheme => {
  it("lets in whom its authenticator lets in, and tells it who that is", async () => {
    const asked: PeerToAuthenticate[] = []
    const reply = open(
      new Reply({
        plainServer: true,
        authenticate: peer => {
          asked.push(peer)
          return peer.username === "alice" && peer.password === "secret"
        },
      }),
    )
    const endpoint = await freeEndpoint(scheme)
    await reply.bind(endpoint)
    expect(await roundTrip(client(endpoint, ALICE), reply)).toBe("question!")
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({
      mechanism: "PLAIN",
      address: scheme === "tcp" ? "127.0.0.1" : "localhost",
      endpoint,
      username: "alice",
      socketType: undefined,
      publicKey: undefined,
    })
    expect(asked[0]?.signal.aborted).toBe(false)
  })

  it("refuses all others, which then give up", async () => {
    const reply = open(new Reply({ plainServer: true, authenticate: () => ({ reason: "unknown to us" }) }))
    const endpoint = await freeEndpoint(scheme)
    await reply.bind(endpoint)
    const atServer = nextEvent(reply, "handshake:error:auth")
    const request = open(new Request({ linger: 0, ...ALICE }))
    const atClient = nextEvent(request, "handshake:error:auth")
    const stopped = nextEvent(request, "connect:stop")
    request.connect(endpoint)
    expect((await atServer).error).toMatchObject({
      message: "Authentication failure",
      status: 400,
      reason: "unknown to us",
    })
    const { error } = await atClient
    expect(error).toMatchObject({ message: "Authentication failure", status: 400 })
    expect(JSON.stringify(error)).not.toContain("unknown to us")
    expect((await stopped).error).toMatchObject({ status: 400 })
  })
})

describe("answers of an authenticator", () => {
  const refusing: [title: string, answer: () => unknown, status: number, reason: RegExp][] = [
    ["false", () => false, 400, /false/],
    ["nothing", () => {}, 400, /undefined/],
    ["null", () => null, 400, /null/],
    ["a text", () => "yes", 400, /yes/],
    ["a reason", () => ({ reason: "why" }), 400, /^why$/],
    ["a reason and a status", () => ({ reason: "why", status: 500 }), 500, /^why$/],
    ["an odd status", () => ({ status: 200 }), 400, /refused/],
    ["a user id that is no text", () => ({ userId: 7 }), 500, /user id/],
    ["a user id that was not found", () => ({ userId: undefined, metadata: {} }), 500, /user id/],
    ["metadata that is no text", () => ({ metadata: { a: 1 } }), 500, /metadata/],
    ["metadata that is a list", () => ({ metadata: ["x"] }), 500, /metadata/],
    ["an empty object", () => ({}), 500, /neither/],
    ["no rows of a database", () => [], 500, /neither/],
    ["an error that is returned", () => new Error("denied"), 500, /neither/],
    ["another object", () => ({ ok: false }), 500, /neither/],
    ["a map", () => new Map([["userId", "alice"]]), 500, /neither/],
    ["a boxed boolean", () => Object(false), 500, /neither/],
    ["a promise of false", async () => false, 400, /false/],
    [
      "an error",
      () => {
        throw new Error("a bug")
      },
      500,
      /a bug/,
    ],
    ["a rejection", () => Promise.reject(new Error("the database is away")), 500, /database/],
  ]
  it.each(refusing)("%s refuses", async (_, answer, status, reason) => {
    const { reply, endpoint } = await server(answer as Authenticator, { plainServer: true })
    const refusal = nextEvent(reply, "handshake:error:auth")
    const atClient = nextEvent(client(endpoint, ALICE), "handshake:error:auth")
    expect((await refusal).error).toMatchObject({ status, reason: expect.stringMatching(reason) })
    expect((await atClient).error).toMatchObject({ status })
  })

  const accepting: [title: string, answer: AuthenticatorAnswer][] = [
    ["true", true],
    ["no further metadata", { metadata: {} }],
    ["a user id", { userId: "alice" }],
    ["metadata", { metadata: { role: "admin" } }],
  ]
  it.each(accepting)("%s lets in", async (_, answer) => {
    const { reply, endpoint } = await server(async () => answer, { plainServer: true })
    expect(await roundTrip(client(endpoint, ALICE), reply)).toBe("question!")
  })

  it("status 300 tells the peer nothing, so that it comes again", async () => {
    let count = 0
    const { reply, endpoint } = await server(
      () => ++count > 2 || { reason: "too many at the moment", status: 300 },
      { plainServer: true },
    )
    expect(await roundTrip(client(endpoint, ALICE), reply)).toBe("question!")
    expect(count).toBe(3)
  })

  it("several are asked in order, until one says no", async () => {
    const order: number[] = []
    const step =
      (n: number, answer: AuthenticatorAnswer): Authenticator =>
      () => {
        order.push(n)
        return answer
      }
    const { reply, endpoint } = await server([step(1, true), step(2, { reason: "no" }), step(3, true)], {
      plainServer: true,
    })
    const refusal = nextEvent(reply, "handshake:error:auth")
    client(endpoint, ALICE)
    await refusal
    expect(order).toEqual([1, 2])
  })
})

describe("a socket without security", () => {
  it("asks by address before a byte of the handshake", async () => {
    let decide = (_: boolean) => {}
    const asked: PeerToAuthenticate[] = []
    const { reply, endpoint } = await server(peer => {
      asked.push(peer)
      return new Promise(resolve => {
        decide = resolve
      })
    })
    const raw = await RawPeer.connect(endpoint)
    await until(() => asked.length === 1)
    expect(asked[0]).toMatchObject({ mechanism: "NULL", address: "127.0.0.1", username: undefined })
    expect(raw.received.length).toBe(0)
    const refusal = nextEvent(reply, "handshake:error:auth")
    decide(false)
    await raw.closed
    expect(raw.received.length).toBe(0)
    expect((await refusal).error).toMatchObject({ status: 400 })
  })

  it("serves those that are let in", async () => {
    const { reply, endpoint } = await server(({ address }) => address === "127.0.0.1")
    expect(await roundTrip(client(endpoint), reply)).toBe("question!")
  })

  it("asks nobody about those that it connects to, and inproc asks nobody at all", async () => {
    const router = open(new Router({ linger: 0 }))
    await router.bind("tcp://127.0.0.1:*")
    const dealer = open(new Dealer({ linger: 0, authenticate: () => false }))
    dealer.connect(router.lastEndpoint as string)
    await dealer.send("a")
    expect(String((await router.receive())[1])).toBe("a")
    const endpoint = await freeEndpoint("inproc")
    const { reply } = await server(() => false)
    await reply.bind(endpoint)
    expect(await roundTrip(client(endpoint), reply)).toBe("question!")
  })

  it("asks its authenticators when it is a client of PLAIN, too, about those that connect", async () => {
    const asked: PeerToAuthenticate[] = []
    const { reply, endpoint } = await server(peer => {
      asked.push(peer)
      return false
    }, ALICE)
    const refusal = nextEvent(reply, "handshake:error:auth")
    const raw = await RawPeer.connect(endpoint)
    await refusal
    await raw.closed
    expect(asked).toHaveLength(1)
  })
})

describe("a PLAIN server without an authenticator", () => {
  it("lets nobody in", async () => {
    const { reply, endpoint } = await server([], { plainServer: true })
    const failure = nextEvent(reply, "handshake:error:other")
    client(endpoint, ALICE)
    expect((await failure).error).toMatchObject({ code: "EFAULT", message: "Context is closed" })
  })

  it("nor does zapEnforceDomain", async () => {
    const { reply, endpoint } = await server([], { zapEnforceDomain: true })
    const failure = nextEvent(reply, "handshake:error:other")
    client(endpoint)
    expect((await failure).error).toMatchObject({ code: "EFAULT" })
  })
})

describe("roles", () => {
  it("a server connects and a client binds", async () => {
    const reply = open(
      new Reply({ plainServer: true, authenticate: ({ username }) => username === "alice", linger: 0 }),
    )
    const request = open(new Request({ ...ALICE, linger: 0 }))
    await request.bind("tcp://127.0.0.1:*")
    reply.connect(request.lastEndpoint as string)
    expect(await roundTrip(request, reply)).toBe("question!")
  })
})
