/** Sockets over tls://, through the public face: what passes, who is refused, and what the events say of it. */
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { connect, createServer } from "node:tls"
import { describe, expect, it, onTestFinished } from "vitest"
import { Context, Publisher, Pull, Push, Reply, Request, Stream, Subscriber } from "../../src/index.ts"
import { type TlsCredentials, type TlsOptions, tls } from "../../transports/tls.ts"
import { Authority, type Identity, selfSigned } from "../support/certificates.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { nextEvent, recordEvents, until } from "../support/events.ts"
import { NumberedCheck, numbered } from "../support/numbered.ts"
import { open } from "../support/open.ts"
import { RawServer } from "../support/raw-peer.ts"

const authority = await Authority.create()
const identity = await authority.issue()
const ca = authority.cert
const stranger = await selfSigned()

const over = (options: TlsOptions) => ({ context: new Context({ transports: [tls(options)] }) })
const ANYWHERE = "tls://127.0.0.1:*"

describe("what is sent over tls arrives", () => {
  it("from PUSH to PULL, of all sizes, in order", async () => {
    const pull = open(new Pull(over(identity)))
    const push = open(new Push(over({ ca })))
    await pull.bind(ANYWHERE)
    expect(pull.lastEndpoint).toMatch(/^tls:\/\/127\.0\.0\.1:\d+$/)
    push.connect(pull.lastEndpoint as string)
    const sizes = [0, 1, 1000, 20_000, 1_000_000]
    const options = (n: number) => ({ parts: 3, size: sizes[n % sizes.length]! })
    const sent = (async () => {
      for (let n = 0; n < 100; n++) await push.send(numbered(n, options(n)))
    })()
    for (let n = 0; n < 100; n++) new NumberedCheck(n, options(n)).take(await pull.receive())
    await sent
  })

  it("between REQ and REP, with bindSync()", async () => {
    const reply = open(new Reply(over(identity)))
    const request = open(new Request(over({ ca })))
    reply.bindSync(ANYWHERE)
    request.connect(reply.lastEndpoint as string)
    for (let n = 0; n < 100; n++) {
      await request.send(numbered(n))
      await reply.send(await reply.receive())
      new NumberedCheck(n).take(await request.receive())
    }
  })

  it("from PUB to SUB, to subscribers only", async () => {
    const publisher = open(new Publisher(over(identity)))
    const subscriber = open(new Subscriber(over({ ca })))
    await publisher.bind(ANYWHERE)
    subscriber.subscribe("a")
    subscriber.connect(publisher.lastEndpoint as string)
    const first = subscriber.receive()
    let there = false
    void first.then(() => {
      there = true
    })
    while (!there) {
      await publisher.send("b")
      await publisher.send("a")
      await new Promise(setImmediate)
    }
    expect(String(await first)).toBe("a")
  })

  it("to and from a plain TLS program, by STREAM", async () => {
    const stream = open(new Stream({ ...over({ ...identity, ca }), notify: false }))
    await stream.bind(ANYWHERE)
    const port = Number(new URL(stream.lastEndpoint as string).port)
    const client = connect({ port, host: "127.0.0.1", ca })
    onTestFinished(() => void client.destroy())
    client.write("hello")
    const [id, data] = (await stream.receive()) as [Buffer, Buffer]
    expect(String(data)).toBe("hello")
    await stream.send([id, "welcome"])
    expect(String((await once(client, "data"))[0])).toBe("welcome")
  })
})

/** Server, client, what the client is told, what the server is told. */
type Refusal = readonly [
  name: string,
  server: TlsOptions,
  client: TlsOptions,
  toldClient: string,
  toldServer: string,
]

const CUT = /^(EPIPE|ECONNRESET)$/.source

