/** The MessagePack codec by itself: what it writes, what it reads, and what it refuses. */
import { isDeepStrictEqual } from "node:util"
import { runInNewContext } from "node:vm"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Codec } from "zeromq-ts/codec"
import { type MsgpackOptions, msgpack } from "zeromq-ts/msgpack"
import { bytes } from "../../support/raw-peer.ts"
import { CODECS, type CodecName, DOMAINS } from "./domains.ts"

const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))
console.log(`FUZZ_SEED=${seed}`)

const encoded = (codec: Codec<unknown>, value: unknown): Buffer =>
  Buffer.from(codec.encode(value) as Uint8Array)
const decoded = (codec: Codec<unknown>, frame: Buffer): unknown => codec.decode([frame])
const roundTrip = (value: unknown, options?: MsgpackOptions) =>
  decoded(msgpack(options), encoded(msgpack(options), value))

describe.each(Object.keys(CODECS) as CodecName[])("%s", name => {
  it(`carries any value of its domain (FUZZ_SEED=${seed})`, () => {
    const codec: Codec<unknown> = CODECS[name]
    fc.assert(
      fc.property(DOMAINS[name], value => {
        const frame = codec.encode(value)
        const back = codec.decode([Buffer.from(frame as Uint8Array)])
        if (!isDeepStrictEqual(back, value)) expect(back).toEqual(value)
        return isDeepStrictEqual(back, value)
      }),
      { seed, numRuns: 300 },
    )
  })

  it(`reads any bytes, or says what is wrong with them (FUZZ_SEED=${seed})`, () => {
    const codec: Codec<unknown> = CODECS[name]
    const before = Object.getOwnPropertyNames(Object.prototype)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), garbage => {
        try {
          codec.decode([Buffer.from(garbage)])
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
      }),
      { seed, numRuns: 3000 },
    )
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
  })

  it(`cut off anywhere, a value is none (FUZZ_SEED=${seed})`, () => {
    const codec: Codec<unknown> = CODECS[name]
    fc.assert(
      fc.property(
        DOMAINS[name],
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (value, share) => {
          const frame = Buffer.from(codec.encode([value, "…"]) as Uint8Array)
          expect(() => codec.decode([frame.subarray(0, Math.floor(frame.length * share))])).toThrow()
        },
      ),
      { seed },
    )
  })
})

describe("by default", () => {
  it.each<[unknown, string]>([
    [{ a: 1, b: [true, null] }, '82 A1"a" 01 A1"b" 92 C3 C0'],
    ["text", 'A4"text"'],
    [100, "64"],
    [Buffer.from("xyz"), 'C4 03 "xyz"'],
    [new Uint8Array([1, 2]), "C4 02 01 02"],
    [new Date(1_000_000_000_000), "D6 FF 3B9ACA00"],
    [new Map([["a", 1]]), '81 A1"a" 01'],
    [new Set([1]), "91 01"],
  ])("writes %j as any other library does", (value, notation) => {
    expect(encoded(msgpack(), value)).toEqual(bytes(notation))
  })

  it("reads what other libraries write in other ways", () => {
    expect(decoded(msgpack(), bytes('DE 0001 D9 01 "a" DC 0001 D1 FFFF'))).toEqual({ a: [-1] })
    expect(decoded(msgpack(), bytes('DF 00000001 DA 0001 "a" DD 00000001 C5 0001 07'))).toEqual({
      a: [Buffer.of(7)],
    })
    expect(decoded(msgpack(), bytes("81 01 02"))).toEqual({ 1: 2 })
    expect(decoded(msgpack(), bytes("D7 FF 0000 0004 3B9ACA00"))).toEqual(new Date(1_000_000_000_000))
  })

  it.each([
    ["typed arrays", new Float64Array(2)],
    ["views of other kinds", new DataView(new ArrayBuffer(2))],
    ["bigints beyond 64 bits", 2n ** 64n],
    ["symbols", Symbol("x")],
  ])("has nothing for %s", (_, value) => {
    expect(() => msgpack().encode({ value })).toThrow()
    // That was no reason to stop working.
    expect(roundTrip({ a: 1 })).toEqual({ a: 1 })
  })
})

