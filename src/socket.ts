import { checkCount, checkOptions } from "./base/arguments.ts"
import { acceptCopies } from "./base/copies.ts"
import { ZmqError } from "./base/errors.ts"
import { SOCKET_TYPES, type SocketType, type SocketTypeName } from "./base/socket-types.ts"
import type { BaseContext } from "./context/context.ts"
import { context } from "./default-context.ts"
import { BaseSocket, defineOptions } from "./socket/socket.ts"
import type { SocketRecipe } from "./socket/socket-core.ts"

/** All sockets of one class are of one kind: of one type, and with one pattern. */
export type SocketKind = Omit<SocketRecipe, "context">

const kinds = new WeakSet<object>()

export function socketKind(type: SocketType, pattern: SocketKind["pattern"]): SocketKind {
  const kind = { type, pattern }
  kinds.add(kind)
  return kind
}

/** All sockets are instances of this class: they are bound, connected and closed, and have options and events. */
export abstract class Socket extends BaseSocket {
  /** @internal */
  protected constructor(kind: SocketKind, options?: object)
  /** @param type libzmq's number of the socket type, as the subclasses give it. Throws EINVAL for an unknown one. */
  protected constructor(type: number, options?: object)
  protected constructor(type: SocketKind | number, options: object = {}) {
    if (typeof type !== "number" && !kinds.has(type)) throw new TypeError("Socket type must be a number")
    checkOptions(options)
    const { context: given = context } = options as { context?: BaseContext }
    const kind = typeof type === "number" ? numbered.get(type) : type
    if (kind === undefined) throw new ZmqError("EINVAL")
    checkCount(arguments.length, 2)
    super({ ...kind, context: given }, options)
  }
}

acceptCopies(Socket, "Socket")

/** `new Socket()` knows these types by their numbers. */
const numbered = new Map<number, SocketKind>()

/** Makes `Socket` know these types. A bundle that doesn't import `Socket` itself needs none but those that it uses. */
export function withTypes(Class: typeof Socket, kinds: readonly SocketKind[]): typeof Socket {
  for (const kind of kinds) numbered.set(kind.type.id, kind)
  return Class
}

/** Gives a class the options of its type, and returns what its constructor needs. */
export function kindOf(
  Class: { readonly prototype: Socket },
  name: SocketTypeName,
  pattern: SocketKind["pattern"],
): SocketKind {
  const type = SOCKET_TYPES[name]
  defineOptions(Class, type)
  acceptCopies(Class, name)
  return socketKind(type, pattern)
}

/** A class's constructor takes these options: those of its properties that can be assigned, and the context. */
export type SocketOptions<S extends Socket> = Expand<Partial<Pick<S, SettableKeys<S>> & OfContext>>

interface OfContext {
  /**
   * The socket belongs to this context, which has the transports.
   *
   * @defaultValue the library's own `context`
   */
  context: BaseContext
}

type Expand<T> = T extends infer O ? { [K in keyof O]: O[K] } : never

type SettableKeys<T> = {
  [K in keyof T]-?: T[K] extends (...args: never) => unknown
    ? never
    : IsSame<{ [Q in K]: T[K] }, { -readonly [Q in K]: T[K] }> extends true
      ? K
      : never
}[keyof T]

/** This tells a read-only property from a writable one too, though they are assignable to each other. */
type IsSame<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
