/**
 * The events of a socket are those of the native package: each scenario runs on both, the sockets of one library in
 * two processes, and what was seen is compared. Ours may say more, where api.md says so.
 */
import { describe, expect, it } from "vitest"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { Peer } from "../support/peer.ts"
import type { SeenEvent } from "../support/peer-process.ts"

type Scenario = (bound: Peer, connected: Peer, endpoint: string) => Promise<Record<string, SeenEvent[]>>

async function open(peer: Peer, type: string, options: object = {}): Promise<string> {
  const socket = await peer.call("open", type, options as Record<string, unknown>)
  await peer.call("watch", socket)
  return socket
}

/** Runs a scenario on a library; addresses are shortened, so that both runs compare. */
async function run(library: "native" | "ours", scheme: Scheme, scenario: Scenario): Promise<unknown> {
  await using bound = await Peer.start(library)
  await using connected = await Peer.start(library)
  const endpoint = await freeEndpoint(scheme)
  const seen = withoutReasons(await scenario(bound, connected, endpoint))
  const bare = endpoint.replace(/^\w+:\/\//, "")
  return JSON.parse(JSON.stringify(seen).replaceAll(endpoint, "ENDPOINT").replaceAll(bare, "BARE"))
}

/** Ours tells in a disconnect event what broke the connection, where something did. */
function withoutReasons(seen: Record<string, SeenEvent[]>): Record<string, SeenEvent[]> {
  const strip = ({ code, ...event }: SeenEvent): SeenEvent =>
    event.type === "disconnect" || code === undefined ? event : { ...event, code }
  return Object.fromEntries(Object.entries(seen).map(([side, events]) => [side, events.map(strip)]))
}

/** A random or otherwise uncomparable interval. */
const anyInterval = (events: SeenEvent[]) =>
  events.map(event => (event.interval === undefined ? event : { ...event, interval: 0 }))

const upAndDown: Scenario = async (bound, connected, endpoint) => {
  const push = await open(bound, "Push")
  await bound.call("bind", push, endpoint)
  const pull = await open(connected, "Pull")
  await connected.call("connect", pull, endpoint)
  await Promise.all([bound.call("sees", push, "handshake"), connected.call("sees", pull, "handshake")])
  await connected.call("close", pull)
  await bound.call("sees", push, "disconnect")
  await bound.call("close", push)
  return {
    binder: await bound.call("sees", push, "end"),
    connecter: await connected.call("sees", pull, "end"),
  }
}

const refused: Scenario = async (_bound, connected, endpoint) => {
  const pull = await open(connected, "Pull", { reconnectInterval: 20, reconnectMaxInterval: 100 })
  await connected.call("connect", pull, endpoint)
  return { connecter: await connected.call("sees", pull, "connect:retry", 5) }
}

const peerDies: Scenario = async (bound, connected, endpoint) => {
  const push = await open(bound, "Push")
  await bound.call("bind", push, endpoint)
  const pull = await open(connected, "Pull")
  await connected.call("connect", pull, endpoint)
  await connected.call("sees", pull, "handshake")
  await bound.kill()
  return { connecter: anyInterval(await connected.call("sees", pull, "connect:retry", 2)) }
}

const busyAddress: Scenario = async (bound, connected, endpoint) => {
  const push = await open(bound, "Push")
  await bound.call("bind", push, endpoint)
  const rival = await open(connected, "Push")
  const failed = await connected.call("bind", rival, endpoint).catch(error => error.code)
  expect(failed).toBe("EADDRINUSE")
  return { rival: await connected.call("sees", rival, "bind:error") }
}

const disconnected: Scenario = async (bound, connected, endpoint) => {
  const push = await open(bound, "Push")
  await bound.call("bind", push, endpoint)
  const pull = await open(connected, "Pull")
  await connected.call("connect", pull, endpoint)
  await connected.call("sees", pull, "handshake")
  await connected.call("disconnect", pull, endpoint)
  // libzmq carries out the disconnect only once the socket is used again.
  await connected.call("close", pull)
  const binder = await bound.call("sees", push, "disconnect")
  return { binder, connecter: await connected.call("sees", pull, "end") }
}

const wrongType: Scenario = async (bound, connected, endpoint) => {
  const push = await open(bound, "Push")
  await bound.call("bind", push, endpoint)
  const sub = await open(connected, "Subscriber")
  await connected.call("connect", sub, endpoint)
  return {
    binder: await bound.call("sees", push, "disconnect"),
    connecter: await connected.call("sees", sub, "disconnect"),
  }
}

const everywhere = { upAndDown, refused, peerDies, disconnected }

describe.each(["ipc", "tcp"] as const)("events over %s, as the native package has them", scheme => {
  it.each(Object.entries(everywhere))("%s", async (_name, scenario) => {
    const [native, ours] = await Promise.all([run("native", scheme, scenario), run("ours", scheme, scenario)])
    expect(ours).toEqual(native)
  })

  it("wrongType, and the reason, which libzmq keeps to itself", async () => {
    const [native, ours] = await Promise.all([
      run("native", scheme, wrongType),
      run("ours", scheme, wrongType),
    ])
    const refusal = {
      type: "handshake:error:protocol",
      address: "ENDPOINT",
      code: "ERR_ZMTP_INVALID_METADATA",
    }
    const withReason = Object.fromEntries(
      Object.entries(native as Record<string, SeenEvent[]>).map(([side, events]) => [
        side,
        events
          // When the other end was faster, libzmq says that the connection broke.
          .filter(({ type }) => type !== "handshake:error:other")
          .flatMap(event => (event.type === "disconnect" ? [refusal, event] : [event])),
      ]),
    )
    expect(ours).toEqual(withReason)
  })
})

describe.each(["ipc", "tcp"] as const)("unbind over %s", scheme => {
  it("ends the accepted connections, without an event here; the other end dials again", async () => {
    await using bound = await Peer.start("ours")
    await using connected = await Peer.start("ours")
    const endpoint = await freeEndpoint(scheme)
    const push = await open(bound, "Push")
    await bound.call("bind", push, endpoint)
    const pull = await open(connected, "Pull", { reconnectInterval: 20 })
    await connected.call("connect", pull, endpoint)
    await bound.call("sees", push, "handshake")
    await bound.call("unbind", push, endpoint)
    const there = await connected.call("sees", pull, "connect:retry")
    expect(there.slice(-2).map(({ type }) => type)).toEqual(["disconnect", "connect:retry"])
    await bound.call("close", push)
    const here = await bound.call("sees", push, "end")
    expect(here.map(({ type }) => type)).toEqual(["bind", "accept", "handshake", "close", "end"])
  })
})

describe("events of tcp alone", () => {
  it("busyAddress, as the native package has them", async () => {
    const [native, ours] = await Promise.all([
      run("native", "tcp", busyAddress),
      run("ours", "tcp", busyAddress),
    ])
    expect(ours).toEqual(native)
  })
})

describe("events over inproc", () => {
  it("are none but the end, as in the native package", async () => {
    const seen = []
    for (const library of ["native", "ours"] as const) {
      await using peer = await Peer.start(library)
      const push = await open(peer, "Push")
      const pull = await open(peer, "Pull")
      await peer.call("bind", push, "inproc://silent")
      await peer.call("connect", pull, "inproc://silent")
      await peer.call("send", push, [""])
      await peer.call("receive", pull)
      await peer.call("close", push)
      await peer.call("close", pull)
      seen.push([await peer.call("sees", push, "end"), await peer.call("sees", pull, "end")])
    }
    expect(seen[1]).toEqual(seen[0])
    expect(seen[0]).toEqual([[{ type: "end" }], [{ type: "end" }]])
  })
})
