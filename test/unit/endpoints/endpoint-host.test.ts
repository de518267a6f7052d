/** Handshakes and their events: zeromqjs.md 1.6, zmtp.md 6.4 and 8.2; api.md point 3: a refused peer always shows. */
import { describe, expect, it, vi } from "vitest"
import type { Event } from "../../../src/events/events.ts"
import { until } from "../../support/events.ts"
import { fakeSocket, pass, types } from "../../support/fake-socket.ts"
import { settled } from "../../support/fake-transport.ts"
import { type MemoryStream, memoryPair } from "../../support/memory-stream.ts"

vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))

/** A bound and a connecting socket, and a byte stream between them that waits to be upgraded. */
async function link(here: Parameters<typeof fakeSocket>[0], there = here, options = {}) {
  const bound = fakeSocket(here, options)
  await bound.core.endpoints.bind("fake://here")
  const connecting = fakeSocket(there, options)
  connecting.core.endpoints.connect("fake://there")
  const streams = memoryPair()
  const accept = (stream: MemoryStream) => {
    const { host, accept } = bound.transport.lastListener
    accept(host.upgrade(stream))
  }
  const connect = (stream: MemoryStream) => {
    const dial = connecting.transport.lastDial
    dial.follow(dial.host.upgrade(stream))
  }
  return { bound, connecting, streams, accept, connect }
}

async function linked(...given: Parameters<typeof link>) {
  const pair = await link(...given)
  pair.accept(pair.streams[0])
  pair.connect(pair.streams[1])
  await until(() => pair.bound.events.length >= 2 && pair.connecting.events.length >= 2)
  return pair
}

const of = (events: Event[], type: string) =>
  events.find(event => event.type === type) as Event & { error: Error }

describe("a handshake that succeeds", () => {
  it("tells accept and handshake with the local endpoint, connect and handshake with the dialled one", async () => {
    const { bound, connecting, streams } = await linked("DEALER")
    const { local } = streams[0]
    expect(bound.events).toEqual([
      { type: "accept", address: local },
      { type: "handshake", address: local },
    ])
    expect(connecting.events).toEqual([
      { type: "connect", address: "fake://there" },
      { type: "handshake", address: "fake://there" },
    ])
    connecting.write("hello")
    await until(() => bound.pattern.canReceive())
    expect(bound.read()).toEqual(["hello"])
  })

  it("a loss is told as disconnect, and the dialler tries again", async () => {
    const { bound, connecting, streams } = await linked("DEALER")
    streams[1].break(new Error("reset"))
    streams[0].break(new Error("reset"))
    await until(() => bound.events.length === 3 && connecting.events.length === 4)
    expect(bound.events[2]).toMatchObject({ type: "disconnect", address: streams[0].local })
    expect(types(connecting.events.slice(2))).toEqual(["disconnect", "connect:retry"])
  })

  it("our own close() is not told as disconnect, the peer's is", async () => {
    const { bound, connecting } = await linked("DEALER")
    connecting.core.close()
    await until(() => bound.events.length === 3)
    expect(types(bound.events)).toEqual(["accept", "handshake", "disconnect"])
    await settled()
    expect(types(connecting.events)).toEqual(["connect", "handshake", "end"])
  })

  it("nor is that of the bound end", async () => {
    const { bound, connecting } = await linked("DEALER")
    await bound.core.endpoints.close("fake://here")
    await until(() => types(connecting.events).includes("connect:retry"))
    await settled()
    expect(types(bound.events)).toEqual(["accept", "handshake"])
  })

  it("our own disconnect() is told by no event at all", async () => {
    const { bound, connecting } = await linked("DEALER")
    void connecting.core.endpoints.close("fake://there")
    await until(() => bound.events.length === 3)
    await pass(0)
    expect(types(connecting.events)).toEqual(["connect", "handshake"])
  })
})

