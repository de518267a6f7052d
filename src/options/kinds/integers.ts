/** This module has the kinds of options that are integers. */
import { ZmqError } from "../../base/errors.ts"
import { emitWarning } from "../../base/runtime.ts"
import { type Access, type Applies, type Common, type OptionSpec, row } from "./spec.ts"

interface Integer<Sockets extends Applies, A extends Access> extends Common<Sockets, A> {
  readonly default: number
  readonly min?: number
  readonly max?: number
  /** Values are rounded down to a multiple of this. */
  readonly step?: number
  /** Checks a value in range further. Throws ENOTSUP. */
  readonly check?: (value: number) => void
}

/** Makes an option of a 32-bit integer. Values are converted as JavaScript's ToInt32 does, as in the native package. */
export function int32<const S extends Applies, const A extends Access = "read-write">(
  spec: Integer<S, A>,
): OptionSpec<number, S, A> {
  const parse = (value: unknown) => inRange(toNumber(value) | 0, spec)
  return row(spec, { type: "int32", default: spec.default, parse })
}

/** Makes an option of a 32-bit integer that is not negative. It keeps 31 bits, as libzmq does. */
export function uint32<const S extends Applies, const A extends Access = "read-write">(
  spec: Integer<S, A>,
): OptionSpec<number, S, A> {
  const parse = (value: unknown) => inRange(toNumber(value) | 0, { min: 0, ...spec })
  return row(spec, { type: "uint32", default: spec.default, parse })
}

/** Makes an option of an integer from -2^63 to 2^63. A value that a number can't hold exactly is rounded. */
export function int64<const S extends Applies, const A extends Access = "read-write">(
  spec: Integer<S, A>,
): OptionSpec<number, S, A> {
  const parse = (value: unknown) => inRange(clamp(toNumber(value), -(2 ** 63), 2 ** 63), spec)
  return row(spec, { type: "int64", default: spec.default, parse })
}

/** Makes an option of an integer from 0 to 2^64. Setting it warns of numbers that can't be exact. */
export function uint64<const S extends Applies, const A extends Access = "read-write">(
  spec: Integer<S, A>,
): OptionSpec<number, S, A> {
  const parse = (value: unknown): number => {
    const number = toNumber(value)
    if (number > Number.MAX_SAFE_INTEGER) {
      emitWarning("Value is larger than Number.MAX_SAFE_INTEGER and may have been rounded inaccurately.")
    }
    return inRange(clamp(number, 0, 2 ** 64), spec)
  }
  return row(spec, { type: "uint64", default: spec.default, parse })
}

/** Returns the value if it is a number. Throws TypeError for anything else. */
export function toNumber(value: unknown): number {
  if (typeof value !== "number") throw new TypeError("Option value must be a number")
  return value
}

/** Rounds towards zero and limits a number. NaN becomes 0. */
function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(Math.trunc(value) || 0, min), max)
}

type Range = Pick<Integer<Applies, Access>, "min" | "max" | "step" | "check">

function inRange(
  value: number,
  { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, step = 1, check }: Range,
): number {
  if (value < min || value > max) throw new ZmqError("EINVAL")
  check?.(value)
  return value - (value % step)
}
