/** Hostile frames at the receiving end of a live socket: each ends in the error, and honest traffic goes on. */
import { describe, expect, it } from "vitest"
import { type Codec, type InvalidMessageError, json, withCodec } from "zeromq-ts/codec"
import { msgpack } from "zeromq-ts/msgpack"
import { Pull, Push } from "../../../src/index.ts"
import { bytes } from "../../support/raw-peer.ts"
import { linked } from "./support.ts"

const DEEP = 100_000

const MSGPACK: Record<string, Buffer> = {
  "a truncated frame": bytes('82 A1"a" A5"hel"'),
  "an empty frame": Buffer.alloc(0),
  "arrays nested 100,000 deep": Buffer.concat([Buffer.alloc(DEEP, 0x91), Buffer.of(0x05)]),
  "maps nested 100,000 deep": Buffer.concat([
    ...Array.from({ length: DEEP }, () => bytes('81 A1"a"')),
    bytes("05"),
  ]),
  "a string that claims 4 GB": bytes('DB FFFFFFFF "x"'),
  "an array that claims 4 billion elements": bytes("DD FFFFFFFF 00"),
  "a map that claims 4 billion entries": bytes("DF FFFFFFFF 00"),
  "a thousand arrays that claim 64 Ki elements each": Buffer.concat(
    Array.from({ length: 999 }, () => bytes("DC FFFF")),
  ),
  "a record definition": bytes('D4 72 40 91 A1"x" 01'),
  "a thousand uses of a record definition": Buffer.concat([
    bytes('DC 03E9 D4 72 40 91 A1"x" 01'),
    Buffer.alloc(2000, bytes("40 01")),
  ]),
  "a __proto__ key": bytes('81 A9"__proto__" 81 A8"polluted" C3'),
}

const JSON_TEXT: Record<string, Buffer> = {
  "a truncated frame": Buffer.from('{"a":"hel'),
  "an empty frame": Buffer.alloc(0),
  "arrays nested 100,000 deep": Buffer.from("[".repeat(DEEP) + "]".repeat(DEEP)),
  "objects nested 100,000 deep": Buffer.from(`${'{"a":'.repeat(DEEP)}1${"}".repeat(DEEP)}`),
  "a __proto__ key": Buffer.from('{"__proto__":{"polluted":true}}'),
}

const cases = (codecs: Record<string, Codec<unknown>>, frames: Record<string, Buffer>) =>
  Object.entries(codecs).flatMap(([name, codec]) =>
    Object.entries(frames).map(([what, frame]) => ({ name, codec, what, frame })),
  )

const NO_RECORDS = Object.fromEntries(Object.entries(MSGPACK).filter(([what]) => !what.includes("record")))

describe.each([
  ...cases({ "msgpack()": msgpack() }, MSGPACK),
  ...cases(
    {
      "msgpack() with records": msgpack({ records: true }),
      "msgpack() with structuredClone": msgpack({ structuredClone: true }),
    },
    NO_RECORDS,
  ),
  ...cases({ "json()": json() }, JSON_TEXT),
])("$name, $what", ({ codec, frame }) => {
  it("ends in the error; what others send goes on, and nothing is polluted", async () => {
    const [pull, honest, hostile] = await linked("tcp", new Pull(), new Push(), new Push())
    const errors: InvalidMessageError[] = []
    const receiving = withCodec(pull, codec, { onInvalid: error => void errors.push(error) })
    const sending = withCodec(honest, codec)
    const prototype = Object.getOwnPropertyNames(Object.prototype)
    const total = 50
    const sent = (async () => {
      for (let n = 0; n < total; n++) {
        await sending.send({ n, text: "honest" })
        if (n % 10 === 5) await hostile.send(frame)
      }
    })()
    let next = 0
    for await (const value of receiving) {
      expect(value).toEqual({ n: next++, text: "honest" })
      if (next === total) break
    }
    await sent
    // What is still under way of the hostile ones.
    while (errors.length < 5) {
      const late = await receiving.receive().then(
        () => undefined,
        error => error as InvalidMessageError,
      )
      if (late !== undefined) errors.push(late)
    }
    expect(errors.length).toBe(5)
    for (const error of errors) {
      expect(error.code).toBe("EBADMSG")
      expect(error.parts.length).toBe(1)
      expect(error.parts[0]?.equals(frame)).toBe(true)
    }
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(prototype)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect(pull.closed).toBe(false)
  })
})
