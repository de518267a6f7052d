/**
 * This table has all options, in parts by subject. The properties of sockets, their types, defaults and checks, and the
 * README's table are made from it. The names are those of the native package, the meanings those of zmq_setsockopt(3).
 */

import type { Secret } from "../base/secret.ts"
import type { SocketType } from "../base/socket-types.ts"
import type { Authenticator } from "../contracts/security.ts"
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

/** A socket stores its options like this. Some are read at each use; bind() and connect() copy the others. */
export type OptionValues = { -readonly [K in keyof Table]: ReturnType<Table[K]["parse"]> }

/** A property shows bytes, secrets and ranges as text. Authenticators are assigned as one, or as a list of them. */
type Shown<Value> = Value extends Buffer | Secret | readonly AddressRange[]
  ? string | null
  : Value extends readonly Authenticator[]
    ? Authenticator | readonly Authenticator[] | null
    : Value

/** These option properties can be assigned. They belong to every socket, to one type, or to types with a trait. */
export type OptionProperties<T extends Applies> = {
  -readonly [K in keyof Table as Table[K] extends OptionSpec<infer _, infer S, "read-write" | "write">
    ? T extends Reach<S>
      ? K
      : never
    : never]: Shown<OptionValues[K]>
}

/** These option properties can only be read; every socket has them. */
export type ReadOnlyOptions = {
  readonly [K in keyof Table as Table[K]["access"] extends "read" ? K : never]: Shown<OptionValues[K]>
}

export const optionNames = Object.keys(SOCKET_OPTIONS) as SocketOptionName[]

/** Returns the row of an option, without the type of its value. */
export function optionSpec(name: SocketOptionName): OptionSpec {
  return SOCKET_OPTIONS[name] as OptionSpec
}

/** Returns true when the option belongs to the type itself, or, for "ALL", to all sockets. */
export function optionApplies(name: SocketOptionName, type: SocketType | "ALL"): boolean {
  const { sockets } = optionSpec(name)
  return type === "ALL" ? sockets.includes(type) : reaches(sockets, type)
}

/** Returns the values with which a new socket starts. */
export function defaultOptions(type: SocketType, context: { blocky: boolean; ipv6: boolean }): OptionValues {
  const values = Object.fromEntries(optionNames.map(name => [name, optionSpec(name).default])) as OptionValues
  values.linger = context.blocky ? type.linger : 0
  values.ipv6 = context.ipv6
  values.type = type.id
  return values
}
