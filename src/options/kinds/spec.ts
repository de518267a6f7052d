import type { SocketType, SocketTypeName, Trait, TypesWith } from "../../base/socket-types.ts"

/** An option belongs to such a group of socket types: one type, those with a trait, or all. */
export type Applies = SocketTypeName | Trait | "ALL"

/** This type also has every socket type that belongs to one of the groups. */
export type Reach<S extends Applies> = S | (S extends Trait ? TypesWith<S> : never)

/** Returns true when a socket type is in one of the groups. "ALL" does not stand for every type here. */
export function reaches(groups: readonly Applies[], type: SocketType): boolean {
  return groups.some(group => (isTrait(group) ? type[group] : group === type.name))
}

function isTrait(group: Applies): group is Trait {
  return group === "sends" || group === "receives" || group === "tellsRoutingId"
}

/** An option's property can be read, written, or both. One that is only written reads as undefined. */
export type Access = "read-write" | "write" | "read"

/** This is one option, with everything that code, types and documentation need of it. */
export interface OptionSpec<Value = unknown, Sockets extends Applies = Applies, A extends Access = Access> {
  /** This is libzmq's number. It is negative when libzmq doesn't have the option, which then has only a name. */
  readonly id: number
  /** libzmq takes its value as 4 bytes, as 8 bytes, or as any number of bytes. */
  readonly type: "bool" | "int32" | "uint32" | "int64" | "uint64" | "bytes"
  /** libzmq's numbers 0, 1, … stand for these values. Without them numbers stand for themselves. */
  readonly values: readonly unknown[] | undefined
  readonly default: Value
  /** These sockets have the option as a property. */
  readonly sockets: readonly Sockets[]
  /** These further sockets know the option by its number only, as in libzmq. */
  readonly byNumber: readonly Applies[]
  readonly access: A
  /** True when a change affects existing connections; otherwise it takes effect at the next bind() or connect(). */
  readonly live: boolean
  /** True when a change on a bound or connected socket makes a warning, as in the native package. */
  readonly warns: boolean
  /**
   * Checks and converts the assigned value. Throws TypeError for a wrong type, EINVAL for a wrong value, and ENOTSUP for a
   * value that the runtime doesn't allow.
   * @param before the former value, for options that add values or ignore some
   */
  readonly parse: (value: unknown, before?: Value) => Value
  /** Makes the value that the property shows, where that is not the stored value. */
  readonly show: ((value: Value) => unknown) | undefined
  /** Returns the values of other options that setting this one changes too. */
  readonly implies: Implies | undefined
}

/**
 * @param value is the new value of the option
 * @param values has the values of all options before
 */
export type Implies = (
  value: unknown,
  values: Readonly<Record<string, unknown>>,
) => Readonly<Record<string, unknown>>

/** A row of the table is written like this, for every kind of option. Members that are left out have a default. */
export interface Common<Sockets extends Applies, A extends Access> {
  readonly id: number
  readonly sockets: readonly Sockets[]
  readonly byNumber?: readonly Applies[]
  readonly access?: A
  readonly live?: boolean
  readonly warns?: boolean
  readonly values?: readonly unknown[]
  readonly implies?: Implies
}

type Kind<Value> = Pick<OptionSpec<Value>, "type" | "default" | "parse"> &
  Partial<Pick<OptionSpec<Value>, "show">>

const NO_SOCKETS: readonly Applies[] = []

/** Makes the whole row of an option. All rows have the same members, because that makes loading the table fast. */
export function row<Value, S extends Applies, A extends Access>(
  spec: Common<S, A>,
  { type, default: initial, parse, show }: Kind<Value>,
): OptionSpec<Value, S, A> {
  const { byNumber = NO_SOCKETS, access = "read-write" as A, live = false } = spec
  return {
    id: spec.id,
    type,
    values: spec.values,
    default: initial,
    sockets: spec.sockets,
    byNumber,
    access,
    live,
    warns: spec.warns ?? !live,
    parse,
    show,
    implies: spec.implies,
  }
}
