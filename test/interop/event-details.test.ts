/**
 * Events beyond the ordinary course of events.test.ts: what fails, and by which name it is told. Each scenario runs on
 * both libraries, with one socket in a process of its own and a peer that speaks bytes by hand.
 */
import { unlinkSync } from "node:fs"
import { connect, createServer, type Socket } from "node:net"
import { describe, expect, it, onTestFinished } from "vitest"
import { freeEndpoint, freePort } from "../support/endpoints.ts"
import { Peer } from "../support/peer.ts"
import type { SeenEvent } from "../support/peer-process.ts"

interface Stage {
  readonly peer: Peer
  readonly socket: string
  /** All events until the socket, now closed, has ended. */
  finish(): Promise<SeenEvent[]>
}

type Scenario = (stage: Stage) => Promise<SeenEvent[]>

async function play(library: "native" | "ours", scenario: Scenario, options: object): Promise<SeenEvent[]> {
  await using peer = await Peer.start(library)
  const socket = await peer.call("open", "Pull", options as Record<string, unknown>)
  await peer.call("watch", socket)
  const finish = async () => {
    await peer.call("close", socket)
    return peer.call("sees", socket, "end")
  }
  return await scenario({ peer, socket, finish })
}

const PORT = /:\d{4,5}$/
const TEMPORARY = /ipc:\/\/.*tmp\w{6}\//

/** Without what differs from run to run. */
const comparable = (events: SeenEvent[]): SeenEvent[] =>
  events.map(event => ({
    ...event,
    ...(event.address === undefined
      ? {}
      : { address: event.address.replace(PORT, ":PORT").replace(TEMPORARY, "ipc://TMP/") }),
    ...(event.interval === undefined ? {} : { interval: 0 }),
  }))

async function both(scenario: Scenario, options: object = {}) {
  const [native, ours] = await Promise.all([
    play("native", scenario, options),
    play("ours", scenario, options),
  ])
  return { native: comparable(native), ours: comparable(ours) }
}

const failingBind =
  (endpoint: string): Scenario =>
  async ({ peer, socket, finish }) => {
    await peer.call("bind", socket, endpoint).catch(() => {})
    // In the native package the event may come after the rejection.
    if (!endpoint.startsWith("foo")) await peer.call("sees", socket, "bind:error")
    return finish()
  }

const types = (events: SeenEvent[]) =>
  events.map(({ type, code }) => (code === undefined ? type : `${type} ${code}`))

describe("a bind() that fails tells why, with the address without its scheme", () => {
  it.each([
    ["tcp://192.0.2.1:5555", ["close", "bind:error EADDRNOTAVAIL", "end"]],
    ["tcp://no.such.host.invalid:5555", ["bind:error ENODEV", "end"]],
    ["tcp://nonsense", ["bind:error EINVAL", "end"]],
    ["ipc:///no/such/folder/x", ["close", "bind:error ENOENT", "end"]],
    [`ipc:///tmp/${"x".repeat(130)}`, ["bind:error ENAMETOOLONG", "end"]],
    ["foo://bar", ["end"]],
  ])("%s", async (endpoint, expected) => {
    const { native, ours } = await both(failingBind(endpoint))
    expect(types(native)).toEqual(expected)
    expect(ours).toEqual(native)
  })
})

describe("listeners", () => {
  it("tell of their end in the order in which they were bound", async () => {
    const { native, ours } = await both(async ({ peer, socket, finish }) => {
      await peer.call("bind", socket, "tcp://127.0.0.1:*")
      await peer.call("bind", socket, await freeEndpoint("ipc"))
      return finish()
    })
    expect(types(native)).toEqual(["bind", "bind", "close", "close", "end"])
    expect(types(ours)).toEqual(types(native))
  })

  it("that are unbound tell it then", async () => {
    const { native, ours } = await both(async ({ peer, socket, finish }) => {
      const endpoint = await peer.call("bind", socket, "tcp://127.0.0.1:*")
      await peer.call("unbind", socket, endpoint)
      await peer.call("sees", socket, "close")
      return finish()
    })
    expect(types(native)).toEqual(["bind", "close", "end"])
    expect(ours).toEqual(native)
  })

  it("tell with close:error when the file of ipc://* is gone already", async () => {
    const { native, ours } = await both(async ({ peer, socket, finish }) => {
      const endpoint = await peer.call("bind", socket, "ipc://*")
      unlinkSync(endpoint.replace("ipc://", ""))
      return finish()
    })
    expect(types(native)).toEqual(["bind", "close:error ENOENT", "end"])
    expect(ours).toEqual(native)
  })
})

