/** Any value that a codec can carry. Used on both ends of a link. */
import fc from "fast-check"
import { json } from "zeromq-ts/codec"
import { msgpack } from "zeromq-ts/msgpack"

export const CODECS = {
  json: json(),
  msgpack: msgpack(),
  "msgpack, records": msgpack({ records: true }),
  "msgpack, shared records": msgpack({ structures: [["a", "b"], ["id"]] }),
  "msgpack, structured clone": msgpack({ structuredClone: true }),
  "msgpack, views": msgpack({ views: true }),
} as const

export type CodecName = keyof typeof CODECS

const text = fc.string({ unit: "binary" }).filter(value => !value.startsWith("\ufeff"))
const key = fc.oneof(fc.constantFrom("a", "b", "id", "", "constructor", "toString"), text)
const isPlainKey = (name: string) => name !== "__proto__"
/** -0 becomes 0 everywhere. */
const number = (options?: fc.DoubleConstraints) =>
  fc.oneof(fc.double(options), fc.integer(), fc.maxSafeInteger()).map(value => value + 0)
const date = fc.date({ noInvalidDate: true })
const bytes = fc.uint8Array().map(value => Buffer.from(value))
const bigint64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n })

function nested(
  leaf: fc.Arbitrary<unknown>,
  more: (inner: fc.Arbitrary<unknown>) => fc.Arbitrary<unknown>[] = () => [],
) {
  return fc.letrec<{ value: unknown }>(tie => ({
    value: fc.oneof(
      { maxDepth: 5, depthSize: "small" },
      leaf,
      fc.array(tie("value"), { maxLength: 20 }),
      fc.dictionary(key.filter(isPlainKey), tie("value"), { maxKeys: 20, noNullPrototype: true }),
      ...more(tie("value")),
    ),
  })).value
}

const jsonLeaf = fc.oneof(
  fc.constantFrom(null, true, false),
  number({ noNaN: true, noDefaultInfinity: true }),
  text,
)
const msgpackLeaf = fc.oneof(
  fc.constantFrom(null, undefined, true, false),
  number(),
  text,
  bigint64,
  date,
  bytes,
)

const views = fc.oneof(
  fc.float32Array(),
  fc.float64Array(),
  fc.int8Array(),
  fc.uint8Array(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.uint32Array(),
  fc.bigInt64Array(),
)
const error = (cause: fc.Arbitrary<unknown>) =>
  fc
    .tuple(fc.constantFrom(Error, TypeError, RangeError), text, cause)
    .map(([Class, message, because]) => new Class(message, { cause: because }))
const clonedLeaf = fc.oneof(
  msgpackLeaf,
  views,
  fc.bigInt(),
  fc.constantFrom(/a+b/giu, new DataView(new ArrayBuffer(3))),
)
const cloned = nested(clonedLeaf, inner => [
  fc.uniqueArray(inner, { maxLength: 10 }).map(items => new Set(items)),
  fc.array(fc.tuple(inner, inner), { maxLength: 10 }).map(entries => new Map(entries)),
  error(inner),
])

/** Things that hold one another and themselves. */
const cyclic = fc.tuple(cloned, cloned).map(([a, b]) => {
  const list: unknown[] = [a, b]
  const value: Record<string, unknown> = { list, again: list, a, map: new Map([["b", b]]) }
  list.push(value)
  value.self = value
  return value
})

export const DOMAINS: Record<CodecName, fc.Arbitrary<unknown>> = {
  json: nested(jsonLeaf),
  msgpack: nested(msgpackLeaf),
  "msgpack, records": nested(msgpackLeaf),
  "msgpack, shared records": nested(msgpackLeaf),
  "msgpack, structured clone": fc.oneof(cloned, cyclic),
  "msgpack, views": nested(msgpackLeaf),
}