describe("values of another realm", () => {
  const make = (source: string): unknown => runInNewContext(`(${source})`)

  it.each([
    ["new Uint8Array([1, 2])", Buffer.of(1, 2)],
    ["Uint8Array.of(0, 1, 2).subarray(1)", Buffer.of(1, 2)],
    ["Uint8Array.of(1, 2).buffer", Buffer.of(1, 2)],
    ["new Date(5)", new Date(5)],
    ['new Map([["a", new Map()]])', { a: {} }],
    ["new Set([1, 2])", [1, 2]],
    ['new RangeError("boo")', ["RangeError", "boo", undefined]],
    ["/x/g", ["x", "g"]],
    ["[{ a: 1 }, Object.create(null)]", [{ a: 1 }, {}]],
  ])("%s are what they are", (source, expected) => {
    expect(roundTrip(make(source))).toEqual(expected)
  })

  it.each([
    ["new Uint8Array([1, 2])", Uint8Array.of(1, 2)],
    ["Uint8Array.of(1, 2).buffer", Uint8Array.of(1, 2).buffer],
    ["Float64Array.of(0.5, 2)", Float64Array.of(0.5, 2)],
    ["new DataView(Uint8Array.of(1, 2).buffer)", new DataView(Uint8Array.of(1, 2).buffer)],
    ["new Date(5)", new Date(5)],
    ['new Map([["a", new Map()]])', new Map([["a", new Map()]])],
    ["new Set([1, 2])", new Set([1, 2])],
    ['new RangeError("boo")', new RangeError("boo")],
    ["/x/g", /x/g],
  ])("%s are what they are with structuredClone", (source, expected) => {
    expect(roundTrip(make(source), { structuredClone: true })).toEqual(expected)
  })

  it("may hold themselves", () => {
    const map = roundTrip(make('(m => m.set("me", m))(new Map())'), { structuredClone: true })
    expect((map as Map<string, unknown>).get("me")).toBe(map)
  })

  it("are refused where those of ours are", () => {
    expect(() => msgpack().encode(make("new Float64Array(2)"))).toThrow("Float64Array needs")
  })

  it("shared memory is its bytes, too, of whatever realm", () => {
    const shared = new SharedArrayBuffer(2)
    expect(roundTrip(shared)).toEqual(Buffer.alloc(2))
    expect(roundTrip(make("new SharedArrayBuffer(2)"))).toEqual(Buffer.alloc(2))
  })
})

describe("binary fields", () => {
  const value = { small: Buffer.from("small"), large: Buffer.alloc(70_000, 1) }

  it("have memory of their own", () => {
    const frame = encoded(msgpack(), value)
    const { small, large } = decoded(msgpack(), frame) as typeof value
    expect([small, large]).toEqual([value.small, value.large])
    expect(small.buffer).not.toBe(frame.buffer)
    expect(large.buffer).not.toBe(frame.buffer)
    expect(small.buffer.byteLength).toBe(small.length)
    expect(Buffer.isBuffer(small)).toBe(true)
  })

  it("are views of the message where that is asked for", () => {
    const frame = encoded(msgpack(), value)
    const { small } = decoded(msgpack({ views: true }), frame) as typeof value
    expect(small).toEqual(value.small)
    expect(small.buffer).toBe(frame.buffer)
  })

  it("of typed arrays are copies in any case", () => {
    const options = { structuredClone: true, views: true }
    const frame = encoded(msgpack(options), new Float32Array([1, 2]))
    expect((decoded(msgpack(options), frame) as Float32Array).buffer).not.toBe(frame.buffer)
  })
})

