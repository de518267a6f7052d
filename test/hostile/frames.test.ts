/** Peers that shake hands like honest ones, and then send frames that they should not. */
import { describe, expect, it } from "vitest"
import { MOST_PARTS } from "../../src/base/limits.ts"
import type { Scheme } from "../support/endpoints.ts"
import { until } from "../support/events.ts"
import { bytes, command, frame, handshake, longHeader } from "../support/raw-peer.ts"
import {
  heldMemory,
  type Library,
  MIB,
  publishing,
  pulling,
  residentMemory,
  Stage,
  watchProcess,
} from "./stage.ts"

watchProcess()

/** What follows the handshake; the reason of the disconnect event, whose code is EMSGSIZE. */
const TOO_LARGE: readonly [name: string, input: Buffer, reason: RegExp][] = [
  ["a message of 2^63 bytes", longHeader(0, 2n ** 63n), /9223372036854776000/],
  ["a part of 2^63 bytes", longHeader(1, 2n ** 63n), /9223372036854776000/],
  ["2^64 - 1 bytes", longHeader(0, 2n ** 64n - 1n), /allowed/],
  ["2^53 bytes", longHeader(0, 2n ** 53n), /allowed/],
  ["2^31 bytes", longHeader(0, 2n ** 31n), /2147483648 bytes, where 2147483647/],
  ["a command of 2^63 bytes", longHeader(4, 2n ** 63n), /a command frame/],
  ["a command of two megabytes", frame(4, Buffer.alloc(2 * MIB)), /a command frame of 2097152 bytes/],
]

