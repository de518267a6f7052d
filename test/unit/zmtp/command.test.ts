import { describe, expect, it } from "vitest"
import { forbidsDialling } from "../../../src/base/errors.ts"
import type { SocketTypeName } from "../../../src/base/socket-types.ts"
import {
  controlCommand,
  controlMessage,
  errorCommand,
  parseCommand,
  parseMetadata,
  parsePing,
  pingCommand,
  pongCommand,
  readyCommand,
  refused,
} from "../../../src/zmtp/command.ts"
import { FrameEncoder } from "../../../src/zmtp/frame-encoder.ts"
import { bytes, local } from "../../support/zmtp.ts"

function frame(body: Uint8Array): Buffer {
  const encoder = new FrameEncoder()
  encoder.command(body)
  return Buffer.concat(encoder.take())
}

describe("READY, byte for byte as libzmq sends it (zmtp.md 3.1)", () => {
  const golden: [title: string, type: SocketTypeName, id: string, frame: string][] = [
    [
      "DEALER anonymous",
      "DEALER",
      "",
      `04 29 05 "READY" 0B "Socket-Type" 00000006 "DEALER" 08 "Identity" 00000000`,
    ],
    ["REP, which never tells an identity", "REP", "", `04 19 05 "READY" 0B "Socket-Type" 00000003 "REP"`],
    ["PAIR", "PAIR", "", `04 1A 05 "READY" 0B "Socket-Type" 00000004 "PAIR"`],
    ["PUB with an id, which it keeps", "PUB", "id", `04 19 05 "READY" 0B "Socket-Type" 00000003 "PUB"`],
    [
      "ROUTER with id RTR",
      "ROUTER",
      "RTR",
      `04 2C 05 "READY" 0B "Socket-Type" 00000006 "ROUTER" 08 "Identity" 00000003 "RTR"`,
    ],
    ["REQ anonymous", "REQ", "", `04 26 05 "READY" 0B "Socket-Type" 00000003 "REQ" 08 "Identity" 00000000`],
  ]
  it.each(golden)("%s", (_, type, id, expected) =>
    expect(frame(readyCommand(local(type, id)))).toEqual(bytes(expected)),
  )
})

describe("metadata (zmtp.md 3.1)", () => {
  const type = `0B "Socket-Type" 00000003`
  const anonymous = { routingId: Buffer.alloc(0) }

  it("names are case-sensitive", () =>
    expect(parseMetadata(bytes(`0B "socket-type" 00000003 "PUB" 08 "IDENTITY" 00000001 "x"`))).toEqual({
      ...anonymous,
      socketType: undefined,
    }))
  it("may lack a Socket-Type", () => expect(parseMetadata(bytes("")).socketType).toBeUndefined())
  it("unknown properties and empty names mean nothing", () =>
    expect(parseMetadata(bytes(`03 "X-a" 00000002 "bc" 00 00000000 ${type} "REP"`))).toEqual({
      ...anonymous,
      socketType: "REP",
    }))
  it("the first Socket-Type and the last Identity win", () => {
    const id = (value: string) => `08 "Identity" 00000001 "${value}"`
    const peer = parseMetadata(bytes(`${type} "REP" ${id("a")} ${type} "PUB" ${id("b")}`))
    expect(peer).toEqual({ socketType: "REP", routingId: Buffer.from("b") })
  })
  it("an identity keeps no chunk alive", () => {
    const { routingId } = parseMetadata(bytes(`08 "Identity" 00000001 "a" 03 "X-a" 00000002 "bc"`))
    expect(routingId.buffer.byteLength).toBe(1)
  })
  it("truncated anywhere is invalid", () => {
    const whole = bytes(`${type} "REP" 08 "Identity" 00000002 "ab"`)
    const middle = bytes(`${type} "REP"`).length
    for (let length = 1; length < whole.length; length++) {
      if (length === middle) continue
      const parse = () => parseMetadata(whole.subarray(0, length))
      expect(parse, `${length} bytes`).toThrow(expect.objectContaining({ code: "ERR_ZMTP_INVALID_METADATA" }))
    }
  })
  it.each(["01", `${type} "REP" 00`, `0B "Socket-Type" FFFFFFFF "REP"`, `${type} "REP" FF "x"`])(
    "leftover bytes or a value beyond the end are invalid: %s",
    input =>
      expect(() => parseMetadata(bytes(input))).toThrow(
        expect.objectContaining({ code: "ERR_ZMTP_INVALID_METADATA" }),
      ),
  )
})

