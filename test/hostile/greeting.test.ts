/** Peers that are no ZMTP 3 peers, and what is left of a handshake when bytes are missing or wrong. */
import { randomBytes } from "node:crypto"
import { describe, expect, it } from "vitest"
import type { Scheme } from "../support/endpoints.ts"
import { bytes, GREETING, handshake, type RawPeer } from "../support/raw-peer.ts"
import {
  type Library,
  OTHER_ERROR,
  PROTOCOL_ERROR,
  pulling,
  Stage,
  type Told,
  watchProcess,
} from "./stage.ts"

watchProcess()

const UNSPECIFIED = "ERR_ZMTP_UNSPECIFIED"
const MISMATCH = "ERR_ZMTP_MECHANISM_MISMATCH"

function greetingWith(changes: Record<number, number | string>): Buffer {
  const greeting = Buffer.from(GREETING)
  for (const [at, value] of Object.entries(changes)) {
    if (typeof value === "number") greeting[Number(at)] = value
    else greeting.write(value, Number(at), "latin1")
  }
  return greeting
}

const noise = randomBytes(4096)
noise[0] = 0x7e
noise[1] = 0x7e

/** What comes instead of a greeting; the code and the reason that the event has. */
const GARBAGE: readonly [name: string, input: Buffer, code: string, reason: RegExp][] = [
  ["an HTTP request", Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), UNSPECIFIED, /first byte is 0x47/],
  ["a TLS client hello", bytes("16 03 01 02 00 01 00 01 FC 03 03"), UNSPECIFIED, /first byte is 0x16/],
  ["one wrong byte", bytes("00"), UNSPECIFIED, /first byte is 0x00/],
  ["noise", noise, UNSPECIFIED, /first byte is 0x7e/],
  ["a megabyte of FF", Buffer.alloc(1 << 20, 0xff), MISMATCH, /mechanism/],
  ["a megabyte of zeros", Buffer.alloc(1 << 20), UNSPECIFIED, /first byte is 0x00/],
  ["a database's banner", bytes('4A 00 00 00 0A "5.7.42"'), UNSPECIFIED, /first byte is 0x4a/],
  [
    "a frame of version 1 that is too long for an id",
    bytes("FF 00000000 00000200 00"),
    UNSPECIFIED,
    /tenth byte is 0x00/,
  ],
  [
    "a version that there never was",
    bytes("FF 00000000 00000001 7F 02"),
    UNSPECIFIED,
    /version byte is 0x02/,
  ],
  [
    "a ZMTP 1.0 peer whose frames go astray",
    bytes('01 00 02 48 "x"'),
    UNSPECIFIED,
    /ZMTP 1.0 peer: flags of 72/,
  ],
  ["another mechanism", greetingWith({ 12: "PLAIN" }), MISMATCH, /"PLAIN".*"NULL"/],
  ["a mechanism that goes on behind NULL", greetingWith({ 31: 1 }), MISMATCH, /mechanism/],
]

describe.each<[Scheme, Library]>([
  ["tcp", "native"],
  ["ipc", "ours"],
])("instead of a greeting, over %s with %s neighbour", (scheme, library) => {
  it("garbage from a peer that came: closed, told, and the neighbour served", async () => {
    await using stage = await Stage.bound(scheme, pulling(), library)
    for (const [name, input, code, reason] of GARBAGE) {
      const peer = (await stage.attacker()).write(input)
      await peer.closed
      const told = await stage.told(3)
      expect(told, name).toMatchObject([
        { type: "accept" },
        { type: PROTOCOL_ERROR, code },
        { type: "disconnect" },
      ])
      expect(told[1]?.reason, name).toMatch(reason)
      await stage.goesOn()
    }
    expect(await stage.told(0)).toEqual([])
  })

  it("garbage from whom we connected to: dialled on, because it may be somebody who stands in between", async () => {
    const options = { reconnectInterval: 1, reconnectMaxInterval: 1 }
    await using stage = await Stage.connecting(scheme, pulling(options), library)
    for (const [name, input, code, reason] of GARBAGE.filter(([, , code]) => code === UNSPECIFIED)) {
      let life = 0
      const server = await stage.ambush(peer => {
        if (++life < 3) peer.write(input)
        else peer.write(handshake("PUSH"))
      })
      await server.peer(3)
      const told = await stage.told(10)
      const attempt = [
        { type: "connect" },
        { type: PROTOCOL_ERROR, code },
        { type: "disconnect" },
        { type: "connect:retry" },
      ]
      expect(told, name).toMatchObject([...attempt, ...attempt, { type: "connect" }, { type: "handshake" }])
      expect(told[1]?.reason, name).toMatch(reason)
      await stage.goesOn()
      stage.socket.disconnect(stage.endpoint)
      await server.close()
    }
    expect(await stage.told(0)).toEqual([])
  })

  it("another mechanism of a peer that we connected to: given up for good, which is told", async () => {
    await using stage = await Stage.connecting(scheme, pulling(), library)
    for (const [name, input, code, reason] of GARBAGE.filter(([, , code]) => code === MISMATCH)) {
      const server = await stage.ambush(peer => peer.write(input))
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
      await stage.goesOn()
      expect(server.peers.length).toBe(1)
      await server.close()
    }
    expect(await stage.told(0)).toEqual([])
  })
})

