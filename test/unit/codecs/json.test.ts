/** The JSON codec by itself; its domain is in msgpack.test.ts, along with the others'. */
import { describe, expect, it } from "vitest"
import { json } from "zeromq-ts/codec"

const read = (text: string | Buffer) => json().decode([Buffer.from(text)])

describe("JSON", () => {
  it("is written as JSON.stringify() writes it", () => {
    expect(json().encode({ a: [1, "ß", null], b: undefined })).toBe('{"a":[1,"ß",null]}')
  })

  it.each([
    ["nothing", "", "JSON"],
    ["half an object", '{"a":', "JSON"],
    ["two values", "1 2", "JSON"],
    ["__proto__ as a key", '{"__proto__":{"polluted":true}}', "__proto__"],
    ["__proto__ as a key, deep inside", '[{"a":{"__proto__":1}}]', "__proto__"],
    ["__proto__ as a key, with escapes", '{"\\u005F\\u005fproto__":1}', "__proto__"],
    [
      "an array of 100,000 levels",
      `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
      "nested more than 1000 deep",
    ],
    [
      "an object of 100,000 levels",
      `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`,
      "nested more than 1000 deep",
    ],
    ["a hundred thousand brackets that are never closed", "[".repeat(100_000), "nested more than 1000 deep"],
  ])("refuses %s", (_, text, reason) => {
    expect(() => read(text)).toThrow(reason)
  })

  it("refuses what is not UTF-8", () => {
    expect(() => read(Buffer.of(0x22, 0xff, 0x22))).toThrow("not UTF-8")
  })

  it("reads __proto__ where it is no key", () => {
    expect(read('["__proto__", {"a": "\\u005f_proto__"}]')).toEqual(["__proto__", { a: "__proto__" }])
  })

  it("reads 1,000 levels, and any number of brackets in strings or side by side", () => {
    expect(read(`${"[".repeat(1000)}${"]".repeat(1000)}`)).toBeInstanceOf(Array)
    const text = JSON.stringify([
      "[{".repeat(5000),
      '\\"['.repeat(5000),
      ...Array.from({ length: 5000 }, () => [{}]),
    ])
    expect(read(text)).toEqual(JSON.parse(text))
  })

  it("has nothing for undefined, functions and symbols", () => {
    for (const value of [undefined, () => {}, Symbol("x")])
      expect(() => json().encode(value)).toThrow(TypeError)
  })
})
