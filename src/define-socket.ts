/** This module makes classes for a program's own socket types, from a row of rules and a pattern. */
import { ZmqError } from "./base/errors.ts"
import { type SocketType, type SocketTypeName, USUAL } from "./base/socket-types.ts"
import type { Pattern } from "./contracts/pattern.ts"
import type { OptionProperties, OptionValues } from "./options/table.ts"
import { type ConnectOptions, connectNamed, defineOptions, patternOf } from "./socket/socket.ts"
import type { Readable, Writable } from "./socket/transfer.ts"
import { Socket, type SocketOptions, socketKind } from "./socket.ts"

/**
 * These columns are not for a program's own types. They mean libzmq's numbers, bare bytes, codecs, and peers of old
 * versions, which know types by their numbers.
 */
type Inner = "id" | "wire" | "envelope" | "subscriptions" | "publishes"

/** A row says the rules of a socket type that need no code. A cell that is left out is as in most types. */
export interface SocketTypeRow
  extends Pick<SocketType, "name" | "peers">,
    Partial<Omit<SocketType, "name" | "peers" | Inner>> {}

/**
 * The classes that {@link defineSocket} makes extend this one.
 *
 * @example
 * ```ts
 * class Bus extends defineSocket({ name: "BUS", peers: ["BUS"] }, () => new BusPattern()) {
 *   get busy(): boolean {
 *     return !this.pattern.canSend()
 *   }
 * }
 * ```
 */
export abstract class PatternSocket<P extends Pattern = Pattern> extends Socket {
  /** A method that only this type has finds the socket's own pattern here. Throws ENOTSOCK when the socket is closed. */
  protected get pattern(): P {
    return patternOf(this) as P
  }
}

/** Such a socket has the methods and options of all sockets, and those that its row says. */
export type DefinedSocket<R extends SocketTypeRow, P extends Pattern> = PatternSocket<P> &
  (R extends { readonly sends: false } ? unknown : Writable) &
  (R extends { readonly receives: false } ? unknown : Readable) &
  (R extends { readonly tellsRoutingId: true } ? OptionProperties<"tellsRoutingId"> : unknown) &
  (R extends { readonly addresses: true } ? NamedConnect : unknown) &
  (R extends { readonly name: infer N extends SocketTypeName } ? OptionProperties<N> : unknown)

/** Sockets that address their peers can name them. */
export interface NamedConnect {
  /** Connects as {@link Socket.connect} does. A peer that is given a routing id can be sent to at once. */
  connect(address: string, options?: ConnectOptions): void
}

/** Such a class makes sockets of one type. */
export type SocketClass<S extends Socket> = new (options?: SocketOptions<S>) => S

/**
 * Makes a class of sockets with a pattern of your own. Such a socket works over every transport, and has the options,
 * events, limits and ends of life that all sockets have; see patterns/README.md for how to write a pattern.
 *
 * Throws EINVAL for a row that makes no sense.
 *
 * @param row the rules of the type; `peers` names the types with which it can talk
 * @param pattern makes the pattern of one socket; it gets the socket's options, which it may read at any time
 * @example
 * ```ts
 * const Bus = defineSocket({ name: "BUS", peers: ["BUS"] }, () => new BusPattern())
 * const bus = new Bus({ linger: 0 })
 * ```
 */
export function defineSocket<const R extends SocketTypeRow, P extends Pattern>(
  row: R & { readonly [Unknown in Exclude<keyof R, keyof SocketTypeRow>]: never },
  pattern: (options: Readonly<OptionValues>) => P,
): SocketClass<DefinedSocket<R, P>> {
  if (typeof pattern !== "function")
    throw new TypeError("A socket type needs a function that makes its pattern")
  const type = checkRow(row)
  const kind = socketKind(type, pattern)
  class Defined extends PatternSocket<P> {
    constructor(options?: object) {
      super(kind, options)
    }
  }
  Object.defineProperty(Defined, "name", { value: type.name })
  if (type.addresses) Object.defineProperty(Defined.prototype, "connect", { value: connectWithOptions })
  defineOptions(Defined, type)
  return Defined as never
}

function connectWithOptions(this: Socket, address: string, options: ConnectOptions = {}): void {
  connectNamed(this, address, options)
}

const NAME = /^[!-~]{1,255}$/

/** Makes the whole row of a type. Throws EINVAL for a cell that its column can't have. */
function checkRow(row: SocketTypeRow): SocketType {
  const given: Partial<SocketTypeRow> = row
  const { id, wire, envelope, subscriptions, publishes, ...cells } = USUAL
  const known: Readonly<Record<string, unknown>> = { name: "", peers: [], ...cells }
  for (const [column, cell] of Object.entries({ name: undefined, peers: undefined, ...given })) {
    if (!Object.hasOwn(known, column) || typeof cell !== typeof known[column]) throw unfit(column)
  }
  if (!Array.isArray(row.peers) || !row.peers.every(peer => typeof peer === "string")) throw unfit("peers")
  const type = { ...USUAL, ...row, peers: [...row.peers] }
  if (!NAME.test(type.name)) throw unfit("name")
  if (!(type.maxPipes >= 1)) throw unfit("maxPipes")
  if (!(Number.isInteger(type.linger) && type.linger >= -1)) throw unfit("linger")
  return type
}

function unfit(column: string): ZmqError {
  return new ZmqError("EINVAL", { reason: `a socket type can't have this ${column}` })
}
