/** Values as MessagePack: `zeromq-ts/msgpack`. Needs the package msgpackr, which is imported nowhere else. */
import { Packr, Unpackr } from "msgpackr/index-no-eval"
import { type Codec, onlyFrame } from "./codec.ts"
import { registerForeign } from "./msgpack-foreign.ts"
import { type Allowed, scan } from "./msgpack-scan.ts"
import { registerViews } from "./msgpack-views.ts"
import { checked, type InputOf, type OutputOf, type StandardSchema, type WithSchema } from "./schema.ts"

/** Records that both ends may know, and those that a message may define: a byte has room for so many. */
const RECORDS = 64
const SHARED_RECORDS = 32

/** Options of {@link msgpack}. */
export interface MsgpackOptions {
  /**
   * Plain objects as records: their keys are sent once per message and kind, not once per object. Smaller, and faster,
   * where a message has many objects of a kind; only msgpackr can read it. Each message stands for itself. Default false.
   */
  records?: boolean
  /**
   * Records that both ends know, by their keys in order, at most 32: a message names their number alone. Implies `records`.
   *
   * All ends must be given the same ones, in the same order: nothing on the wire tells when they aren't, and values then
   * come out wrong. So they are fixed here, and never learnt from the traffic: a subscriber that comes late, or another
   * worker of a PUSH, would not have learnt them.
   */
  structures?: readonly (readonly string[])[]
  /**
   * Map, Set, Error, RegExp, typed arrays, bigints of any size, and objects that are in there more than once, be it in
   * themselves. Implies `records`, since that is how a Map differs from an object. Default false.
   */
  structuredClone?: boolean
  /**
   * Binary fields as views of the memory they were received in. No copy is made, but a small field that is kept keeps
   * alive all that was received along with it, 64 KiB or a whole message. Default false: fields have memory of their own.
   */
  views?: boolean
}

/**
 * MessagePack in one frame. By default any other MessagePack library can read it: null, undefined, booleans, numbers,
 * strings, bigints of 64 bits, Date, Uint8Array (received as Buffer), arrays, and objects, whatever their class, as maps.
 * A Map is sent as such a map then, a Set or an Error as an array; typed arrays and larger bigints are refused.
 *
 * Refused on receipt, with any options: what is cut off or goes on behind its end, claims to be longer than it is, nests
 * more than 1,000 levels deep, has a key named `__proto__`, or has records or extensions in it that were not asked for.
 * No code is made from what was received.
 *
 * With a schema the value is what the schema makes of it. Without one its type is a promise of the sender's.
 *
 * @example
 * ```ts
 * const push = withCodec(new Push(), msgpack<Order>())
 * ```
 */
export function msgpack<Out = unknown, In = Out>(options?: MsgpackOptions): Codec<Out, In>
/**
 * MessagePack in one frame, checked by a schema: the value received is what the schema makes of it.
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
    // Each has its own, for it adds to them.
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
