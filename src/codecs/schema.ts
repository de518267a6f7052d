/** Standard Schema, version 1 (standardschema.dev): what zod, valibot, arktype and others have in common. */
import { acceptCopies } from "../base/copies.ts"
import type { Codec } from "./codec.ts"

/** What is wrong with a value, and where. */
export interface Issue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

type Result<Out> =
  | { readonly value: Out; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] }

/** `In` is what may be sent, `Out` what is received. */
export interface StandardSchema<In = unknown, Out = In> {
  readonly "~standard": {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => Result<Out> | Promise<Result<Out>>
    readonly types?: { readonly input: In; readonly output: Out } | undefined
  }
}

export type InputOf<S extends StandardSchema> = NonNullable<S["~standard"]["types"]>["input"]
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