describe("records", () => {
  const rows = Array.from({ length: 10 }, (_, id) => ({ id, name: `n${id}` }))

  it("name the keys once per message, and each message stands for itself", () => {
    const codec = msgpack({ records: true })
    const frames = [encoded(codec, rows), encoded(codec, rows)]
    expect(frames[0]).toEqual(frames[1])
    expect(frames[0]?.toString("latin1").split("name").length).toBe(2)
    // Another end that has seen nothing of what came before.
    expect(decoded(msgpack({ records: true }), frames[1] as Buffer)).toEqual(rows)
  })

  it("that both ends know are not named at all", () => {
    const options = { structures: [["id", "name"]] }
    const frame = encoded(msgpack(options), rows[1])
    expect(frame).toEqual(bytes('40 01 A2"n1"'))
    expect(decoded(msgpack(options), frame)).toEqual(rows[1])
    expect(roundTrip({ unknown: 1, id: { id: 2, name: "x" } }, options)).toEqual({
      unknown: 1,
      id: { id: 2, name: "x" },
    })
  })

  it("that both ends know are not changed by what comes in", () => {
    const codec = msgpack({ structures: [["id"]] })
    const hostile = bytes('D4 72 40 91 A1"x" 01')
    expect(() => decoded(codec, hostile)).toThrow("known already")
    expect(decoded(codec, bytes("40 05"))).toEqual({ id: 5 })
  })

  it("may be 32, of up to 64 kinds in all, and more kinds than that", () => {
    const structures = Array.from({ length: 32 }, (_, n) => [`s${n}`])
    const values = Array.from({ length: 200 }, (_, n) => ({ [`s${n}`]: n }))
    expect(roundTrip(values, { structures })).toEqual(values)
    expect(() => msgpack({ structures: [...structures, ["x"]] })).toThrow(RangeError)
  })

  it("of more kinds than there is room for may come again in the same message, with structuredClone too", () => {
    const kinds = Array.from({ length: 70 }, (_, n) => ({ [`s${n}`]: n }))
    const values = [kinds, ...kinds.map(value => ({ ...value })), kinds]
    expect(roundTrip(values, { structuredClone: true })).toEqual(values)
  })
})

describe("with structuredClone", () => {
  const clone = (value: unknown) => roundTrip(value, { structuredClone: true })

  it("tells a Map from an object", () => {
    const value = {
      map: new Map<unknown, unknown>([
        ["a", 1],
        [{ b: 2 }, new Map()],
      ]),
      object: { a: 1 },
    }
    expect(clone(value)).toEqual(value)
  })

  it("keeps what is in there twice one thing", () => {
    const shared = { n: 1 }
    const back = clone([shared, shared]) as [object, object]
    expect(back[0]).toBe(back[1])
  })

  it("gives errors their class, message and cause", () => {
    const error = clone(new RangeError("no", { cause: { code: 5 } })) as RangeError
    expect(error).toBeInstanceOf(RangeError)
    expect([error.message, error.cause]).toEqual(["no", { code: 5 }])
    const own = clone(Object.assign(new Error("x"), { name: "AnErrorWithANameOfMoreThan31Letters" })) as Error
    expect([own.name, own.message]).toEqual(["AnErrorWithANameOfMoreThan31Letters", "x"])
  })
})

describe.each([
  ["by default", {}],
  ["with records", { records: true }],
  ["with structuredClone", { structuredClone: true }],
] as const)("%s", (_, options) => {
  const read = (notation: string) => () => decoded(msgpack(options), bytes(notation))

  it.each([
    ["nothing", "", "ends in the middle"],
    ["a string cut off", 'A5"hell"', "ends in the middle"],
    ["a string of 4 GB", 'DB FFFFFFFF "x"', "ends in the middle"],
    ["an array of 4 billion", "DD FFFFFFFF 00", "ends in the middle"],
    ["a map of 4 billion", "DF FFFFFFFF 00 00", "ends in the middle"],
    ["binary of 4 GB", "C6 FFFFFFFF 00", "ends in the middle"],
    [
      "arrays in an array that claim more together than there is",
      "92 DC0002 00 DC0002 00",
      "ends in the middle",
    ],
    ["more behind its end", "01 02", "1 bytes follow"],
    ["the byte that means nothing", "C1", "0xc1"],
    ["a string bundle", "D6 62 00000000 92 C1 01", "extension of type 98"],
    ["an unknown extension", "D4 05 00", "extension of type 5"],
    ["__proto__ as a key", '81 A9"__proto__" 80', "__proto__"],
    ["__proto__ as a key, spelt otherwise", '81 D9 09 "__proto__" 80', "__proto__"],
    ["__proto__ as a second key, deep inside", '91 82 A1"a" 81 A1"b" C0 DA 0009 "__proto__" 80', "__proto__"],
  ])("refuses %s", (_, notation, reason) => {
    expect(read(notation)).toThrow(reason)
  })

  it("reads __proto__ where it is no key", () => {
    expect(read('92 A9"__proto__" A9"__proto__"')()).toEqual(["__proto__", "__proto__"])
  })

  it("reads 1,000 levels, and no more", () => {
    const nest = (levels: number) => Buffer.concat([Buffer.alloc(levels, 0x91), Buffer.of(0x05)])
    expect(decoded(msgpack(options), nest(1000))).toBeInstanceOf(Array)
    expect(() => decoded(msgpack(options), nest(1001))).toThrow("nested more than 1000 deep")
    expect(() => decoded(msgpack(options), nest(100_000))).toThrow("nested more than 1000 deep")
  })
})