const REFUSALS: readonly Refusal[] = [
  ["an unknown authority", identity, {}, "UNABLE_TO_VERIFY_LEAF_SIGNATURE", CUT],
  ["a self-signed certificate", await selfSigned(), { ca }, "DEPTH_ZERO_SELF_SIGNED_CERT", CUT],
  ["an expired certificate", await authority.issue({ days: -1 }), { ca }, "CERT_HAS_EXPIRED", CUT],
  [
    "another host's certificate",
    await authority.issue({ names: ["other.example"] }),
    { ca },
    "ERR_TLS_CERT_ALTNAME_INVALID",
    CUT,
  ],
  [
    "a client without a certificate",
    { ...identity, ca, requestCert: true },
    { ca },
    "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
    "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE",
  ],
  [
    "a client with a self-signed certificate",
    { ...identity, ca, requestCert: true },
    { ca, ...(await selfSigned()) },
    CUT,
    "DEPTH_ZERO_SELF_SIGNED_CERT",
  ],
  [
    "a client with an expired certificate",
    { ...identity, ca, requestCert: true },
    { ca, ...(await authority.issue({ days: -1 })) },
    CUT,
    "CERT_HAS_EXPIRED",
  ],
  [
    "too old a version",
    { ...identity, minVersion: "TLSv1.3" },
    { ca, maxVersion: "TLSv1.2" },
    "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
    "ERR_SSL_UNSUPPORTED_PROTOCOL",
  ],
  [
    "other application protocols",
    { ...identity, ALPNProtocols: ["zmtp"] },
    { ca, ALPNProtocols: ["other"] },
    "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
    "ERR_SSL_NO_APPLICATION_PROTOCOL",
  ],
]

describe("are refused, and dialled again", () => {
  it.each(REFUSALS)("%s", async (_, server, client, toldClient, toldServer) => {
    const pull = open(new Pull(over(server)))
    const push = open(new Push({ ...over(client), linger: 0, reconnectInterval: 1 }))
    await pull.bind(ANYWHERE)
    const here = nextEvent(push, "handshake:error:other")
    const there = nextEvent(pull, "handshake:error:other")
    const again = nextEvent(push, "connect:retry")
    push.connect(pull.lastEndpoint as string)
    const [atClient, atServer] = await Promise.all([here, there])
    expect((atClient.error as { code?: string }).code).toMatch(new RegExp(toldClient))
    expect((atServer.error as { code?: string }).code).toMatch(new RegExp(toldServer))
    await again
  })

  it("and nothing that NODE_TLS_REJECT_UNAUTHORIZED says changes that", async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"
    onTestFinished(() => void delete process.env.NODE_TLS_REJECT_UNAUTHORIZED)
    const pull = open(new Pull(over(identity)))
    const push = open(new Push({ ...over({}), linger: 0 }))
    await pull.bind(ANYWHERE)
    const told = nextEvent(push, "handshake:error:other")
    push.connect(pull.lastEndpoint as string)
    expect((await told).error).toMatchObject({
      code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      reason: "TLS failed",
    })
  })

  it("servers that speak no TLS", async () => {
    const endpoint = await freeEndpoint("tcp")
    const server = await RawServer.listen(endpoint, peer => peer.write(Buffer.alloc(64, 0xff)))
    onTestFinished(() => server.close())
    const push = open(new Push({ ...over({ ca }), linger: 0, reconnectInterval: 1 }))
    const told = nextEvent(push, "handshake:error:other")
    const again = nextEvent(push, "connect:retry")
    push.connect(endpoint.replace("tcp", "tls"))
    expect((await told).error.code).toBe("ERR_SSL_WRONG_VERSION_NUMBER")
    await again
  })
})

