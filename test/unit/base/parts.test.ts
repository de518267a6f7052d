/** What may be sent: zeromqjs.md 2.4, api.md points 3 and 4. */
import { describe, expect, it } from "vitest"
import { ownMessage, toMessage, toOwnBytes } from "../../../src/base/parts.ts"

const bytes = Uint8Array.of(9, 1, 2, 3, 9)
const one = (value: unknown) => {
  const parts = toMessage(value)
  expect(parts.length).toBe(1)
  return parts[0] as Buffer
}

describe("a part", () => {
  it.each<[string, unknown, string]>([
    ["a string", "åbç", "åbç"],
    ["null", null, ""],
    ["a number", 16.19, "16.19"],
    ["a boolean", true, "true"],
    ["a bigint", 12n, "12"],
    ["an object", {}, "[object Object]"],
    ["a promise", Promise.resolve(), "[object Promise]"],
    ["a function", Math.max, String(Math.max)],
  ])("%s is sent as its text", (_, value, text) => {
    expect(one(value).toString()).toBe(text)
    expect(toMessage([value, value]).map(String)).toEqual([text, text])
  })

  it.each<[string, unknown]>([
    ["a Buffer", Buffer.from(bytes.buffer, 1, 3)],
    ["a typed array", bytes.subarray(1, 4)],
    ["a DataView", new DataView(bytes.buffer, 1, 3)],
    ["an ArrayBuffer", bytes.slice(1, 4).buffer],
    [
      "a SharedArrayBuffer",
      (() => {
        const shared = new SharedArrayBuffer(3)
        new Uint8Array(shared).set([1, 2, 3])
        return shared
      })(),
    ],
  ])("%s is sent as its bytes", (_, value) => {
    const part = one(value)
    expect([...part]).toEqual([1, 2, 3])
    expect(Buffer.isBuffer(part)).toBe(true)
  })

  it("is copied up to 128 bytes where the message is kept, and sent from where it is beyond", () => {
    for (const make of [(n: number) => Buffer.alloc(n), (n: number) => new Uint8Array(n)]) {
      const [small, large] = [make(128), make(129)]
      const parts = ownMessage(toMessage([small, large]))
      small[0] = 1
      large[0] = 1
      expect(parts.map(part => part[0])).toEqual([0, 1])
    }
  })

  it("is not copied when there is nothing to copy", () => {
    const message = toMessage([Buffer.alloc(129), null])
    expect(ownMessage(message)).toBe(message)
  })

  it("undefined and holes within an array are the text, nested arrays too", () => {
    expect(toMessage(Object.assign([undefined], { 2: ["a", "b"] })).map(String)).toEqual([
      "undefined",
      "undefined",
      "a,b",
    ])
  })
})

describe("what can't be sent throws", () => {
  it("nothing at all", () => {
    expect(() => toMessage(undefined)).toThrow(new TypeError("Message must be present"))
  })

  it("a symbol", () => {
    expect(() => toMessage(Symbol("x"))).toThrow(new TypeError("Cannot convert a Symbol value to a string"))
    expect(() => toMessage(["a", Symbol("x")])).toThrow(TypeError)
  })

  it("what its toString() throws", () => {
    const error = new Error("mine")
    const odd = {
      toString() {
        throw error
      },
    }
    expect(() => toMessage(odd)).toThrow(error)
  })
})

describe("toOwnBytes()", () => {
  it("copies, whatever the size", () => {
    const given = new Uint8Array(1000)
    const own = toOwnBytes(given)
    given[0] = 1
    expect([own.length, own[0]]).toEqual([1000, 0])
    expect(toOwnBytes("ü").length).toBe(2)
  })
})
