/** Standard Schema, version 1 (standardschema.dev): what zod, valibot, arktype and others have in common. */
import { acceptCopies } from "../base/copies.ts"
import type { Codec } from "./codec.ts"

/** A value is wrong somewhere. */
export interface Issue {
  /** The message tells what is wrong. */
  readonly message: string
  /** The keys lead to the place from the value as a whole. */
  readonly path?: readonly (PropertyKey | PathSegment)[] | undefined
}

/** Some libraries say more of a key than the key. */
interface PathSegment {
  /** This is the key itself. */
  readonly key: PropertyKey
}

interface Valid<Out> {
  /** This is the value, as the schema makes it. */
  readonly value: Out
  /** A valid value has none. */
  readonly issues?: undefined
}

interface Invalid {
  /** They tell all that is wrong with the value. */
  readonly issues: readonly Issue[]
}

type Result<Out> = Valid<Out> | Invalid

/** The interface by which libraries such as zod, valibot and arktype check values. `In` may be sent, `Out` is received. */
export interface StandardSchema<In = unknown, Out = In> {
  /** The schema is told from other objects by this key. */
  readonly "~standard": StandardProperties<In, Out>
}

interface StandardProperties<In, Out> {
  /** This is the version of the interface. */
  readonly version: 1
  /** This is the library that made the schema. */
  readonly vendor: string
  /** Checks a value. Codecs take only those schemas that answer at once. */
  readonly validate: (value: unknown) => Result<Out> | Promise<Result<Out>>
  /** The types are for the compiler alone. */
  readonly types?: StandardTypes<In, Out> | undefined
}

interface StandardTypes<In, Out> {
  /** This is the type of what goes in. */
  readonly input: In
  /** This is the type of what comes out. */
  readonly output: Out
}

/** An option of codecs that check what they receive. */
export interface WithSchema<S extends StandardSchema> {
  /** Checks each value received, and makes it into what the schema says. Must answer at once. */
  schema: S
}

/** The type of the values that may be sent with a schema. */
export type InputOf<S extends StandardSchema> = NonNullable<S["~standard"]["types"]>["input"]
/** The type of the values that are received with a schema. */
export type OutputOf<S extends StandardSchema> = NonNullable<S["~standard"]["types"]>["output"]

/** Why a value was refused: all issues that the schema had. */
export class SchemaError extends Error {
  readonly issues: readonly Issue[]

  constructor(issues: readonly Issue[]) {
    super(issues.map(describe).join("; "))
    this.issues = issues
  }
}

acceptCopies(SchemaError, "SchemaError")

/**
 * A codec whose received values are checked, and made into what the schema says. What is sent is checked by the compiler.
 * The schema must answer at once: one that validates asynchronously lets nothing through.
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