describe("certificates", () => {
  const bound = async (options: TlsOptions) => {
    const transport = tls(options)
    const pull = open(new Pull({ context: new Context({ transports: [transport] }) }))
    await pull.bind(ANYWHERE)
    return { transport, pull, endpoint: pull.lastEndpoint as string }
  }

  it("are trusted by those who are not asked for their own, and by those who are", async () => {
    const { pull, endpoint } = await bound({ ...identity, ca, requestCert: true })
    const push = open(new Push(over({ ca, ...(await authority.issue({ name: "alice" })) })))
    push.connect(endpoint)
    await push.send("in")
    expect(String(await pull.receive())).toBe("in")
  })

  it("may be renewed: a client that was refused comes in then, and connections stay", async () => {
    const { transport, pull, endpoint } = await bound(identity)
    const early = open(new Push(over({ ca })))
    early.connect(endpoint)
    await early.send("early")
    expect(String(await pull.receive())).toBe("early")
    transport.setSecureContext(await authority.issue({ days: -1 }))
    const push = open(new Push({ ...over({ ca }), reconnectInterval: 1 }))
    const refused = nextEvent(push, "handshake:error:other")
    push.connect(endpoint)
    expect((await refused).error.code).toBe("CERT_HAS_EXPIRED")
    await early.send("still")
    expect(String(await pull.receive())).toBe("still")
    transport.setSecureContext(await authority.issue())
    await push.send("late")
    expect(String(await pull.receive())).toBe("late")
  })

  it("are chosen by the name that the client asks for", async () => {
    const names = ["a.example", "*.b.example"] as const
    const [a, b] = (await Promise.all(names.map(name => authority.issue({ names: [name] })))) as [
      Identity,
      Identity,
    ]
    const { pull, endpoint } = await bound({ ...identity, contexts: { "A.example": a, "*.b.example": b } })
    for (const servername of [undefined, "a.example", "x.b.example"]) {
      const push = open(new Push(over({ ca, ...(servername && { servername }) })))
      push.connect(endpoint)
      await push.send(servername ?? "none")
      expect(String(await pull.receive())).toBe(servername ?? "none")
    }
    const push = open(new Push({ ...over({ ca, servername: "x.y.b.example" }), linger: 0 }))
    const refused = nextEvent(push, "handshake:error:other")
    push.connect(endpoint)
    expect((await refused).error.code).toBe("ERR_TLS_CERT_ALTNAME_INVALID")
  })

  const WRONG: readonly [string, TlsCredentials][] = [
    ["no PEM", { cert: "no", key: "no" }],
    ["a key without a certificate", { key: identity.key }],
    ["a certificate without a key", { cert: identity.cert }],
    ["another one's key", { cert: identity.cert, key: stranger.key }],
    ["an authority that is no PEM", { ca: "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----" }],
  ]

  it.each(WRONG)("are checked when they are given: %s", (_, wrong) => {
    expect(() => tls(wrong)).toThrow(expect.objectContaining({ code: "EINVAL" }))
    expect(() => tls(identity).setSecureContext(wrong)).toThrow(expect.objectContaining({ code: "EINVAL" }))
  })

  it("are needed to listen, not to connect", async () => {
    const pull = open(new Pull(over({ ca })))
    await expect(pull.bind(ANYWHERE)).rejects.toMatchObject({
      code: "EINVAL",
      reason: expect.stringContaining("cert"),
    })
  })

  it("that are not checked let everybody in", async () => {
    const { pull, endpoint } = await bound({
      ...(await selfSigned()),
      requestCert: true,
      rejectUnauthorized: false,
    })
    for (const options of [{}, await selfSigned()]) {
      const push = open(new Push(over({ ...options, rejectUnauthorized: false })))
      push.connect(endpoint)
      await push.send("in")
      expect(String(await pull.receive())).toBe("in")
    }
  })
})

it("the certificate of a client is given to `authenticate`, which decides by it", async () => {
  const asked: unknown[] = []
  const pull = open(
    new Pull({
      ...over({ ...identity, ca, requestCert: true }),
      authenticate: ({ mechanism, certificate }) => {
        asked.push([mechanism, certificate?.subject, certificate?.verified])
        return certificate?.subjectAltNames.includes("URI:spiffe://example/alice") === true
      },
    }),
  )
  await pull.bind(ANYWHERE)
  const client = async (name: string) => {
    const own = await authority.issue({ name, names: [`spiffe://example/${name}`] })
    const push = open(new Push({ ...over({ ca, ...own }), linger: 0 }))
    return push
  }
  const [alice, bob] = await Promise.all([client("alice"), client("bob")])
  const refused = nextEvent(pull, "handshake:error:auth")
  bob.connect(pull.lastEndpoint as string)
  expect((await refused).error).toMatchObject({ code: "EACCES", status: 400 })
  alice.connect(pull.lastEndpoint as string)
  await alice.send("it's me")
  expect(String(await pull.receive())).toBe("it's me")
  expect(asked.slice(0, 2)).toEqual([["NULL", "CN=bob", true], expect.arrayContaining(["NULL", true])])
})

it("a server is connected to again when it comes back, without another full handshake", async () => {
  const server = createServer({ ...identity })
  const reused: boolean[] = []
  const sockets: { destroy(): void }[] = []
  server.on("secureConnection", socket => {
    reused.push(socket.isSessionReused())
    sockets.push(socket)
    socket.on("error", () => {}).resume()
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const stream = open(new Stream({ ...over({ ca }), notify: false, reconnectInterval: 1 }))
  stream.connect(`tls://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const events = recordEvents(stream)
  await until(() => sockets.length === 1)
  // A session comes with what the server says after the handshake; its word must have been read.
  const word = stream.receive()
  ;(sockets[0] as unknown as { write(text: string): void }).write("word")
  await word
  sockets[0]!.destroy()
  await until(() => sockets.length === 2)
  expect(reused).toEqual([false, true])
  expect(events.some(({ type }) => type === "handshake:error:other")).toBe(false)
})
