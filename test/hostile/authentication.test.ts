/** Peers that attack while they are examined: PLAIN servers, authenticators, and sockets that change their mechanism. */
import { afterEach, describe, expect, it } from "vitest"
import { type Authenticator, type PeerToAuthenticate, Reply, Request } from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { nextEvent, recordEvents, turn, until } from "../support/events.ts"
import {
  bytes,
  command,
  frame,
  GREETING,
  handshake,
  property,
  RawPeer,
  RawServer,
  ready,
} from "../support/raw-peer.ts"
import { heldMemory, MIB, watchProcess } from "./stage.ts"

watchProcess()

const opened: { close(): unknown }[] = []
/** The socket is closed before the process is looked at: hooks run in reverse order. */
function open<S extends { close(): unknown }>(socket: S): S {
  opened.push(socket)
  return socket
}
afterEach(async () => {
  for (const socket of opened.splice(0)) await socket.close()
})

const PLAIN_GREETING = bytes(`FF 00000000 00000001 7F 03 01 "PLAIN" ${"00".repeat(15)} 00 ${"00".repeat(31)}`)
const hello = (name: string, password: string) =>
  command(
    "HELLO",
    Buffer.concat([
      Buffer.of(name.length),
      Buffer.from(name),
      Buffer.of(password.length),
      Buffer.from(password),
    ]),
  )
const INITIATE = command("INITIATE", property("Socket-Type", "REQ"))
const WELCOME = command("WELCOME")
const error = (status: string) => command("ERROR", Buffer.concat([Buffer.of(3), Buffer.from(status)]))

const allowAlice: Authenticator = ({ username, password }) => username === "alice" && password === "secret"

async function server(authenticate: Authenticator, options = {}) {
  const reply = open(new Reply({ plainServer: true, authenticate, linger: 0, ...options }))
  await reply.bind("tcp://127.0.0.1:*")
  return { reply, endpoint: reply.lastEndpoint as string }
}

/** An honest client asks, and is answered. */
async function honest(endpoint: string, reply: Reply) {
  const request = new Request({ plainUsername: "alice", plainPassword: "secret", linger: 0 })
  request.connect(endpoint)
  const asked = request.send("question")
  await reply.receive()
  await reply.send("answer")
  await asked
  expect(String(await request.receive())).toBe("answer")
  request.close()
}

it("a wrong password, 10,000 times: each is refused and closed, nothing is kept, and honest clients are served", async () => {
  let asked = 0
  const { reply, endpoint } = await server(async peer => {
    asked++
    await turn()
    return allowAlice(peer)
  })
  const guess = async (n: number) => {
    const raw = await RawPeer.connect(endpoint)
    raw.write(PLAIN_GREETING, hello("alice", `guess ${n}`))
    await raw.closed
    expect(raw.received.subarray(64)).toEqual(error("400"))
  }
  await honest(endpoint, reply)
  const before = await heldMemory()
  for (let n = 0; n < 10_000; n += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, i) => guess(n + i)))
    if (n % 2000 === 0) await honest(endpoint, reply)
  }
  expect(asked).toBe(10_006)
  expect(((await heldMemory()) - before) / MIB).toBeLessThan(8)
})

describe("a peer that floods while it is examined", () => {
  it.each(["PLAIN", "NULL"])("of a %s server is closed, and its examination ends", async mechanism => {
    const asked: PeerToAuthenticate[] = []
    const { reply, endpoint } = await server(
      peer => {
        asked.push(peer)
        return asked.length === 1 ? new Promise<boolean>(() => {}) : true
      },
      mechanism === "PLAIN" ? {} : { plainServer: false },
    )
    const raw = await RawPeer.connect(endpoint)
    const failure = nextEvent(reply, "handshake:error:protocol")
    raw.write(...(mechanism === "PLAIN" ? [PLAIN_GREETING, hello("alice", "secret")] : [handshake("REQ")]))
    await until(() => asked.length === 1)
    await raw.pour(frame(0, Buffer.alloc(8192)), 1000)
    await raw.closed
    await failure
    expect(asked[0]?.signal.aborted).toBe(true)
    await honestOrPlain(mechanism, endpoint, reply)
  })

  async function honestOrPlain(mechanism: string, endpoint: string, reply: Reply) {
    if (mechanism === "PLAIN") return honest(endpoint, reply)
    const request = open(new Request({ linger: 0 }))
    request.connect(endpoint)
    await request.send("a")
    expect(String(await reply.receive())).toBe("a")
  }
})

