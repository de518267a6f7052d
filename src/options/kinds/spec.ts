import type { SocketType, SocketTypeName, Trait, TypesWith } from "../../base/socket-types.ts"

/** A group of socket types that an option belongs to: one type, those with a trait, or all. */
export type Applies = SocketTypeName | Trait | "ALL"

/** The same groups, with all that the type checker knows to be in one of them. */
export type Reach<S extends Applies> = S | (S extends Trait ? TypesWith<S> : never)

/** Whether a socket type is in one of the groups. "ALL" stands for itself here, not for every type. */
export function reaches(groups: readonly Applies[], type: SocketType): boolean {
  return groups.some(group => (isTrait(group) ? type[group] : group === type.name))
}

function isTrait(group: Applies): group is Trait {
  return group === "sends" || group === "receives" || group === "tellsRoutingId"
}

/** An option's property can be read, written, or both. One that is only written reads as undefined. */
export type Access = "read-write" | "write" | "read"

/** One option: everything that code, types and documentation need to know of it. */
export interface OptionSpec<Value = unknown, Sockets extends Applies = Applies, A extends Access = Access> {
  /** libzmq's number; a negative one of an option that libzmq doesn't have, which is known by its name only. */
  readonly id: number
  /** libzmq takes its value as 4 bytes, as 8 bytes, or as any number of bytes. */
  readonly type: "bool" | "int32" | "uint32" | "int64" | "uint64" | "bytes"
  /** libzmq's numbers 0, 1, … stand for these. Without them they stand for themselves. */
  readonly values: readonly unknown[] | undefined
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
  /**
   * Checks and converts what a user assigns; `before` is the value so far, for options that add up or ignore some
   * values. Throws TypeError for a wrong type, EINVAL for a wrong value, ENOTSUP for one that the runtime doesn't allow.
   */
  readonly parse: (value: unknown, before?: Value) => Value
  /** Makes what the property reads as, where that is not the stored value. */
  readonly show: ((value: Value) => unknown) | undefined
}

/** A row of the table is written like this, whatever the kind of the option. What is left out has a default. */
export interface Common<Sockets extends Applies, A extends Access> {
  readonly id: number
  readonly sockets: readonly Sockets[]
  readonly byNumber?: readonly Applies[]
  readonly access?: A
  readonly live?: boolean
  readonly warns?: boolean
  readonly values?: readonly unknown[]
}

type Kind<Value> = Pick<OptionSpec<Value>, "type" | "default" | "parse"> &
  Partial<Pick<OptionSpec<Value>, "show">>

const NO_SOCKETS: readonly Applies[] = []

/** The whole row of an option. All rows are of one shape, so that the table costs little when the library is loaded. */
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
  }
}
