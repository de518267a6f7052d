/** This is the codec of `zeromq-ts/msgpack`. It needs the package msgpackr, which only the msgpack files import. */
import { Packr, Unpackr } from "msgpackr/index-no-eval"
import { type Codec, onlyFrame } from "./codec.ts"
import { registerForeign } from "./msgpack-foreign.ts"
import { type Allowed, scan } from "./msgpack-scan.ts"
import { registerViews } from "./msgpack-views.ts"
import { checked, type InputOf, type OutputOf, type StandardSchema, type WithSchema } from "./schema.ts"

/** There are this many ids for records, those that both ends know and those that a message defines together. */
const RECORDS = 64
const SHARED_RECORDS = 32

/** {@link msgpack} takes these options. */
export interface MsgpackOptions {
  /**
   * True when plain objects are sent as records. Objects with the same keys then send their keys once per message, not once
   * each. This is smaller and faster when a message has many such objects, but only msgpackr can read it. No message
   * depends on an earlier one.
   *
   * @defaultValue `false`
   */
  records?: boolean
  /**
   * Both ends know these records, at most 32, each given by its keys in order. A message then has only the number of the
   * record instead of the keys. This implies `records`.
   *
   * All ends must have the same records in the same order. If they don't, values come out wrong without an error. The
   * records are fixed here instead of being learnt from the traffic, because a late subscriber, or another worker of a
   * PUSH, would not have learnt them.
   */
  structures?: readonly (readonly string[])[]
  /**
   * True when the codec also supports Map, Set, Error, RegExp, typed arrays and bigints of any size. An object may then
   * occur several times in a value, or contain itself. This implies `records`, because a Map could not be told from an
   * object otherwise.
   *
   * @defaultValue `false`
   */
  structuredClone?: boolean
  /**
   * True when received binary fields are views of the memory that they were received in. This saves a copy. But a field that
   * is kept then keeps all of that memory, 64 KiB or a whole message. Otherwise each field has memory of its own.
   *
   * @defaultValue `false`
   */
  views?: boolean
}

/**
 * Makes a codec that encodes a value as MessagePack, in one frame. With the default options any MessagePack library can
 * read it. The codec then supports null, undefined, booleans, numbers, strings, bigints of 64 bits, Date, Uint8Array
 * (received as Buffer), arrays and objects. Objects of all classes, and a Map, are sent as maps; a Set and an Error are
 * sent as arrays. Other typed arrays and larger bigints are refused.
 *
 * With any options, a received message is refused when it is incomplete, when bytes follow the value, when a length is
 * larger than the data, when it is nested more than 1,000 levels deep, when it has a key named `__proto__`, or when it
 * has records or extensions that the options don't allow. Received data is never turned into code.
 *
 * Without a schema, nothing checks that a received value is of the type `Out`.
 *
 * @example
 * ```ts
 * const push = withCodec(new Push(), msgpack<Order>())
 * ```
 */
export function msgpack<Out = unknown, In = Out>(options?: MsgpackOptions): Codec<Out, In>
/**
 * Makes a codec that encodes a value as MessagePack, in one frame, and checks received values with a schema. The program
 * receives the value that the schema returns.
 *
 * @example
 * ```ts
 * const pull = withCodec(new Pull(), msgpack({ records: true, schema: Order }))
 * ```
 */
export function msgpack<S extends StandardSchema>(
  options: MsgpackOptions & WithSchema<S>,
): Codec<OutputOf<S>, InputOf<S>>
export function msgpack({
  schema,
  ...options
}: MsgpackOptions & Partial<WithSchema<StandardSchema>> = {}): Codec<unknown> {
  const codec = msgpackCodec(options)
  return schema === undefined ? codec : checked(codec, schema)
}

function msgpackCodec({
  structures = [],
  structuredClone = false,
  records = structuredClone || structures.length > 0,
  views = false,
}: MsgpackOptions): Codec<unknown> {
  if (structures.length > SHARED_RECORDS)
    throw new RangeError(`At most ${SHARED_RECORDS} structures can be shared`)
  registerViews()
  registerForeign()
  const settings = () => ({
    useRecords: records,
    mapsAsObjects: !structuredClone,
    structuredClone,
    copyBuffers: !views,
    variableMapSize: true,
    // Encoder and decoder each get a copy, because they add to it.
    ...(structures.length > 0 ? { structures: structures.map(keys => [...keys]) } : {}),
    maxSharedStructures: structures.length,
    maxOwnStructures: RECORDS - structures.length,
  })
  const packr = new Packr(settings())
  const unpackr = new Unpackr(settings())
  const allowed: Allowed = { records: records && { shared: structures }, types: structuredClone }
  return {
    encode: value => packr.pack(value),
    decode(frames) {
      const frame = onlyFrame(frames)
      scan(frame, allowed)
      return unpackr.unpack(frame)
    },
  }
}
