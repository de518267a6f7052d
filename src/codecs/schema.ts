/** This file has the types of Standard Schema, version 1 (standardschema.dev), which many schema libraries implement. */
import { instanceTest } from "../base/copies.ts"
import type { Codec } from "./codec.ts"

/** A schema reports an issue for each error in a value. */
export interface Issue {
  /** The message tells what is wrong. */
  readonly message: string
  /** These keys lead from the whole value to the wrong part. */
  readonly path?: readonly (PropertyKey | PathSegment)[] | undefined
}

/** Some libraries give a key as an object with the key and more. */
interface PathSegment {
  /** This is the key itself. */
  readonly key: PropertyKey
}

interface Valid<Out> {
  /** This is the value that the schema returns. */
  readonly value: Out
  /** A valid value has none. */
  readonly issues?: undefined
}

interface Invalid {
  /** These are all errors in the value. */
  readonly issues: readonly Issue[]
}

type Result<Out> = Valid<Out> | Invalid

/** Libraries such as zod, valibot and arktype check values by this interface. `In` is sent, and `Out` is received. */
export interface StandardSchema<In = unknown, Out = In> {
  /** An object with this key is a schema. */
  readonly "~standard": StandardProperties<In, Out>
}

interface StandardProperties<In, Out> {
  /** This is the version of the interface. */
  readonly version: 1
  /** This is the library that made the schema. */
  readonly vendor: string
  /** Checks a value. Codecs accept only schemas that don't return a promise. */
  readonly validate: (value: unknown) => Result<Out> | Promise<Result<Out>>
  /** The compiler reads the types from this property, which never has a value. */
  readonly types?: StandardTypes<In, Out> | undefined
}

interface StandardTypes<In, Out> {
  /** This is the type of what goes in. */
  readonly input: In
  /** This is the type of what comes out. */
  readonly output: Out
}

/** Codecs that check received values take this option. */
export interface WithSchema<S extends StandardSchema> {
  /** The schema checks each received value, and may transform it. It must not return a promise. */
  schema: S
}

/** This is the type of the values that may be sent with a schema. */
export type InputOf<S extends StandardSchema> = NonNullable<S["~standard"]["types"]>["input"]
/** This is the type of the values that are received with a schema. */
export type OutputOf<S extends StandardSchema> = NonNullable<S["~standard"]["types"]>["output"]

/** This error tells all issues that a schema has found in a value. */
export class SchemaError extends Error {
  /** @internal */
  static override readonly [Symbol.hasInstance] = /* @__PURE__ */ instanceTest(this, "SchemaError")
  readonly issues: readonly Issue[]

  constructor(issues: readonly Issue[]) {
    super(issues.map(describe).join("; "))
    this.issues = issues
  }
}

/**
 * Makes a codec that checks received values with a schema, and returns the schema's results. Sent values are checked only
 * by the compiler. With a schema that validates asynchronously every received value is refused.
 */
export function checked<S extends StandardSchema>(
  codec: Codec<unknown, InputOf<S>>,
  schema: S,
): Codec<OutputOf<S>, InputOf<S>> {
  const { validate } = schema["~standard"]
  return {
    encode: value => codec.encode(value),
    decode(frames) {
      const result = validate(codec.decode(frames))
      if ("then" in result) throw new TypeError("the schema validates asynchronously")
      if (result.issues !== undefined) throw new SchemaError(result.issues)
      return result.value
    },
  }
}

function describe({ message, path = [] }: Issue): string {
  const keys = path.map(segment => String(typeof segment === "object" ? segment.key : segment))
  return keys.length === 0 ? message : `${keys.join(".")}: ${message}`
}
