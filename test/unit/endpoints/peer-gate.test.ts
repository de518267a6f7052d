/** Who may hear READY, and when (RFC 37, "NULL"; RFC 28 for routing ids). */
import { beforeAll, describe, expect, it, vi } from "vitest"
import type { RemotePeer } from "../../../src/contracts/connection.ts"
import { loadZmtp } from "../../../src/endpoints/load.ts"
import { turn } from "../../support/events.ts"
import { fakeSocket, pass, types } from "../../support/fake-socket.ts"
import { type MemoryStream, memoryPair } from "../../support/memory-stream.ts"
import { bytes, GREETING, local } from "../../support/zmtp.ts"

vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))

// Loading takes time of another clock.
beforeAll(async () => void (await loadZmtp()))

const READY = "READY"
const readyOf = (type: string, id: string) =>
  Buffer.concat([
    bytes(`04 ${(35 + type.length + id.length).toString(16).padStart(2, "0")} 05 "READY"`),
    bytes(`0B "Socket-Type" 000000${type.length.toString(16).padStart(2, "0")} "${type}"`),
    bytes(`08 "Identity" 000000${id.length.toString(16).padStart(2, "0")} "${id}"`),
  ])

/** Until everything written in memory has arrived, and its answer, too. */
async function quiet(): Promise<void> {
  for (let n = 0; n < 10; n++) await turn()
}

async function later(milliseconds: number): Promise<void> {
  await quiet()
  await pass(milliseconds)
  await quiet()
}

/** What a stream has brought. */
function listen(stream: MemoryStream): { readonly heard: string; readonly closed: boolean } {
  let heard = ""
  let closed = false
  stream.open({
    data: chunk => {
      heard += Buffer.from(chunk).toString("latin1")
    },
    drain() {},
    closed() {
      closed = true
    },
  })
  return {
    get heard() {
      return heard
    },
    get closed() {
      return closed
    },
  }
}

/** A socket whose pattern keeps some routing ids, and what each peer that comes to it hears. */
function keeper(taken: Set<string>, options = {}) {
  const socket = fakeSocket("ROUTER", options)
  Object.assign(socket.pattern, { isTaken: (id: Uint8Array) => taken.has(Buffer.from(id).toString()) })
  return socket
}

async function bound(taken: Set<string>, options = {}) {
  const socket = keeper(taken, options)
  await socket.core.endpoints.bind("fake://here")
  const come = async (id: string | undefined) => {
    const [near, far] = memoryPair()
    const { host, accept } = socket.transport.lastListener
    accept(host.upgrade(near))
    const ears = listen(far)
    far.write(id === undefined ? [GREETING] : [GREETING, readyOf("DEALER", id)])
    await quiet()
    return { far, ears }
  }
  return { ...socket, come }
}

const EMPTY_PEER: RemotePeer = { socketType: "DEALER", routingId: local("DEALER").routingId }

