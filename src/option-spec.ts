import { formatRange, parseRange } from "./address-range.ts"
import type { AddressRange } from "./contracts.ts"
import { ZmqError } from "./errors.ts"
import { toOwnBytes } from "./message.ts"
import { emitWarning } from "./runtime.ts"
import type { SocketTypeName } from "./socket-types.ts"

/** Which sockets an option belongs to. */
export type Applies = SocketTypeName | "ALL"

/** What can be done with an option's property. Only written: it reads as undefined. */
export type Access = "read-write" | "write" | "read"

/** One option: everything that code, types and documentation need to know of it. */
export interface OptionSpec<Value = unknown, Sockets extends Applies = Applies, A extends Access = Access> {
  /** libzmq's number and name. */
  readonly id: number
  readonly libzmq: string
  /** What libzmq takes for its value: 4 bytes, 8 bytes, or as many as there are. */
  readonly type: "bool" | "int32" | "uint32" | "int64" | "uint64" | "bytes"
  readonly unit?: Unit
  /** What libzmq's numbers 0, 1, … stand for, where it isn't themselves. */
  readonly values?: readonly unknown[]
  readonly default: Value
  /** The sockets that have it as a property. */
  readonly sockets: readonly Sockets[]
  /** Further sockets that know it by its number, as in libzmq. */
  readonly byNumber: readonly Applies[]
  readonly access: A
  /** True when a change is felt by existing connections; else it takes effect at the next bind() or connect(). */
  readonly live: boolean
  /** True when a change on a socket that is bound or connected is answered with a warning, as by the native package. */
  readonly warns: boolean
  /** True when it is kept and checked but does nothing; `help` says why. */
  readonly inert: boolean
  readonly help: string
  /**
   * Checks and converts what a user assigns; `before` is the value so far, for options that add up or ignore some values. Throws TypeError
   * for a wrong type, EINVAL for a wrong value, ENOTSUP for one that the runtime doesn't allow.
   */
  readonly parse: (value: unknown, before?: Value) => Value
  /** What the property reads as, where that is not the stored value. */
  readonly show?: (value: Value) => unknown
}

type Unit = "ms" | "s" | "bytes" | "messages" | "connections" | "sockets" | "hops" | "kbit/s"

interface Common<Sockets extends Applies, A extends Access> {
  readonly id: number
  readonly libzmq: string
  readonly sockets: readonly Sockets[]
  readonly byNumber?: readonly Applies[]
  readonly access?: A
  readonly live?: boolean
  readonly warns?: boolean
  readonly inert?: boolean
  readonly help: string
}

interface Integer<Sockets extends Applies, A extends Access> extends Common<Sockets, A> {
  readonly default: number
  readonly min?: number
  readonly max?: number
  readonly unit?: Unit
  /** Values are rounded down to a multiple of this. */
  readonly step?: number
  /** A further look at a value in range. Throws ENOTSUP. */
  readonly check?: (value: number) => void
}

/** A 32-bit integer; converted as JavaScript's ToInt32 does, as in the native package. */
export function int32<const S extends Applies, const A extends Access = "read-write">(
  spec: Integer<S, A>,
): OptionSpec<number, S, A> {
  return { ...common(spec), type: "int32", parse: value => inRange(toNumber(value) | 0, spec) }
}

/** As int32(), without a sign; libzmq itself keeps 31 bits. */
export function uint32<const S extends Applies, const A extends Access = "read-write">(
  spec: Integer<S, A>,
): OptionSpec<number, S, A> {
  return {
    ...common(spec),
    type: "uint32",
    parse: value => inRange(toNumber(value) | 0, { min: 0, ...spec }),
  }
}

/** An integer from -2^63 to 2^63; what a number can't hold exactly is rounded. */
export function int64<const S extends Applies, const A extends Access = "read-write">(
  spec: Integer<S, A>,
): OptionSpec<number, S, A> {
  const parse = (value: unknown) => inRange(clamp(toNumber(value), -(2 ** 63), 2 ** 63), spec)
  return { ...common(spec), type: "int64", parse }
}

/** An integer from 0 to 2^64; warns of numbers that can't be exact. */
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
  return { ...common(spec), type: "uint64", parse }
}

export function bool<const S extends Applies, const A extends Access = "read-write">(
  spec: Common<S, A> & { readonly default: boolean; readonly check?: (value: boolean) => void },
): OptionSpec<boolean, S, A> {
  const parse = (value: unknown): boolean => {
    if (typeof value !== "boolean") throw new TypeError("Option value must be a boolean")
    spec.check?.(value)
    return value
  }
  return { ...common(spec), type: "bool", parse }
}