describe("a handshake that fails", () => {
  it("peers that don't go together: both ends tell why, and the dialler gives up", async () => {
    const { bound, connecting } = await linked("REP", "SUB")
    await until(() => bound.events.length === 3 && connecting.events.length === 4)
    for (const [{ events }, first, ...last] of [
      [bound, "accept"],
      [connecting, "connect", "connect:stop"],
    ] as const) {
      expect(types(events)).toEqual([first, types(events)[1], "disconnect", ...last])
      expect(types(events)[1]).toMatch(/^handshake:error:/)
    }
    const told = [...bound.events, ...connecting.events].filter(
      ({ type }) => type === "handshake:error:protocol",
    )
    expect(told.length).toBeGreaterThan(0)
    for (const event of told) {
      expect(event).toMatchObject({ error: { message: "ZMTP protocol error" } })
      expect((event as unknown as { error: { reason: string } }).error.reason).toMatch(/can't talk to a "/)
    }
  })

  it("a peer that leaves early: handshake:error:other EPIPE, and a further attempt", async () => {
    const { connecting, connect, streams } = await link("DEALER")
    connect(streams[1])
    streams[0].open({ data() {}, drain() {}, closed() {} })
    streams[0].end()
    await until(() => connecting.events.length === 4)
    expect(types(connecting.events)).toEqual([
      "connect",
      "handshake:error:other",
      "disconnect",
      "connect:retry",
    ])
    expect(of(connecting.events, "handshake:error:other").error).toMatchObject({
      code: "EPIPE",
      message: "Broken pipe",
    })
  })

  it("a silent peer: handshake:error:other EAGAIN after handshakeInterval", async () => {
    const { bound, accept, streams } = await link("DEALER", "DEALER", { handshakeInterval: 50 })
    accept(streams[0])
    await pass(49)
    expect(types(bound.events)).toEqual(["accept"])
    await pass(1)
    await settled()
    expect(types(bound.events)).toEqual(["accept", "handshake:error:other", "disconnect"])
    expect(of(bound.events, "handshake:error:other").error).toMatchObject({
      code: "EAGAIN",
      message: "Operation was not possible or timed out",
    })
    expect(bound.pattern.log).toEqual([])
  })

  it("an attempt that reached somebody who didn't take us makes the next wait no shorter", async () => {
    const options = { reconnectInterval: 10, reconnectMaxInterval: 1000 }
    const { connecting, connect, streams } = await link("DEALER", "DEALER", options)
    for (const interval of [10, 20, 40]) {
      await connecting.transport.lastDial.fail()
      await pass(interval)
    }
    connect(streams[1])
    streams[0].open({ data() {}, drain() {}, closed() {} })
    streams[0].end()
    await until(() => types(connecting.events).filter(type => type === "connect:retry").length === 4)
    expect(connecting.events.at(-1)).toMatchObject({ type: "connect:retry", interval: 80 })
  })

  it("is ended by close(), silently, and its stream destroyed", async () => {
    const { bound, connecting, accept, connect, streams } = await link("DEALER")
    accept(streams[0])
    const lonely = memoryPair()
    connect(lonely[0])
    bound.core.close()
    connecting.core.close()
    await until(() => streams[0].isClosed && lonely[0].isClosed)
    await settled()
    expect(types(bound.events)).toEqual(["accept", "end"])
    expect(types(connecting.events)).toEqual(["connect", "end"])
  })
})

describe("a PAIR that has its peer", () => {
  it("closes a further one before any handshake, and tells accept:error EISCONN with the endpoint", async () => {
    const { bound, accept } = await linked("PAIR")
    const [near, far] = memoryPair()
    accept(near)
    await settled()
    expect(near.isClosed).toBe(true)
    expect(far.writes).toBe(0)
    expect(bound.events.slice(2)).toMatchObject([
      { type: "accept:error", address: near.local, error: { code: "EISCONN", address: near.local } },
    ])
  })

  it("of two that shake hands at the same time, one is let in", async () => {
    const first = await link("PAIR")
    const second = memoryPair()
    const other = fakeSocket("PAIR")
    other.core.endpoints.connect("fake://there")
    first.accept(first.streams[0])
    first.accept(second[0])
    first.connect(first.streams[1])
    const dial = other.transport.lastDial
    dial.follow(dial.host.upgrade(second[1]))
    await until(() => types(other.events).includes("connect:retry"))
    expect(first.bound.pattern.pipes.length).toBe(1)
    expect(types(first.bound.events)).toEqual(["accept", "accept", "handshake", "accept:error", "disconnect"])
    expect(of(first.bound.events, "accept:error").error).toMatchObject({ code: "EISCONN" })
    // It has heard no READY, so that it has sent nothing.
    expect(types(other.events)).toEqual(["connect", "handshake:error:other", "disconnect", "connect:retry"])
  })
})
