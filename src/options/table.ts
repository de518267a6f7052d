/**
 * The one table of options, in parts by subject. The properties of sockets, their types, defaults and checks, and the
 * README's table are made from it. Names are those of the native package, meanings those of zmq_setsockopt(3).
 */

import type { SocketType } from "../base/socket-types.ts"
import type { AddressRange } from "../contracts/transport.ts"
import { type Applies, type OptionSpec, type Reach, reaches } from "./kinds/spec.ts"
import { CONNECTIONS } from "./rows/connections.ts"
import { INERT } from "./rows/inert.ts"
import { IPC } from "./rows/ipc.ts"
import { PATTERNS } from "./rows/patterns.ts"
import { QUEUES } from "./rows/queues.ts"
import { FACTS } from "./rows/read-only.ts"
import { SECURITY } from "./rows/security.ts"
import { TCP } from "./rows/tcp.ts"

/** This is an intersection, because the type of the spread object would lose the doc comments of the rows. */
type Table = typeof QUEUES &
  typeof CONNECTIONS &
  typeof TCP &
  typeof IPC &
  typeof PATTERNS &
  typeof FACTS &
  typeof SECURITY &
  typeof INERT

export const SOCKET_OPTIONS: Table = {
  ...QUEUES,
  ...CONNECTIONS,
  ...TCP,
  ...IPC,
  ...PATTERNS,
  ...FACTS,
  ...SECURITY,
  ...INERT,
}

export type SocketOptionName = keyof Table

// Of the mapped types below, `keyof Table` keeps the rows' doc comments; an alias of the keys would lose them.

/** The options of a socket, as stored: read live by those who may, copied by bind() and connect() for the others. */
export type OptionValues = { -readonly [K in keyof Table]: ReturnType<Table[K]["parse"]> }

/** (Bytes and ranges read as text.) */
type Shown<Value> = Value extends Buffer | readonly AddressRange[] ? string | null : Value

/** The option properties that belong to every socket, to a type or to those with a trait, and can be assigned. */
export type OptionProperties<T extends Applies> = {
  -readonly [K in keyof Table as Table[K] extends OptionSpec<infer _, infer S, "read-write" | "write">
    ? T extends Reach<S>
      ? K
      : never
    : never]: Shown<OptionValues[K]>
}

/** Those that can only be read; every socket has them. */
export type ReadOnlyOptions = {
  readonly [K in keyof Table as Table[K]["access"] extends "read" ? K : never]: Shown<OptionValues[K]>
}

export const optionNames = Object.keys(SOCKET_OPTIONS) as SocketOptionName[]

/** The row of an option, without what only its own value's type knows. */
export function optionSpec(name: SocketOptionName): OptionSpec {
  return SOCKET_OPTIONS[name] as OptionSpec
}

/** True for an option of the type's own, or for "ALL" for one of all sockets. */
export function optionApplies(name: SocketOptionName, type: SocketType | "ALL"): boolean {
  const { sockets } = optionSpec(name)
  return type === "ALL" ? sockets.includes(type) : reaches(sockets, type)
}

/** The values that a new socket starts with. */
export function defaultOptions(type: SocketType, context: { blocky: boolean; ipv6: boolean }): OptionValues {
  const values = Object.fromEntries(optionNames.map(name => [name, optionSpec(name).default])) as OptionValues
  values.linger = context.blocky ? type.linger : 0
  values.ipv6 = context.ipv6
  values.type = type.id
  return values
}