/** How the handshake of a PUSH ends after a change at a position, with the peer closing behind it. */
type Outcome =
  | "works"
  /** Our end waits for bytes that never come, until the peer closes. */
  | "starves"
  | "not ZMTP"
  | "mechanism"
  | "too large"
  | "malformed"
  | "unexpected"
  | "metadata"

const EVENTS: Record<Outcome, readonly Told[]> = {
  works: [{ type: "handshake" }, { type: "disconnect" }],
  starves: [{ type: OTHER_ERROR, code: "EPIPE" }, { type: "disconnect" }],
  "not ZMTP": [{ type: PROTOCOL_ERROR, code: UNSPECIFIED }, { type: "disconnect" }],
  mechanism: [{ type: PROTOCOL_ERROR, code: MISMATCH }, { type: "disconnect" }],
  "too large": [{ type: PROTOCOL_ERROR, code: "EMSGSIZE" }, { type: "disconnect" }],
  malformed: [
    { type: PROTOCOL_ERROR, code: "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED" },
    { type: "disconnect" },
  ],
  unexpected: [{ type: PROTOCOL_ERROR, code: "ERR_ZMTP_UNEXPECTED_COMMAND" }, { type: "disconnect" }],
  metadata: [{ type: PROTOCOL_ERROR, code: "ERR_ZMTP_INVALID_METADATA" }, { type: "disconnect" }],
}

interface Region {
  readonly what: string
  readonly size: number
  /** By the changed byte. */
  readonly outcome: (value: number) => Outcome
}

const always = (outcome: Outcome) => () => outcome

/** The bytes of greeting and READY in order, and what becomes of a change there. */
const REGIONS: readonly Region[] = [
  { what: "signature: what doesn't begin with FF is of version 1", size: 1, outcome: always("not ZMTP") },
  { what: "padding: nobody looks at it (libzmq writes a length there)", size: 8, outcome: always("works") },
  {
    what: "end of signature: only bit 0 counts, as in libzmq; without it the peer is of version 1",
    size: 1,
    outcome: value => ((value & 1) === 1 ? "works" : "not ZMTP"),
  },
  {
    // libzmq takes 2 for 3.1; RFC 37 takes it for ZMTP 2.0, and no peer sends it.
    // To a peer of version 2.0 what follows is a frame of a huge size.
    what: "major version: below 3 is older, beyond 3 will do",
    size: 1,
    outcome: value => (value === 1 ? "too large" : value === 2 ? "not ZMTP" : "works"),
  },
  { what: "minor version: chooses a dialect", size: 1, outcome: always("works") },
  { what: "mechanism: all twenty bytes count", size: 20, outcome: always("mechanism") },
  {
    what: "as-server: means nothing to NULL, and libzmq never looks at it",
    size: 1,
    outcome: always("works"),
  },
  { what: "filler: ignored", size: 31, outcome: always("works") },
  {
    // As in libzmq, neither COMMAND, MORE nor a reserved bit counts in the handshake. LONG takes eight bytes for
    // the size, the first of which is the size that was.
    what: "flags of READY",
    size: 1,
    outcome: value => ((value & 2) === 0 ? "works" : "too large"),
  },
  {
    what: "size of READY (26): a larger one waits for more, a smaller one cuts the metadata",
    size: 1,
    outcome: value => (value > 26 ? "starves" : "metadata"),
  },
  {
    what: "length of the command's name: beyond the body there is no name, else it is another name",
    size: 1,
    outcome: value => (value > 25 ? "malformed" : "unexpected"),
  },
  { what: "READY: another name is another command", size: 5, outcome: always("unexpected") },
  {
    what: "length of the property's name: all that follows is misread",
    size: 1,
    outcome: always("metadata"),
  },
  {
    // A peer may keep its type to itself, to libzmq and to us.
    what: "Socket-Type: a property of another name means nothing",
    size: 11,
    outcome: always("works"),
  },
  { what: "size of the value (4): too large, or leaves bytes over", size: 4, outcome: always("metadata") },
  { what: "PUSH: no other type goes with PULL", size: 4, outcome: always("metadata") },
]

