/** Ready-made authenticators, hashes of passwords, and what a program learns of its peers. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspect } from "node:util"
import { describe, expect, it, onTestFinished } from "vitest"
import {
  type Acceptance,
  allowKeys,
  allowUsers,
  Dealer,
  hashPassword,
  type PeerToAuthenticate,
  Publisher,
  Pull,
  Push,
  peerOf,
  Reply,
  Request,
  Router,
  Subscriber,
} from "../../src/index.ts"
import { nextEvent } from "../support/events.ts"
import { open } from "../support/open.ts"

const CHEAP = { log2N: 4, p: 1 }
const KEY = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"

const asked = (facts: Partial<PeerToAuthenticate>): PeerToAuthenticate => ({
  mechanism: "PLAIN",
  address: "127.0.0.1",
  endpoint: "tcp://127.0.0.1:1",
  socketType: undefined,
  username: undefined,
  password: undefined,
  publicKey: undefined,
  publicKeyBytes: undefined,
  certificate: undefined,
  signal: new AbortController().signal,
  ...facts,
})

describe("allowKeys()", () => {
  it("lets in these keys, given in both forms, and says whose they are", async () => {
    const bytes = Buffer.alloc(32, 7)
    const allow = allowKeys([KEY, bytes])
    expect(await allow(asked({ mechanism: "CURVE", publicKey: KEY }))).toEqual({ userId: KEY })
    expect(await allow(asked({ mechanism: "CURVE", publicKey: "3".repeat(40) }))).toMatchObject({
      reason: expect.any(String),
    })
  })

  it("lets in nobody without a key", async () => {
    expect(await allowKeys([KEY])(asked({ username: "alice", password: "x" }))).toMatchObject({
      reason: expect.any(String),
    })
  })

  it.each([["too short"], ["~".repeat(40)], [Buffer.alloc(31)]])("takes no %s for a key", key => {
    expect(() => allowKeys([key])).toThrow(expect.objectContaining({ code: "EINVAL" }))
    expect(() => allowKeys([7 as never])).toThrow(TypeError)
  })
})

describe("hashPassword()", () => {
  it("makes another hash each time, and nothing of the password is in it", async () => {
    const [one, two] = await Promise.all([hashPassword("secret", CHEAP), hashPassword("secret", CHEAP)])
    expect(one).toMatch(/^\$scrypt\$ln=4,r=8,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
    expect(one).not.toBe(two)
    expect(await hashPassword("secret")).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$/)
  })

  it.each([{ log2N: 0 }, { log2N: 40 }, { log2N: 1.5 }, { p: 0 }, { p: 100 }, { p: Number.NaN }])(
    "refuses the cost %j",
    async cost => {
      await expect(hashPassword("secret", cost)).rejects.toMatchObject({ code: "EINVAL" })
    },
  )
})

describe("allowUsers()", () => {
  it("lets in the right password alone", async () => {
    const allow = allowUsers({
      alice: await hashPassword("secret", CHEAP),
      "": await hashPassword("", CHEAP),
    })
    expect(await allow(asked({ username: "alice", password: "secret" }))).toEqual({ userId: "alice" })
    expect(await allow(asked({ username: "", password: "" }))).toEqual({ userId: "" })
    for (const facts of [
      { username: "alice", password: "Secret" },
      { username: "alice", password: "" },
      { username: "bob", password: "secret" },
      { username: "__proto__", password: "secret" },
      {},
    ]) {
      const answer = await allow(asked(facts))
      expect(answer).toMatchObject({ reason: expect.any(String) })
      expect(JSON.stringify(answer)).not.toContain("ecret")
    }
  })

  it("checks no password for a peer that has gone", async () => {
    const allow = allowUsers({ alice: await hashPassword("secret", CHEAP) })
    const signal = AbortSignal.abort(new Error("gone"))
    await expect(allow(asked({ username: "alice", password: "secret", signal }))).rejects.toThrow("gone")
  })

  it.each([[7], [null], [undefined]])("takes no %s for users", users => {
    expect(() => allowUsers(users as never)).toThrow(TypeError)
  })

  it("takes no password for a hash", async () => {
    expect(() => allowUsers({ alice: "secret" })).toThrow(expect.objectContaining({ code: "EINVAL" }))
    for (const hash of ["$scrypt$", "$scrypt$ln=4,r=8,p=1$AAAA$AAAA"])
      expect(() => allowUsers({ alice: hash })).toThrow(expect.objectContaining({ code: "EINVAL" }))
    for (const hash of [`$scrypt$ln=99,r=8,p=1$AAAA$${"A".repeat(22)}`]) {
      await expect(
        allowUsers({ alice: hash })(asked({ username: "a", password: "b" })),
      ).rejects.toMatchObject({
        code: "EINVAL",
      })
    }
  })

  it("reads a file, and reads it again when it has changed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "zeromq-ts-users-"))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, "users")
    const allow = allowUsers(file)
    const alice = asked({ username: "al:ice", password: "secret" })
    await expect(allow(alice)).rejects.toMatchObject({ code: "ENOENT" })
    writeFileSync(file, `# the users\n\nal:ice:${await hashPassword("secret", CHEAP)}\r\n`)
    expect(await allow(alice)).toEqual({ userId: "al:ice" })
    writeFileSync(file, "alice\n")
    utimesSync(file, 1, 1)
    await expect(allow(alice)).rejects.toMatchObject({
      code: "EINVAL",
      reason: expect.stringContaining("line 1"),
    })
    writeFileSync(file, `bob:${await hashPassword("secret", CHEAP)}`)
    utimesSync(file, 2, 2)
    expect(await allow(alice)).toMatchObject({ reason: expect.any(String) })
    expect(await allow(asked({ username: "bob", password: "secret" }))).toEqual({ userId: "bob" })
  })

  it("guards a server", async () => {
    const alice = await hashPassword("secret", CHEAP)
    const reply = open(new Reply({ plainServer: true, authenticate: allowUsers({ alice }), linger: 0 }))
    await reply.bind("tcp://127.0.0.1:*")
    const request = open(new Request({ plainUsername: "alice", plainPassword: "secret", linger: 0 }))
    const known = nextEvent(reply, "handshake")
    request.connect(reply.lastEndpoint as string)
    expect(await known).toMatchObject({ userId: "alice" })
    const refused = nextEvent(reply, "handshake:error:auth")
    const wrong = open(new Request({ plainUsername: "alice", plainPassword: "SECRET", linger: 0 }))
    wrong.connect(reply.lastEndpoint as string)
    const event = await refused
    expect(event).toMatchObject({ error: { status: 400 }, remote: expect.stringMatching(/^tcp:\/\/127/) })
    expect(inspect(event, { depth: 9, showHidden: true })).not.toContain("SECRET")
  })
})

describe("peerOf()", () => {
  const answer: Acceptance = { userId: "alice", metadata: { role: "admin" } }
  const known = { mechanism: "NULL", userId: "alice", metadata: { role: "admin" } }

  it("tells the sender of each message, however it is received", async () => {
    const pull = open(new Pull({ authenticate: () => answer }))
    await pull.bind("tcp://127.0.0.1:*")
    const push = open(new Push({ linger: 0 }))
    push.connect(pull.lastEndpoint as string)
    for (const message of ["a", "", ["b", ""], ["c", "d"]]) await push.send(message)
    const first = await pull.receive()
    expect(peerOf(first)).toMatchObject({ ...known, remote: expect.stringMatching(/^tcp:\/\/127/) })
    const got = [first]
    for await (const batch of pull.batches()) {
      got.push(...batch)
      if (got.length === 4) break
    }
    expect(got.map(parts => parts.map(String))).toEqual([["a"], [""], ["b", ""], ["c", "d"]])
    for (const message of got) expect(peerOf(message)).toBe(peerOf(first))
    expect(peerOf(first.at(-1)!)).toBe(peerOf(first))
  })

  it("tells it where envelopes are taken off and put on", async () => {
    const router = open(new Router({ authenticate: () => answer }))
    const reply = open(new Reply({ authenticate: () => answer }))
    await Promise.all([router.bind("tcp://127.0.0.1:*"), reply.bind("tcp://127.0.0.1:*")])
    const dealer = open(new Dealer({ linger: 0 }))
    dealer.connect(router.lastEndpoint as string)
    const request = open(new Request({ linger: 0 }))
    request.connect(reply.lastEndpoint as string)
    await Promise.all([dealer.send("job"), request.send("")])
    expect(peerOf(await router.receive())).toMatchObject(known)
    expect(peerOf(await reply.receive())).toMatchObject(known)
  })

  it("tells nothing where nothing was told: without an authenticator, after a plain yes, over inproc", async () => {
    const publisher = open(new Publisher())
    await publisher.bind("tcp://127.0.0.1:*")
    const subscriber = open(new Subscriber())
    subscriber.connect(publisher.lastEndpoint as string)
    subscriber.subscribe()
    const pull = open(new Pull({ authenticate: () => true }))
    await pull.bind("tcp://127.0.0.1:*")
    await pull.bind(`inproc://nobody-${process.pid}`)
    for (const endpoint of [pull.lastEndpoint as string, `inproc://nobody-${process.pid}`]) {
      const push = open(new Push({ linger: 0 }))
      push.connect(endpoint)
      await push.send("a")
      expect(peerOf(await pull.receive())).toBeUndefined()
    }
    expect(peerOf([])).toBeUndefined()
    expect(peerOf([Buffer.alloc(0)])).toBeUndefined()
  })

  it("keeps senders apart that come after each other behind one connect()", async () => {
    const names = ["alice", "bob"]
    const pull = open(
      new Pull({ plainServer: true, authenticate: ({ username }) => ({ userId: username! }) }),
    )
    let endpoint = "tcp://127.0.0.1:*"
    const lost = [nextEvent(pull, "disconnect")]
    for (const plainUsername of names) {
      const push = new Push({ plainUsername, plainPassword: "x" })
      await push.bind(endpoint)
      if (endpoint.endsWith("*")) pull.connect(push.lastEndpoint as string)
      endpoint = push.lastEndpoint as string
      await push.send(plainUsername)
      await push.drain()
      await lost.pop()
    }
    for (const name of names) {
      const message = await pull.receive()
      expect([String(message), peerOf(message)?.userId]).toEqual([name, name])
    }
  })
})

it("secrets are not shown when things are printed", async () => {
  const seen: PeerToAuthenticate[] = []
  const options = { plainUsername: "alice", plainPassword: "xSECRETx" }
  const reply = open(
    new Reply({
      plainServer: true,
      authenticate: peer => {
        seen.push(peer)
        return false
      },
    }),
  )
  await reply.bind("tcp://127.0.0.1:*")
  const request = open(new Request(options))
  const refused = nextEvent(request, "connect:stop")
  const atServer = nextEvent(reply, "handshake:error:auth")
  request.connect(reply.lastEndpoint as string)
  const things = [await refused, await atServer, seen, request, reply, reply.context]
  expect(seen[0]?.password).toBe("xSECRETx")
  expect(inspect(things, { depth: 20, showHidden: true, getters: false })).not.toContain("SECRET")
  expect(JSON.stringify([things[0], things[1], seen])).not.toContain("SECRET")
  expect(() => new Request({ plainPassword: `${"SECRET".repeat(50)}` })).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining("SECRET") }),
  )
})