describe("PING and PONG (zmtp.md 3.4)", () => {
  it("is byte for byte libzmq's", () =>
    expect(frame(pingCommand(30_000))).toEqual(bytes(`04 07 04 "PING" 012C`)))
  it("rounds down to tenths of a second", () => expect(pingCommand(199)).toEqual(bytes(`04 "PING" 0001`)))
  it("never asks for more than 655 tenths, which libzmq would take for 64 ms", () => {
    expect(pingCommand(65_500)).toEqual(bytes(`04 "PING" 028F`))
    expect(pingCommand(65_600)).toEqual(bytes(`04 "PING" 028F`))
    expect(pingCommand(10_000_000)).toEqual(bytes(`04 "PING" 028F`))
  })
  it("is read back, its context cut to 16 bytes", () => {
    const ping = parsePing(bytes(`000A "0123456789abcdefgh"`))
    expect(ping).toEqual({ timeToLive: 1000, context: Buffer.from("0123456789abcdef") })
    expect(pongCommand(Buffer.from("0123456789abcdefgh"))).toEqual(bytes(`04 "PONG" "0123456789abcdef"`))
    expect(pingCommand(0, Buffer.from("c"))).toEqual(bytes(`04 "PING" 0000 "c"`))
  })
  it.each(["", "00"])("too short to tell a time: <%s>", data =>
    expect(parsePing(bytes(data))).toBeUndefined(),
  )
})

describe("SUBSCRIBE and CANCEL (zmtp.md 3.3)", () => {
  it("as commands and as messages", () => {
    const topic = Buffer.from("t")
    expect(frame(controlCommand({ type: "subscribe", topic }))).toEqual(bytes(`04 0B 09 "SUBSCRIBE" "t"`))
    expect(frame(controlCommand({ type: "cancel", topic }))).toEqual(bytes(`04 08 06 "CANCEL" "t"`))
    expect(controlMessage({ type: "subscribe", topic })).toEqual(bytes(`01 "t"`))
    expect(controlMessage({ type: "cancel", topic })).toEqual(bytes(`00 "t"`))
  })
  for (let size = 244; size <= 260; size++)
    it(`the LONG flag follows the final body size: topic of ${size} bytes`, () => {
      const topic = Buffer.alloc(size, "t")
      for (const [type, name] of [
        ["subscribe", 10],
        ["cancel", 7],
      ] as const) {
        const sent = frame(controlCommand({ type, topic }))
        const body = size + name
        const header = body <= 255 ? Buffer.of(4, body) : bytes("06 00000000000001").toString("hex")
        if (typeof header === "string")
          expect(sent.subarray(0, 9).toString("hex")).toBe(
            header + (body - 256).toString(16).padStart(2, "0"),
          )
        else expect(sent.subarray(0, 2)).toEqual(header)
        expect(sent.length).toBe(body + (body <= 255 ? 2 : 9))
      }
    })
})

describe("taking commands apart", () => {
  it.each(["", "00", `05 "READ"`, "FF"])("no whole name: <%s>", body =>
    expect(parseCommand(bytes(body))).toBeUndefined(),
  )
  it.each([300, 400, 500])("ERROR %d: the peer doesn't know us, and is not dialled again", status => {
    const command = parseCommand(Buffer.from(errorCommand(String(status))))
    const error = refused(command!)
    expect(error).toMatchObject({ code: "EACCES", status, message: expect.stringMatching(/error|failure/) })
    expect(forbidsDialling(error)).toBe(true)
  })
  it("ERROR: the reason is told, in printable characters", () => {
    const command = parseCommand(Buffer.from(errorCommand("no room")))
    expect(command && refused(command)).toMatchObject({
      code: "ERR_ZMTP_UNSPECIFIED",
      reason: expect.stringContaining("no room"),
    })
    const nasty = refused({ name: "ERROR", data: bytes(`03 "a" 1B 0A`) })
    expect((nasty as Error & { reason: string }).reason).not.toMatch(/[^\x20-\x7e]/)
  })
  it.each(["", `04 "400"`])("ERROR whose reason is cut off: <%s>", data =>
    expect(refused({ name: "ERROR", data: bytes(data) })).toMatchObject({
      code: "ERR_ZMTP_MALFORMED_COMMAND_ERROR",
    }),
  )
})