describe("a bound socket that keeps routing ids", () => {
  it("says READY once it has heard who the peer is, and not before", async () => {
    const { come, events } = await bound(new Set())
    const silent = await come(undefined)
    await later(1000)
    expect(silent.ears.heard).not.toContain(READY)
    silent.far.write([readyOf("DEALER", "a")])
    await quiet()
    expect(silent.ears.heard).toContain(READY)
    expect(types(events)).toEqual(["accept", "handshake"])
  })

  it("keeps a peer waiting whose id is taken, tells of it once, and lets it in when it is free", async () => {
    const taken = new Set(["a"])
    const { come, events, core } = await bound(taken)
    const { ears } = await come("a")
    await later(1000)
    expect(ears).toMatchObject({ closed: false })
    expect(ears.heard).not.toContain(READY)
    core.admission.nameLeft(Buffer.from("b"))
    core.admission.nameLeft(Buffer.from("a"))
    await quiet()
    expect(ears.heard).not.toContain(READY)
    taken.clear()
    core.admission.nameLeft(Buffer.from("a"))
    await quiet()
    expect(ears.heard).toContain(READY)
    expect(events).toMatchObject([
      { type: "accept" },
      { type: "handshake:delay", error: { code: "EADDRINUSE" } },
      { type: "handshake" },
    ])
  })

  it("lets one in at a time, the latest first", async () => {
    const taken = new Set(["a"])
    const { come, core } = await bound(taken)
    const peers = [await come("a"), await come("a"), await come("a")]
    taken.clear()
    core.admission.nameLeft(Buffer.from("a"))
    await quiet()
    expect(peers.map(({ ears }) => ears.heard.includes(READY))).toEqual([false, false, true])
    core.admission.nameLeft(Buffer.from("a"))
    await quiet()
    expect(peers.map(({ ears }) => ears.heard.includes(READY))).toEqual([false, true, true])
  })

  it("refuses who has waited for handshakeInterval, with the reason", async () => {
    const { come, events } = await bound(new Set(["a"]), { handshakeInterval: 50 })
    const { ears } = await come("a")
    await later(50)
    expect(ears.closed).toBe(true)
    expect(events.slice(2)).toMatchObject([
      {
        type: "handshake:error:other",
        error: { code: "EADDRINUSE", reason: 'another peer has the routing id "a"' },
      },
      { type: "disconnect" },
    ])
  })

  it("doesn't mind peers without an id", async () => {
    const { come, core } = await bound(new Set([""]))
    expect((await come("")).ears.heard).toContain(READY)
    expect(core.admission.nameConflict(EMPTY_PEER)).toBeUndefined()
  })

  it("refuses a peer of the wrong type before it hears READY", async () => {
    const { transport, core } = await bound(new Set())
    const [near, far] = memoryPair()
    const { host, accept } = transport.lastListener
    accept(host.upgrade(near))
    const ears = listen(far)
    far.write([GREETING, readyOf("SUB", "")])
    await quiet()
    expect(ears.closed).toBe(true)
    expect(ears.heard).not.toContain(READY)
    core.close()
  })
})

describe("a connecting socket that keeps routing ids", () => {
  function dialled(taken: Set<string>, routingId?: string, others = true) {
    const socket = keeper(taken)
    if (others) socket.core.endpoints.connect("fake://somewhere else")
    socket.core.endpoints.connect(
      "fake://there",
      routingId === undefined ? undefined : Buffer.from(routingId),
    )
    const dial = socket.transport.lastDial
    const [near, far] = memoryPair()
    dial.follow(dial.host.upgrade(near))
    return { ...socket, far, ears: listen(far) }
  }

  it("says READY by itself 100 ms after the peer's greeting: a bound socket of its kind waits for that", async () => {
    const { ears, far } = dialled(new Set(["a"]))
    await later(500)
    far.write([GREETING])
    await later(99)
    expect(ears.heard).not.toContain(READY)
    await later(1)
    expect(ears.heard).toContain(READY)
  })

  it("says READY at once to a peer that will be the only one", async () => {
    const { ears, far } = dialled(new Set(), undefined, false)
    far.write([GREETING])
    await quiet()
    expect(ears.heard).toContain(READY)
  })

  it("waits, too, for an id that is taken", async () => {
    const taken = new Set(["a"])
    const { ears, far, core, events } = dialled(taken)
    far.write([GREETING, readyOf("DEALER", "a")])
    await later(500)
    expect(ears.heard).not.toContain(READY)
    taken.clear()
    core.admission.nameLeft(Buffer.from("a"))
    await quiet()
    expect(ears.heard).toContain(READY)
    expect(types(events)).toEqual(["connect", "handshake:delay", "handshake"])
  })

  it("doesn't ask when connect() has given the peer its id", async () => {
    const { ears, far } = dialled(new Set(["a"]), "ours")
    far.write([GREETING])
    await quiet()
    expect(ears.heard).toContain(READY)
  })
})