/** A client that does what the case says once it is connected. */
const client =
  (act: (client: Socket) => void, until = "disconnect"): Scenario =>
  async ({ peer, socket, finish }) => {
    const endpoint = await peer.call("bind", socket, "tcp://127.0.0.1:*")
    const raw = connect(Number(endpoint.split(":").at(-1)), "127.0.0.1")
    onTestFinished(() => void raw.destroy())
    raw.on("error", () => {}).once("connect", () => act(raw))
    await peer.call("sees", socket, until)
    return finish()
  }

describe("a client", () => {
  it.each<[string, (client: Socket) => void, string]>([
    ["that says nothing and leaves", raw => raw.end(), "EPIPE"],
    ["that leaves in the middle of its greeting", raw => raw.end(Buffer.of(0xff, 0, 0, 0, 0)), "EPIPE"],
    ["that breaks its connection", raw => void raw.resetAndDestroy(), "ECONNRESET"],
  ])("%s", async (_name, act, code) => {
    const { native, ours } = await both(client(act))
    const handshake = `handshake:error:other ${code}`
    expect(types(native)).toEqual(["bind", "accept", handshake, "disconnect", "close", "end"])
    expect(ours).toEqual(native)
  })

  it("that stays silent for longer than handshakeInterval", async () => {
    const { native, ours } = await both(
      client(() => {}),
      { handshakeInterval: 50 },
    )
    const handshake = "handshake:error:other EAGAIN"
    expect(types(native)).toEqual(["bind", "accept", handshake, "disconnect", "close", "end"])
    expect(ours).toEqual(native)
  })

  it("that speaks something else: libzmq waits for more of it, here it is refused", async () => {
    const http: (client: Socket) => void = raw => raw.write("GET / HTTP/1.1\r\n\r\n")
    const ours = await play("ours", client(http), {})
    const handshake = "handshake:error:protocol ERR_ZMTP_UNSPECIFIED"
    expect(types(ours)).toEqual(["bind", "accept", handshake, "disconnect", "close", "end"])
    const native = await play("native", client(http, "accept"), {})
    expect(types(native)).toEqual(["bind", "accept", "close", "end"])
  })

  it("that tcpAcceptFilter doesn't let in", async () => {
    const { native, ours } = await both(
      client(() => {}, "accept:error"),
      { tcpAcceptFilter: "10.0.0.0/8" },
    )
    // libzmq's code is whatever error came last.
    const kinds = ["bind", "accept:error", "close", "end"]
    expect(native.map(({ type }) => type)).toEqual(kinds)
    expect(types(ours)).toEqual(["bind", "accept:error EACCES", "close", "end"])
  })
})

describe("a connect()", () => {
  it("to a name that nobody knows is retried without a word about why", async () => {
    const { native, ours } = await both(
      async ({ peer, socket, finish }) => {
        await peer.call("connect", socket, "tcp://no.such.host.invalid:5555")
        await peer.call("sees", socket, "connect:retry", 2)
        return (await finish()).slice(0, 2)
      },
      { reconnectInterval: 20 },
    )
    expect(types(native)).toEqual(["connect:retry", "connect:retry"])
    expect(ours).toEqual(native)
  })

  it("to somebody who leaves during the handshake is retried", async () => {
    const server = createServer(socket => socket.on("error", () => {}).end())
    onTestFinished(() => void server.close())
    const port = await freePort()
    await new Promise<void>(resolve => server.listen(port, "127.0.0.1", resolve))
    const { native, ours } = await both(
      async ({ peer, socket, finish }) => {
        await peer.call("connect", socket, `tcp://127.0.0.1:${port}`)
        await peer.call("sees", socket, "connect:retry", 2)
        return (await finish()).slice(0, 10)
      },
      { reconnectInterval: 20 },
    )
    const attempt = ["connect:delay", "connect", "handshake:error:other EPIPE", "disconnect", "connect:retry"]
    expect(types(native)).toEqual([...attempt, ...attempt])
    expect(ours).toEqual(native)
  })
})
