/** A right greeting, and then a handshake that goes wrong. */
import { describe, expect, it } from "vitest"
import type { Scheme } from "../support/endpoints.ts"
import {
  bytes,
  command,
  frame,
  GREETING,
  handshake,
  longHeader,
  property,
  ready,
} from "../support/raw-peer.ts"
import { type Library, PROTOCOL_ERROR, pulling, replying, Stage, watchProcess } from "./stage.ts"

watchProcess()

const UNEXPECTED = "ERR_ZMTP_UNEXPECTED_COMMAND"
const METADATA = "ERR_ZMTP_INVALID_METADATA"
const MALFORMED = "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED"

const TYPE = property("Socket-Type", "PUSH")

/** What follows the greeting in the same segment; the code and the reason of the event. */
const BAD: readonly [name: string, input: Buffer, code: string, reason: RegExp][] = [
  ["PING before READY", command("PING", bytes("0000")), UNEXPECTED, /"PING"/],
  ["PONG before READY", command("PONG"), UNEXPECTED, /"PONG"/],
  ["a subscription before READY", command("SUBSCRIBE", bytes('"topic"')), UNEXPECTED, /"SUBSCRIBE"/],
  ["an old subscription before READY", frame(0, bytes('01 "topic"')), UNEXPECTED, /"t"/],
  ["HELLO of PLAIN", command("HELLO", bytes('01 "u" 01 "p"')), UNEXPECTED, /"HELLO"/],
  [
    "a message before READY",
    Buffer.concat([frame(0, bytes('"message"')), ready("PUSH")]),
    MALFORMED,
    /whole name/,
  ],
  ["an empty message before READY", Buffer.concat([bytes("00 00"), ready("PUSH")]), MALFORMED, /whole name/],
  ["an empty command", bytes("04 00"), MALFORMED, /whole name/],
  ["a command without a name", bytes('04 03 00 "xy"'), MALFORMED, /whole name/],
  ["a name with control characters", bytes("04 04 03 0A 1B 07"), UNEXPECTED, /"\?\?\?"/],
  ["a name cut off", bytes('04 03 05 "RE"'), "ERR_ZMTP_MALFORMED_COMMAND_READY", /READY/],
  ["ERROR", command("ERROR", bytes('06 "go off"')), "ERR_ZMTP_UNSPECIFIED", /the peer refused: "go off"/],
  ["ERROR without a reason", command("ERROR", bytes("00")), "ERR_ZMTP_UNSPECIFIED", /the peer refused/],
  ["ERROR cut off", command("ERROR", bytes('09 "x"')), "ERR_ZMTP_MALFORMED_COMMAND_ERROR", /cut off/],
  ["a command that declares 2^63 bytes", longHeader(4, 2n ** 63n), "EMSGSIZE", /9223372036854776000/],
  ["a message that declares 2^63 bytes", longHeader(0, 2n ** 63n), "EMSGSIZE", /9223372036854776000/],
  ["2^64 - 1 bytes", longHeader(4, 2n ** 64n - 1n), "EMSGSIZE", /allowed/],
  ["READY of a megabyte", command("READY", Buffer.alloc(1 << 20)), "EMSGSIZE", /65536 are allowed/],
  ["a megabyte as a message", frame(0, Buffer.alloc(1 << 20)), "EMSGSIZE", /65536 are allowed/],
  ["an incompatible socket type", ready("SUB"), METADATA, /a PULL socket can't talk to a "SUB" socket/],
  ["an unknown socket type", ready("push"), METADATA, /"push"/],
  ["an empty socket type", ready(""), METADATA, /""/],
  ["a socket type of 50 kB", ready("X".repeat(50_000)), METADATA, /"X{3,}/],
  [
    "a routing id of 256 bytes",
    command("READY", Buffer.concat([TYPE, property("Identity", "x".repeat(256))])),
    METADATA,
    /a routing id of 256 bytes, where 255 are allowed/,
  ],
  [
    "one byte too many in the metadata",
    command("READY", Buffer.concat([TYPE, bytes("00")])),
    METADATA,
    /cut/,
  ],
  [
    "a value beyond its command",
    command("READY", bytes('01 "a" FFFFFFFF "x"')),
    METADATA,
    /a value is cut off/,
  ],
  ...Array.from(
    { length: TYPE.length - 1 },
    (_, cut) =>
      [
        `metadata cut behind ${cut + 1} bytes`,
        command("READY", TYPE.subarray(0, cut + 1)),
        METADATA,
        /cut off/,
      ] as const,
  ).map(([...row]) => row satisfies [string, Buffer, string, RegExp]),
]

describe.each<[Scheme, Library]>([
  ["tcp", "ours"],
  ["ipc", "native"],
])("behind a greeting, over %s with %s neighbour", (scheme, library) => {
  it("what a peer that came says wrong: closed, told, and the neighbour served", async () => {
    await using stage = await Stage.bound(scheme, pulling(), library)
    for (const [name, input, code, reason] of BAD) {
      const peer = (await stage.attacker()).write(GREETING, input)
      await peer.closed
      const told = await stage.told(3)
      expect(told, name).toMatchObject([
        { type: "accept" },
        { type: PROTOCOL_ERROR, code },
        { type: "disconnect" },
      ])
      expect(told[1]?.reason, name).toMatch(reason)
      expect(told[1]?.reason?.length, name).toBeLessThan(500)
      await stage.goesOn(1)
    }
    expect(await stage.told(0)).toEqual([])
  })

  it("what a peer that we connected to says wrong: given up for good", async () => {
    await using stage = await Stage.connecting(scheme, pulling(), library)
    for (const [name, input, code, reason] of BAD) {
      const server = await stage.ambush(peer => peer.write(Buffer.concat([GREETING, input])))
      await (await server.peer(1)).closed
      const told = await stage.told(4)
      expect(told, name).toMatchObject([
        { type: "connect" },
        { type: PROTOCOL_ERROR, code },
        { type: "disconnect" },
        { type: "connect:stop", code },
      ])
      expect(told[1]?.reason, name).toMatch(reason)
      stage.expectGivenUp()
      await stage.goesOn(1)
      expect(server.peers.length).toBe(1)
      await server.close()
    }
    expect(await stage.told(0)).toEqual([])
  })

  it("a second READY, in the same segment or later, ends what had begun", async () => {
    await using stage = await Stage.bound(scheme, pulling(), library)
    for (const together of [true, false]) {
      const peer = (await stage.attacker()).write(GREETING)
      if (together) peer.write(Buffer.concat([ready("PUSH"), ready("PUSH")]))
      else {
        peer.write(ready("PUSH"))
        expect(await stage.told(2)).toEqual([{ type: "accept" }, { type: "handshake" }])
        peer.write(ready("PUSH"))
      }
      await peer.closed
      const told = await stage.told(together ? 3 : 1)
      expect(told.at(-1)).toMatchObject({ type: "disconnect", code: UNEXPECTED })
      expect(told.at(-1)?.reason).toMatch(/"READY"/)
      await stage.goesOn()
    }
    expect(await stage.told(0)).toEqual([])
  })

  it("a second READY of a peer that we connected to: given up for good", async () => {
    await using stage = await Stage.connecting(scheme, pulling(), library)
    const server = await stage.ambush(peer => peer.write(handshake("PUSH"), ready("PUSH")))
    await (await server.peer(1)).closed
    expect(await stage.told(4)).toMatchObject([
      { type: "connect" },
      { type: "handshake" },
      { type: "disconnect", code: UNEXPECTED },
      { type: "connect:stop", code: UNEXPECTED },
    ])
    stage.expectGivenUp()
    await stage.goesOn()
    expect(server.peers.length).toBe(1)
  })

  it("ERROR after the handshake ends the connection too", async () => {
    await using stage = await Stage.bound(scheme, pulling(), library)
    const peer = (await stage.attacker()).write(handshake("PUSH"), command("ERROR", bytes('01 "x"')))
    await peer.closed
    expect(await stage.told(3)).toMatchObject([
      { type: "accept" },
      { type: "handshake" },
      { type: "disconnect", code: UNEXPECTED },
    ])
  })

  it("a REP refuses who is no requester", async () => {
    await using stage = await Stage.bound(scheme, replying(), library)
    for (const type of ["REP", "ROUTER", "SUB", "PAIR", "REQ2"]) {
      const peer = (await stage.attacker()).write(handshake(type))
      await peer.closed
      expect(await stage.told(3)).toMatchObject([
        { type: "accept" },
        { type: PROTOCOL_ERROR, code: METADATA, reason: expect.stringContaining(`"${type}"`) },
        { type: "disconnect" },
      ])
      await stage.goesOn()
    }
  })
})
