import { isUtf8 } from "../base/runtime.ts"
import { type Codec, MAX_DEPTH, onlyFrame } from "./codec.ts"
import { checked, type InputOf, type OutputOf, type StandardSchema, type WithSchema } from "./schema.ts"

/**
 * Makes a codec that encodes a value as JSON, in one frame. Parts of a value that JSON doesn't have are lost, as by
 * `JSON.stringify()`. Sending undefined, a function, a cycle or a bigint fails with a TypeError.
 *
 * A received message is refused when it is not UTF-8 or not JSON, has a key named `__proto__`, or is nested more than
 * 1,000 levels deep. Without a schema, nothing checks that a received value is of the type `Out`.
 *
 * @example
 * ```ts
 * const push = withCodec(new Push(), json<Order>())
 * ```
 */
export function json<Out = unknown, In = Out>(): Codec<Out, In>
/**
 * Makes a codec that encodes a value as JSON, in one frame, and checks received values with a schema. The program receives
 * the value that the schema returns.
 *
 * @example
 * ```ts
 * const pull = withCodec(new Pull(), json({ schema: z.object({ id: z.number() }) }))
 * ```
 */
export function json<S extends StandardSchema>(options: WithSchema<S>): Codec<OutputOf<S>, InputOf<S>>
export function json(options?: WithSchema<StandardSchema>): Codec<unknown> {
  return options === undefined ? JSON_CODEC : checked(JSON_CODEC, options.schema)
}

const JSON_CODEC: Codec<unknown> = {
  encode(value) {
    const text: string | undefined = JSON.stringify(value)
    if (text === undefined) throw new TypeError(`JSON has nothing for a value of type ${typeof value}`)
    return text
  },

  decode(frames) {
    const frame = onlyFrame(frames)
    if (!isUtf8(frame)) throw new Error("not UTF-8")
    if (frame.length > 2 * MAX_DEPTH) checkDepth(frame)
    const text = frame.toString()
    return PERHAPS_PROTO.test(text) ? JSON.parse(text, refuseProto) : JSON.parse(text)
  },
}

/** The key `__proto__` is in the text as it is, or with an escape for an underscore. */
const PERHAPS_PROTO = /__proto__|\\u005f/i

function refuseProto(key: string, value: unknown): unknown {
  if (key === "__proto__") throw new Error("a key named __proto__")
  return value
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** Throws when the text is nested too deep. JSON.parse() has no limit, but code that walks its result has one. */
function checkDepth(text: Buffer): void {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const byte = text[at]
    if (byte === QUOTE) at = endOfString(text, at + 1)
    else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth--
    else if ((byte === OPEN_ARRAY || byte === OPEN_OBJECT) && ++depth > MAX_DEPTH)
      throw new Error(`nested more than ${MAX_DEPTH} deep`)
  }
}

/** Returns the index of the string's closing quote, or the end of the text. */
function endOfString(text: Buffer, start: number): number {
  let at = start
  while (at < text.length && text[at] !== QUOTE) at += text[at] === BACKSLASH ? 2 : 1
  return at
}