/** One of a few values; libzmq knows each by its place in the list. */
export function choice<const V, const S extends Applies, const A extends Access = "read-write">(
  spec: Common<S, A> & {
    readonly values: readonly V[]
    readonly default: V
    readonly check?: (value: V) => void
  },
): OptionSpec<V, S, A> {
  const parse = (value: unknown): V => {
    if (!spec.values.includes(value as V)) throw new ZmqError("EINVAL")
    spec.check?.(value as V)
    return value as V
  }
  return { ...common(spec), type: "int32", parse }
}

/** As choice(), but what is none of the values changes nothing. */
export function lenientChoice<const V, const S extends Applies, const A extends Access = "read-write">(
  spec: Common<S, A> & { readonly values: readonly V[]; readonly default: V },
): OptionSpec<V, S, A> {
  const parse = (value: unknown, before: V = spec.default): V =>
    spec.values.includes(value as V) ? (value as V) : before
  return { ...common(spec), type: "int32", parse }
}

interface Bytes<Sockets extends Applies, A extends Access> extends Common<Sockets, A> {
  /** Most bytes; no limit by default. */
  readonly max?: number
  /** True when null, or no bytes at all, unsets it. */
  readonly nullable?: boolean
  /** True when an empty string unsets it, too. */
  readonly emptyUnsets?: boolean
  /** A further look at what was given. Throws EINVAL. */
  readonly check?: (bytes: Buffer) => void
}

/** Bytes, assigned as a string (UTF-8) or as they are; none while unset, which reads as null. An empty string is refused. */
export function bytes<const S extends Applies, const A extends Access = "read-write">(
  spec: Bytes<S, A>,
): OptionSpec<Buffer, S, A> {
  const { max = Number.POSITIVE_INFINITY, nullable = false, emptyUnsets = false, check } = spec
  const unset = Buffer.alloc(0)
  const parse = (value: unknown): Buffer => {
    const parsed = toOwnBytes(value)
    if (parsed.length === 0 && nullable && (emptyUnsets || value !== "")) return unset
    if (parsed.length < 1 || parsed.length > max) throw new ZmqError("EINVAL")
    check?.(parsed)
    return parsed
  }
  return { ...common(spec), type: "bytes", default: unset, parse, show: showBytes }
}

/** As bytes(), kept as a string. */
export function text<const S extends Applies, const A extends Access = "read-write">(
  spec: Bytes<S, A>,
): OptionSpec<string | null, S, A> {
  const { parse, show: _, ...rest } = bytes(spec)
  return { ...rest, default: null, parse: value => showBytes(parse(value)) }
}

/** Ranges of addresses: each assignment adds one, null takes all away. Reads as their list, or null. */
export function ranges<const S extends Applies, const A extends Access = "read-write">(
  spec: Common<S, A>,
): OptionSpec<readonly AddressRange[], S, A> {
  const parse = (value: unknown, before: readonly AddressRange[] = []): readonly AddressRange[] => {
    const given = toOwnBytes(value)
    return given.length === 0 && value !== "" ? [] : [...before, parseRange(given.toString())]
  }
  const show = (value: readonly AddressRange[]) =>
    value.length === 0 ? null : value.map(formatRange).join(", ")
  return { ...common(spec), type: "bytes", default: [], parse, show }
}

/** What libzmq knows but wasn't built with: it throws EINVAL, read or set. */
export function unavailable<const S extends Applies>(
  spec: Omit<Common<S, "read-write">, "access" | "inert"> & { readonly type: OptionSpec["type"] },
): OptionSpec<number, S, "read-write"> {
  const refuse = (): never => {
    throw new ZmqError("EINVAL", { reason: `there is no ${spec.libzmq}` })
  }
  const parse = (value: unknown) => {
    toNumber(value)
    return refuse()
  }
  return {
    ...common<S, "read-write", typeof spec>({ ...spec, inert: true }),
    default: 0,
    parse,
    show: refuse,
  }
}

/** Strings end at the first NUL, as in C. */
function showBytes(value: Buffer): string | null {
  const end = value.indexOf(0)
  const shown = end < 0 ? value : value.subarray(0, end)
  return shown.length === 0 ? null : shown.toString()
}

function common<S extends Applies, A extends Access, Spec extends Common<S, A>>(
  spec: Spec & Common<S, A>,
): Spec & Pick<OptionSpec<unknown, S, A>, "byNumber" | "access" | "live" | "warns" | "inert"> {
  const { live = false, inert = false } = spec
  return {
    ...spec,
    byNumber: spec.byNumber ?? [],
    access: spec.access ?? ("read-write" as A),
    live,
    warns: spec.warns ?? !live,
    inert,
  }
}

function toNumber(value: unknown): number {
  if (typeof value !== "number") throw new TypeError("Option value must be a number")
  return value
}

/** (Not a number is 0.) */
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