describe("a peer that changes the mechanism", () => {
  it.each([
    ["NULL", "a PLAIN server", { plainServer: true }, GREETING, ready("REQ")],
    [
      "PLAIN",
      "a socket without security",
      { plainServer: false, authenticate: null },
      PLAIN_GREETING,
      hello("a", "b"),
    ],
    [
      "old versions",
      "a PLAIN server",
      { plainServer: true },
      bytes("FF 0000000000000001 7F 01 04"),
      bytes("00 00"),
    ],
  ])("to %s at %s gets no READY and is closed", async (_, __, options, greeting, next) => {
    const { reply, endpoint } = await server(() => true, options)
    const failure = nextEvent(reply, "handshake:error:protocol")
    const raw = await RawPeer.connect(endpoint)
    raw.write(greeting, next)
    await raw.closed
    expect((await failure).error.code).toMatch(/MECHANISM_MISMATCH|UNSPECIFIED/)
    expect(raw.received.length).toBeLessThanOrEqual(64)
    expect(String(raw.received)).not.toContain("READY")
  })

  it("our PLAIN client tells its password to no server without PLAIN", async () => {
    const endpoint = await freeEndpoint("tcp")
    const raw = open(await RawServer.listen(endpoint, peer => peer.write(handshake("REP"))))
    const request = open(new Request({ plainUsername: "alice", plainPassword: "secret", linger: 0 }))
    const stopped = nextEvent(request, "connect:stop")
    request.connect(endpoint)
    expect((await stopped).error).toMatchObject({ code: "ERR_ZMTP_MECHANISM_MISMATCH" })
    expect(String((await raw.peer(1)).received)).not.toContain("secret")
  })
})

describe("a peer that stops after a step", () => {
  const steps: [string, Buffer[]][] = [
    ["nothing", []],
    ["half a greeting", [PLAIN_GREETING.subarray(0, 20)]],
    ["its greeting", [PLAIN_GREETING]],
    ["half a HELLO", [PLAIN_GREETING, hello("alice", "secret").subarray(0, 9)]],
    ["HELLO", [PLAIN_GREETING, hello("alice", "secret")]],
    ["half an INITIATE", [PLAIN_GREETING, hello("alice", "secret"), INITIATE.subarray(0, 12)]],
  ]
  it.each(steps)(
    "%s: it is closed when the time is over, and others are served meanwhile",
    async (_, said) => {
      const { reply, endpoint } = await server(allowAlice, { handshakeInterval: 200 })
      const raw = await RawPeer.connect(endpoint)
      const failure = nextEvent(reply, "handshake:error:other")
      // INITIATE is due only after WELCOME.
      for (const [index, chunk] of said.entries()) {
        if (index === 2) await raw.heard(64 + WELCOME.length)
        raw.write(chunk)
      }
      await honest(endpoint, reply)
      await raw.closed
      expect((await failure).error).toMatchObject({ code: "EAGAIN" })
    },
  )

  it("a peer that leaves instead ends its examination", async () => {
    const asked: PeerToAuthenticate[] = []
    let decide = (_: boolean) => {}
    const { reply, endpoint } = await server(peer => {
      asked.push(peer)
      return new Promise<boolean>(resolve => {
        decide = resolve
      })
    })
    const events = recordEvents(reply)
    const raw = await RawPeer.connect(endpoint)
    raw.write(PLAIN_GREETING, hello("alice", "secret"))
    await until(() => asked.length === 1)
    raw.reset()
    await until(() => asked[0]!.signal.aborted)
    decide(true)
    await until(() => events.some(({ type }) => type === "disconnect"))
    expect(events.map(({ type }) => type)).not.toContain("handshake")
  })
})

it("an authenticator that hangs is asked about 64 peers at once, and about the others when these have gone", async () => {
  let running = 0
  let most = 0
  let asked = 0
  const { reply, endpoint } = await server(peer => {
    asked++
    if (peer.username === "alice") return true
    most = Math.max(most, ++running)
    return new Promise<boolean>((_, reject) => {
      peer.signal.addEventListener("abort", () => {
        running--
        reject(new Error("gone"))
      })
    })
  })
  const raws = await Promise.all(Array.from({ length: 200 }, () => RawPeer.connect(endpoint)))
  for (const raw of raws) raw.write(PLAIN_GREETING, hello("mallory", "x"))
  await until(() => asked === 64)
  const served = honest(endpoint, reply)
  for (const raw of raws) raw.reset()
  await served
  await until(() => running === 0)
  expect(most).toBe(64)
})

it("a peer learns nothing but the status, whatever happens inside", async () => {
  const { endpoint } = await server(() => {
    throw Object.assign(new Error("the secret of the database"), { stack: "at secret (place.ts)" })
  })
  const raw = await RawPeer.connect(endpoint)
  raw.write(PLAIN_GREETING, hello("alice", "secret"))
  await raw.closed
  expect(raw.received.subarray(64)).toEqual(error("500"))
  expect(raw.received.subarray(0, 64).toString("latin1")).toContain("PLAIN")
})

it("a name or password that is no UTF-8 is refused before anybody is asked", async () => {
  let asked = 0
  const { reply, endpoint } = await server(() => {
    asked++
    return true
  })
  const refused = nextEvent(reply, "handshake:error:auth")
  const raw = await RawPeer.connect(endpoint)
  raw.write(PLAIN_GREETING, command("HELLO", bytes("02 FFFE 01 61")))
  await raw.closed
  expect((await refused).error).toMatchObject({ status: 400, reason: expect.stringContaining("UTF-8") })
  expect(asked).toBe(0)
})
