import { ZmqError } from "./errors.ts"
import { toOwnBytes } from "./message.ts"
import type { SocketTypeName } from "./socket-types.ts"

/** Which sockets an option belongs to. */
export type Applies = SocketTypeName | "ALL"

/** One option: everything that code, types and documentation need to know of it. */
export interface OptionSpec<Value = unknown, Sockets extends Applies = Applies> {
  /** libzmq's number and name. */
  readonly id: number
  readonly libzmq: string
  readonly type: "int32" | "int64" | "bool" | "bytes"
  readonly unit?: "ms" | "s" | "bytes" | "messages" | "connections"
  readonly default: Value
  readonly sockets: readonly Sockets[]
  /** True when a change is felt by existing connections; else it takes effect at the next bind() or connect(). */
  readonly live: boolean
  readonly help: string
  /** Checks and converts what a user assigns. Throws TypeError for a wrong type, EINVAL for a wrong value. */
  readonly parse: (value: unknown) => Value
  /** What the property reads as, where that is not the stored value. */
  readonly show?: (value: Value) => unknown
}

interface Common<Sockets extends Applies> {
  readonly id: number
  readonly libzmq: string
  readonly sockets: readonly Sockets[]
  readonly live?: boolean
  readonly help: string
}

interface Integer<Sockets extends Applies> extends Common<Sockets> {
  readonly default: number
  readonly min?: number
  readonly max?: number
  readonly unit?: NonNullable<OptionSpec["unit"]>
  /** Values are rounded down to a multiple of this. */
  readonly step?: number
}

/** A 32-bit integer; converted as JavaScript's ToInt32 does, as in the native package. */
export function int32<const S extends Applies>(spec: Integer<S>): OptionSpec<number, S> {
  return { live: false, ...spec, type: "int32", parse: value => inRange(toNumber(value) | 0, spec) }
}

/** An integer up to 2^53. */
export function int64<const S extends Applies>(spec: Integer<S>): OptionSpec<number, S> {
  return {
    live: false,
    ...spec,
    type: "int64",
    parse: value => inRange(Math.trunc(toNumber(value)) || 0, spec),
  }
}

export function bool<const S extends Applies>(
  spec: Common<S> & { default: boolean },
): OptionSpec<boolean, S> {
  const parse = (value: unknown): boolean => {
    if (typeof value !== "boolean") throw new TypeError("Option value must be a boolean")
    return value
  }
  return { live: false, ...spec, type: "bool", parse }
}

/** 1 to 255 bytes, assigned as a string (UTF-8) or bytes; unset reads as null. */
export function bytes<const S extends Applies>(spec: Common<S>): OptionSpec<Buffer, S> {
  return {
    live: false,
    ...spec,
    type: "bytes",
    default: Buffer.alloc(0),
    parse: value => {
      const parsed = toOwnBytes(value)
      if (parsed.length < 1 || parsed.length > 255) throw new ZmqError("EINVAL")
      return parsed
    },
    show: value => (value.length === 0 ? null : value.toString()),
  }
}

function toNumber(value: unknown): number {
  if (typeof value !== "number") throw new TypeError("Option value must be a number")
  return value
}

function inRange(
  value: number,
  { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, step = 1 }: RangeOf,
): number {
  if (value < min || value > max) throw new ZmqError("EINVAL")
  return value - (value % step)
}

type RangeOf = Pick<Integer<Applies>, "min" | "max" | "step">