it.each([
  ["a record definition", 'D4 72 40 91 A1"x" 01'],
  ["a record definition of two bytes", 'D5 72 40 00 91 A1"x" 01'],
  ["a Set", "D4 73 00 91 01"],
  ["an Error", 'D4 65 00 93 A5"Error" A1"x" C0'],
  ["a RegExp", 'D4 78 00 92 A1"x" A0'],
  ["a typed array", "C7 02 74 01 00"],
  ["a large bigint", "D4 42 00"],
  ["a reference", "D6 70 00000001"],
])("refuses %s where that was not asked for", (_, notation) => {
  expect(() => decoded(msgpack(), bytes(notation))).toThrow(/extension|record/)
})

it.each([
  ["names that are no strings", "D4 72 40 91 01 01", "no string"],
  ["no names", "D4 72 40 01", "without names"],
  ["the name __proto__", 'D4 72 40 91 A9"__proto__" 80', "__proto__"],
  ["two bytes", 'D5 72 40 00 91 A1"x" 01', "with 2 bytes"],
  ["more names than there is room for", "D4 72 40 DC FFFF A0", "ends in the middle"],
])("refuses a record definition with %s", (_, notation, reason) => {
  expect(() => decoded(msgpack({ records: true }), bytes(notation))).toThrow(reason)
})

it.each([
  ["an error named after a method that every object has", 'D4 65 00 92 A7"valueOf" A1"x"', "without a name"],
  ["the same in a list with a size of 16 bits", 'D4 65 00 DC 0002 A7"valueOf" A1"x"', "without a name"],
  ["the same in a list with a size of 32 bits", 'D4 65 00 DD 00000002 A7"valueOf" A1"x"', "without a name"],
  ["the same, spelt otherwise", 'D4 65 00 DC 0002 D9 07 "valueOf" A1"x"', "without a name"],
  ["an error that is a map", 'D4 65 00 82 A1"x" 01 A1"0" A7"valueOf"', "no list"],
  ["an error that is a text", 'D4 65 00 A7"valueOf"', "no list"],
  ["an error that is an empty list", "D4 65 00 90", "without a name"],
  ["an error that ends in its name", 'D4 65 00 93 A7"Err"', "ends in the middle"],
  ["an error whose name is no string", "D4 65 00 92 01 01", "without a name"],
  ["a reference to nothing", "D6 70 00000009", "reference to nothing"],
  ["names that are a reference to nothing", "D4 72 40 D6 70 00000009 01", "without names"],
  [
    "names that are a reference to a value",
    '92 D6 69 00000001 91 A9"__proto__" D4 72 40 D6 70 00000001 01',
    "without names",
  ],
  [
    "names and a value of one number",
    '92 D4 72 40 D6 69 00000001 91 A1"x" 01 D6 69 00000001 91 A9"__proto__"',
    "given before",
  ],
  ["a reference of the wrong size", "D4 70 00", "with 1 bytes"],
  ["sets in sets without end", `${"D4 73 00".repeat(5000)}90`, "nested more than"],
  ["a typed array that is not whole", "C7 04 74 08 00 00 00", "multiple of 8"],
  ["a typed array of no kind", "C7 02 74 63 00", "kind 99"],
])("with structuredClone, refuses %s", (_, notation, reason) => {
  expect(() => decoded(msgpack({ structuredClone: true }), bytes(notation))).toThrow(reason)
})
