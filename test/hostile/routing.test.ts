/** Peers that mean harm to a ROUTER: with ids, and with messages. */
import { describe, expect, it } from "vitest"
import type { Scheme } from "../support/endpoints.ts"
import { until } from "../support/events.ts"
import { bytes, command, GREETING, property, type RawPeer } from "../support/raw-peer.ts"
import {
  heldMemory,
  type Library,
  MIB,
  OTHER_ERROR,
  PROTOCOL_ERROR,
  routing,
  Stage,
  watchProcess,
} from "./stage.ts"

watchProcess()

/** What a DEALER of this name says before traffic. */
const dealer = (id: string): Buffer =>
  Buffer.concat([
    GREETING,
    command("READY", Buffer.concat([property("Socket-Type", "DEALER"), property("Identity", id)])),
  ])

const GREETED = [{ type: "accept" }, { type: "handshake" }]
const HELD = { code: "EADDRINUSE", reason: expect.any(String) }
const REQUEST = bytes('01 00 00 08 "stranger"')

describe.each<[Scheme, Library]>([
  ["tcp", "native"],
  ["ipc", "ours"],
])("over %s with %s neighbour", (scheme, library) => {
  it("who takes the neighbour's id isn't let in, and gets none of its messages", async () => {
    const ids = new Set<string>()
    await using stage = await Stage.bound(scheme, routing(ids), library)
    const [id = ""] = ids
    const held: RawPeer[] = []
    for (let i = 0; i < 20; i++) {
      const peer = (await stage.attacker()).write(dealer(id))
      expect(await stage.told(2)).toEqual([{ type: "accept" }, { type: "handshake:delay", ...HELD }])
      held.push(peer)
    }
    await stage.goesOn()
    for (const peer of held) {
      expect(peer.over).toBe(false)
      expect(peer.received.includes("READY")).toBe(false)
      peer.end()
      await peer.closed
      expect(await stage.told(2)).toMatchObject([
        { type: OTHER_ERROR, code: "EPIPE" },
        { type: "disconnect" },
      ])
    }
    expect(ids.size).toBe(1)
  })

  it("who takes the neighbour's id and talks on is closed: nobody has said READY to it", async () => {
    const ids = new Set<string>()
    await using stage = await Stage.bound(scheme, routing(ids), library)
    const [id = ""] = ids
    const peer = (await stage.attacker()).write(Buffer.concat([dealer(id), REQUEST]))
    await peer.closed
    expect(await stage.told(4)).toMatchObject([
      { type: "accept" },
      { type: "handshake:delay", ...HELD },
      { type: PROTOCOL_ERROR },
      { type: "disconnect" },
    ])
    expect(peer.received.includes("stranger")).toBe(false)
    expect(ids.size).toBe(1)
  })

  it.each([
    ["one byte", "\0"],
    ["five bytes like ours", "\0\xff\xff\xff\xff"],
    ["255 bytes", "x".repeat(255)],
  ])("an id of %s is an id like any other", async (_, id) => {
    await using stage = await Stage.bound(scheme, routing(), library)
    const peer = (await stage.attacker()).write(Buffer.concat([dealer(id), REQUEST]))
    expect(await stage.told(2)).toEqual(GREETED)
    await until(() => peer.received.includes("stranger"))
    peer.end()
    expect(await stage.told(1)).toEqual([{ type: "disconnect" }])
  })

  it.each([256, 60_000])("an id of %i bytes is refused", async size => {
    await using stage = await Stage.bound(scheme, routing(), library)
    const peer = (await stage.attacker()).write(Buffer.concat([dealer("x".repeat(size)), REQUEST]))
    await peer.closed
    expect(await stage.told(3)).toMatchObject([
      { type: "accept" },
      { type: PROTOCOL_ERROR, code: "ERR_ZMTP_INVALID_METADATA" },
      { type: "disconnect" },
    ])
  })

  it("a peer that floods and takes no answers fills no memory and stalls nobody", async () => {
    await using stage = await Stage.bound(scheme, routing(), library)
    const peer = (await stage.attacker()).write(dealer("flood"))
    expect(await stage.told(2)).toEqual(GREETED)
    peer.socket.pause()
    const before = heldMemory()
    void peer.pour(Buffer.alloc(REQUEST.length * 1000, REQUEST), 200)
    await stage.goesOn(200)
    expect(heldMemory() - before).toBeLessThan(16 * MIB)
  })
})
