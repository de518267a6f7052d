/** This module has the kinds of options that are not integers. */

import { ZmqError } from "../../base/errors.ts"
import { toOwnBytes } from "../../base/parts.ts"
import { asBuffer } from "../../base/runtime.ts"
import { Secret } from "../../base/secret.ts"
import type { AddressRange } from "../../contracts/transport.ts"
import { formatRange, parseRange } from "./address-range.ts"
import { toNumber } from "./integers.ts"
import { type Access, type Applies, type Common, type OptionSpec, row } from "./spec.ts"

export function bool<const S extends Applies, const A extends Access = "read-write">(
  spec: Common<S, A> & { readonly default: boolean; readonly check?: (value: boolean) => void },
): OptionSpec<boolean, S, A> {
  const parse = (value: unknown): boolean => {
    if (typeof value !== "boolean") throw new TypeError("Option value must be a boolean")
    spec.check?.(value)
    return value
  }
  return row(spec, { type: "bool", default: spec.default, parse })
}

/** Makes an option of a few values. libzmq's number of each is its index in the list. */
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
  return row(spec, { type: "int32", default: spec.default, parse })
}

/** Makes an option like choice(), but setting any other value changes nothing. */
export function lenientChoice<const V, const S extends Applies, const A extends Access = "read-write">(
  spec: Common<S, A> & { readonly values: readonly V[]; readonly default: V },
): OptionSpec<V, S, A> {
  const parse = (value: unknown, before: V = spec.default): V =>
    spec.values.includes(value as V) ? (value as V) : before
  return row(spec, { type: "int32", default: spec.default, parse })
}

interface Bytes<Sockets extends Applies, A extends Access> extends Common<Sockets, A> {
  /** A value has at most this many bytes; there is no limit by default. */
  readonly max?: number
  /** True when null or an empty array of bytes unsets the option. */
  readonly nullable?: boolean
  /** True when an empty string unsets the option too. */
  readonly emptyUnsets?: boolean
  /** Checks the given bytes further. Throws EINVAL. */
  readonly check?: (bytes: Buffer) => void
}

/** An option of bytes has this row. Its name stands in the declarations, where `Buffer<…>` would need TypeScript 5.7. */
export interface BytesOption<S extends Applies, A extends Access> extends OptionSpec<Buffer, S, A> {}

const NO_BYTES = Buffer.alloc(0)
const NO_SECRET = new Secret(NO_BYTES)

/** Makes an option of bytes, assigned as bytes or as a string (UTF-8). While unset it reads as null. */
export function bytes<const S extends Applies, const A extends Access = "read-write">(
  spec: Bytes<S, A>,
): BytesOption<S, A> {
  const parse = (value: unknown) => parseBytes(value, spec)
  return row(spec, { type: "bytes", default: NO_BYTES, parse, show: showBytes })
}

/** Makes an option like bytes(), but its value is kept as a string. */
export function text<const S extends Applies, const A extends Access = "read-write">(
  spec: Bytes<S, A>,
): OptionSpec<string | null, S, A> {
  const parse = (value: unknown) => showBytes(parseBytes(value, spec))
  return row<string | null, S, A>(spec, { type: "bytes", default: null, parse })
}

/** Makes an option like bytes(), but its value is kept out of logs. */
export function secret<const S extends Applies, const A extends Access = "read-write">(
  spec: Bytes<S, A>,
): OptionSpec<Secret, S, A> {
  const parse = (value: unknown) => new Secret(parseBytes(value, spec))
  const show = (value: Secret) => showBytes(asBuffer(value.reveal()))
  return row<Secret, S, A>(spec, { type: "bytes", default: NO_SECRET, parse, show })
}

/** Makes an option of functions, assigned as one or as an array of them. Null and an empty array are none. */
export function functions<F extends (...args: never) => unknown, const S extends Applies>(
  spec: Common<S, "read-write">,
): OptionSpec<readonly F[], S, "read-write"> {
  const parse = (value: unknown): readonly F[] => {
    const given: unknown[] = value === null ? [] : Array.isArray(value) ? [...value] : [value]
    if (!given.every(item => typeof item === "function"))
      throw new TypeError("Option value must be a function, or an array of functions")
    return Object.freeze(given as F[])
  }
  return row<readonly F[], S, "read-write">(spec, { type: "bytes", default: [], parse })
}

type BytesRules = Omit<Bytes<Applies, Access>, keyof Common<Applies, Access>>

function parseBytes(
  value: unknown,
  { max = Number.POSITIVE_INFINITY, nullable = false, emptyUnsets = false, check }: BytesRules,
): Buffer {
  const parsed = toOwnBytes(value)
  if (parsed.length === 0 && nullable && (emptyUnsets || value !== "")) return NO_BYTES
  if (parsed.length < 1 || parsed.length > max) throw new ZmqError("EINVAL")
  check?.(parsed)
  return parsed
}

/** Makes an option of address ranges. Each assignment adds one, and null removes all. It reads as their list, or null. */
export function ranges<const S extends Applies, const A extends Access = "read-write">(
  spec: Common<S, A>,
): OptionSpec<readonly AddressRange[], S, A> {
  const parse = (value: unknown, before: readonly AddressRange[] = []): readonly AddressRange[] => {
    const given = toOwnBytes(value)
    return given.length === 0 && value !== "" ? [] : [...before, parseRange(given.toString())]
  }
  const show = (value: readonly AddressRange[]) =>
    value.length === 0 ? null : value.map(formatRange).join(", ")
  return row<readonly AddressRange[], S, A>(spec, { type: "bytes", default: [], parse, show })
}

/** Makes an option that throws EINVAL when it is read or set. The native package's libzmq is built without it. */
export function unavailable<const S extends Applies>(
  spec: Omit<Common<S, "read-write">, "access"> & { readonly type: OptionSpec["type"] },
): OptionSpec<number, S, "read-write"> {
  const refuse = (): never => {
    throw new ZmqError("EINVAL", { reason: "libzmq was built without it" })
  }
  const parse = (value: unknown) => {
    toNumber(value)
    return refuse()
  }
  return row<number, S, "read-write">(spec, { type: spec.type, default: 0, parse, show: refuse })
}

/** Shows bytes as text, or null for none. The text ends at the first NUL, as in C. */
function showBytes(value: Buffer): string | null {
  const end = value.indexOf(0)
  const shown = end < 0 ? value : value.subarray(0, end)
  return shown.length === 0 ? null : shown.toString()
}