describe.each<[Scheme, Library]>([
  ["tcp", "native"],
  ["ipc", "ours"],
])("frames over %s with %s neighbour", (scheme, library) => {
  it("that are declared too large end the connection before memory is taken", async () => {
    await using stage = await Stage.bound(scheme, pulling(), library)
    for (const [name, input, reason] of TOO_LARGE) {
      const before = residentMemory()
      const peer = (await stage.attacker()).write(handshake("PUSH"), input)
      await peer.closed
      const told = await stage.told(3)
      expect(told, name).toMatchObject([
        { type: "accept" },
        { type: "handshake" },
        { type: "disconnect", code: "EMSGSIZE" },
      ])
      expect(told[2]?.reason, name).toMatch(reason)
      expect(residentMemory() - before, name).toBeLessThan(100 * MIB)
      await stage.goesOn()
    }
    expect(await stage.told(0)).toEqual([])
  })

  it("that are declared too large by a peer that we connected to: given up for good", async () => {
    await using stage = await Stage.connecting(scheme, pulling(), library)
    for (const [name, input] of TOO_LARGE) {
      const server = await stage.ambush(peer => peer.write(Buffer.concat([handshake("PUSH"), input])))
      await (await server.peer(1)).closed
      expect(await stage.told(4), name).toMatchObject([
        { type: "connect" },
        { type: "handshake" },
        { type: "disconnect", code: "EMSGSIZE" },
        { type: "connect:stop", code: "EMSGSIZE" },
      ])
      stage.expectGivenUp()
      await stage.goesOn()
      expect(server.peers.length).toBe(1)
      await server.close()
    }
  })

  it("of 2 GiB, declared by a hundred peers that send little of them, take no memory", async () => {
    await using stage = await Stage.bound(scheme, pulling(), library)
    const before = residentMemory()
    const peers = await Promise.all(Array.from({ length: 100 }, () => stage.attacker()))
    for (const peer of peers) peer.write(handshake("PUSH"), longHeader(0, 2n ** 31n - 1n), Buffer.alloc(100))
    await stage.told(200)
    await stage.goesOn()
    expect(residentMemory() - before).toBeLessThan(200 * MIB)
    for (const peer of peers) peer.end()
    await Promise.all(peers.map(({ closed }) => closed))
    expect((await stage.told(100)).map(({ type }) => type)).toEqual(Array(100).fill("disconnect"))
  })

  it("beyond maxMessageSize end the connection, those of just that size don't", async () => {
    await using stage = await Stage.bound(scheme, publishing({ maxMessageSize: 1000 }), library)
    const peer = (await stage.attacker()).write(handshake("SUB"))
    peer.write(frame(0, Buffer.alloc(1000)), frame(1, Buffer.alloc(1000)), frame(0, Buffer.alloc(1000)))
    expect(await stage.told(2)).toEqual([{ type: "accept" }, { type: "handshake" }])
    await stage.goesOn()
    expect(peer.over).toBe(false)
    peer.write(frame(0, Buffer.alloc(1001)))
    await peer.closed
    expect(await stage.told(1)).toEqual([
      {
        type: "disconnect",
        code: "EMSGSIZE",
        reason: "a message frame of 1001 bytes, where 1000 are allowed",
      },
    ])
  })

  it("without end, all of one message, are refused at the ceiling", async () => {
    await using stage = await Stage.bound(scheme, pulling(), library)
    const peer = (await stage.attacker()).write(handshake("PUSH"))
    const before = residentMemory()
    const many = 2 ** 16
    await peer.pour(Buffer.alloc(2 * many, bytes("01 00")), 1 + MOST_PARTS / many)
    await peer.closed
    expect(await stage.told(3)).toMatchObject([
      { type: "accept" },
      { type: "handshake" },
      { type: "disconnect", code: "EMSGSIZE", reason: "a message of more than 1048576 parts" },
    ])
    expect(residentMemory() - before).toBeLessThan(200 * MIB)
  })

  it("with strange but harmless flags and commands leave the connection as it is", async () => {
    await using stage = await Stage.bound(scheme, publishing(), library)
    const peer = (await stage.attacker()).write(handshake("SUB"))
    peer.write(
      bytes("04 00"), // no name
      bytes('04 03 FF "xy"'), // a name cut off
      command("NEVER-HEARD-OF", Buffer.alloc(40_000)),
      command("PONG", Buffer.alloc(1000)),
      command("PING"), // too short to say anything
      bytes("05 05 04 50 4F 4E 47"), // MORE on a command
      bytes("F8 00"), // reserved bits
    )
    peer.write(command("PING", bytes('0000 "context"')))
    // Our greeting, our READY, and the answer to the one PING that asked for one.
    const pong = command("PONG", bytes('"context"'))
    await until(() => peer.received.includes(pong) || peer.over)
    expect(peer.over).toBe(false)
    expect(await stage.told(2)).toEqual([{ type: "accept" }, { type: "handshake" }])
  })

  it("a flood of PINGs from a peer that never reads takes no memory", async () => {
    await using stage = await Stage.bound(scheme, pulling(), library)
    const peer = (await stage.attacker()).write(handshake("PUSH"))
    expect(await stage.told(2)).toEqual([{ type: "accept" }, { type: "handshake" }])
    peer.socket.pause()
    const ping = command("PING", bytes('0000 "0123456789abcdef"'))
    const thousand = Buffer.alloc(1000 * ping.length, ping)
    await peer.pour(thousand, 100)
    const before = heldMemory()
    // 48 MB, each PING asking for a PONG of almost its size.
    await peer.pour(thousand, 2000)
    expect(heldMemory() - before).toBeLessThan(16 * MIB)
    await stage.goesOn()
    expect(await stage.told(0)).toEqual([])
    peer.reset()
    expect(await stage.told(1)).toMatchObject([{ type: "disconnect" }])
  })

  it("a PING that promises more to come is taken at its word", async () => {
    await using stage = await Stage.bound(scheme, pulling(), library)
    const peer = (await stage.attacker()).write(handshake("PUSH"), command("PING", bytes("0001")))
    await peer.closed
    expect(await stage.told(3)).toMatchObject([
      { type: "accept" },
      { type: "handshake" },
      { type: "disconnect", code: "ETIMEDOUT", reason: expect.stringMatching(/100 ms/) },
    ])
  })
})
