import { describe, expect, it } from "vitest"
import { isProtocolError } from "../../../src/base/errors.ts"
import { encodeGreeting, GreetingExchange } from "../../../src/zmtp/greeting.ts"
import { bytes, GREETING, greetingWith, local, waysToCut } from "../../support/zmtp.ts"

const exchange = (name = "NULL") => new GreetingExchange({ name, asServer: false }, local("PULL"))

/** The error and how many bytes it took to find it. */
function refusal(input: Uint8Array, mechanism = "NULL"): { error: unknown; after: number } {
  const parser = exchange(mechanism)
  for (let i = 0; i < input.length; i++) {
    try {
      parser.feed(input.subarray(i, i + 1))
    } catch (error) {
      expect(isProtocolError(error)).toBe(true)
      return { error, after: i + 1 }
    }
  }
  throw new Error("nothing was refused")
}

const v3 = (dialect: string) => ({ dialect, socketType: undefined, first: undefined })

function accepted(input: Uint8Array) {
  for (const [way, chunks] of waysToCut(input)) {
    const parser = exchange()
    for (const chunk of chunks) expect(parser.feed(chunk), way).toBe(chunk.length)
    expect(parser.result, way).toBeDefined()
  }
  const parser = exchange()
  parser.feed(input)
  return parser.result
}

describe("our greeting (zmtp.md 1.1)", () => {
  it("is byte for byte what an anonymous libzmq sends", () => {
    const golden = bytes(`FF 0000000000000001 7F 03 01 "NULL" ${"00".repeat(16)} 00 ${"00".repeat(31)}`)
    expect(Buffer.from(encodeGreeting("NULL", false))).toEqual(golden)
  })
  it("tells the server's role", () => {
    expect(encodeGreeting("PLAIN", true)[32]).toBe(1)
    expect(Buffer.from(encodeGreeting("PLAIN", true)).subarray(12, 19)).toEqual(bytes(`"PLAIN" 00 00`))
  })
})

describe("the peer's greeting", () => {
  it("padding, as-server and filler are never validated", () => {
    const changes = Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 32, 33, 48, 63].map(at => [at, 0xa5]))
    expect(accepted(greetingWith(changes))).toEqual(v3("3.1"))
  })
  it("of byte 9 only bit 0 counts", () => expect(accepted(greetingWith({ 9: 0x01 }))).toEqual(v3("3.1")))
  it("3.0 is the older dialect", () => expect(accepted(greetingWith({ 11: 0 }))).toEqual(v3("3.0")))
  it.each([1, 2, 255])("3.%i is 3.1", minor =>
    expect(accepted(greetingWith({ 11: minor }))).toEqual(v3("3.1")),
  )
  it.each([4, 255])("major %i is 3.1, even with minor 0", major =>
    expect(accepted(greetingWith({ 10: major, 11: 0 }))).toEqual(v3("3.1")),
  )
  it("takes only its 64 bytes", () => {
    const parser = exchange()
    expect(parser.feed(Buffer.concat([GREETING, bytes("0000")]))).toBe(64)
  })
})

describe("is refused as early as can be", () => {
  const unspecified = { code: "ERR_ZMTP_UNSPECIFIED", reason: expect.stringContaining("not a ZMTP 3 peer") }

  it("HTTP, after two bytes", () => {
    expect(refusal(Buffer.from("GET / HTTP/1.1"))).toEqual({
      error: expect.objectContaining(unspecified),
      after: 2,
    })
  })
  it("ZMTP 1.0 without a signature: bit 0 of byte 9 is clear", () => {
    const { error, after } = refusal(greetingWith({ 9: 0x7e }))
    expect(error).toMatchObject(unspecified)
    expect(after).toBe(10)
  })
  it("major version byte 2", () => {
    const { error, after } = refusal(greetingWith({ 10: 2 }))
    expect(error).toMatchObject(unspecified)
    expect(after).toBe(11)
  })
  it("another mechanism, and the reason names both", () => {
    const { error, after } = refusal(encodeGreeting("CURVE", true))
    expect(error).toMatchObject({ code: "ERR_ZMTP_MECHANISM_MISMATCH" })
    expect((error as { reason: string }).reason).toMatch(/CURVE.*NULL/)
    expect(after).toBe(32)
  })
  it("a mechanism whose NUL padding differs in any byte", () => {
    for (let at = 16; at < 32; at++)
      expect(refusal(greetingWith({ [at]: 0x20 })).error).toMatchObject({
        code: "ERR_ZMTP_MECHANISM_MISMATCH",
      })
    expect(refusal(greetingWith({ 12: 0x6e })).error).toMatchObject({ code: "ERR_ZMTP_MECHANISM_MISMATCH" })
  })
})