interface Change {
  readonly name: string
  readonly input: Buffer
  readonly outcome: Outcome
}

const VALID = handshake("PUSH")

/** Every byte changed by each of the masks. */
function flips(masks: readonly number[]): Change[] {
  const changes: Change[] = []
  let at = 0
  for (const { what, size, outcome } of REGIONS) {
    for (const end = at + size; at < end; at++) {
      for (const mask of masks) {
        const input = Buffer.from(VALID)
        input[at]! ^= mask
        changes.push({
          name: `byte ${at} ^ ${mask.toString(16)}: ${what}`,
          input,
          outcome: outcome(input[at]!),
        })
      }
    }
  }
  return changes
}

/** Cut behind every byte; whole at last. */
const cuts: readonly Change[] = Array.from({ length: VALID.length + 1 }, (_, length) => ({
  name: `cut behind ${length} bytes`,
  input: VALID.subarray(0, length),
  outcome: length < VALID.length ? "starves" : "works",
}))

/** A peer that leaves may come back, and so may one who was no peer; one that was wrong would be wrong again. */
const mayTryAgain = ({ outcome }: Change): boolean =>
  outcome === "works" || outcome === "starves" || outcome === "not ZMTP"

const ALL_MASKS = [0xff, 1, 2, 4, 8, 16, 32, 64, 128]

async function meetAll(
  stage: Stage<ReturnType<typeof pulling>["ours"]>,
  opening: string,
  changes: readonly Change[],
  meet: (change: Change) => Promise<RawPeer>,
): Promise<void> {
  for (const change of changes) {
    const peer = await meet(change)
    await peer.closed
    const expected = [{ type: opening }, ...EVENTS[change.outcome]]
    if (opening === "connect") expected.push({ type: mayTryAgain(change) ? "connect:retry" : "connect:stop" })
    const told = await stage.told(expected.length)
    expect(told, change.name).toMatchObject(expected)
    for (const { code, reason } of told) if (code !== undefined) expect(reason, change.name).not.toBe("")
  }
}

it("the regions cover the handshake", () => {
  expect(REGIONS.reduce((sum, { size }) => sum + size, 0)).toBe(VALID.length)
})

describe.each<Scheme>(["tcp", "ipc"])("a handshake over %s", scheme => {
  it.each([
    ["each byte flipped, whole and bit by bit", flips(ALL_MASKS)],
    ["cut at each byte", cuts],
  ])("of a peer that came, %s", async (_, changes) => {
    await using stage = await Stage.bound(scheme, pulling())
    await meetAll(stage, "accept", changes, async ({ input }) => (await stage.attacker()).write(input).end())
  })

  it.each([
    ["each byte flipped", flips([0xff, 1])],
    ["cut at each byte", cuts],
  ])("of a peer that we connected to, %s: dialled again only if it wasn't wrong", async (_, changes) => {
    // An interval that never passes within the test.
    await using stage = await Stage.connecting(scheme, pulling({ reconnectInterval: 1_000_000 }))
    await meetAll(stage, "connect", changes, async change => {
      const server = await stage.ambush(peer => peer.write(change.input).end())
      const peer = await server.peer(1)
      await peer.closed
      await server.close()
      if (mayTryAgain(change)) {
        await stage.willRetry()
        stage.socket.disconnect(stage.endpoint)
      } else {
        await stage.ended()
        stage.expectGivenUp()
      }
      return peer
    })
  })
})
