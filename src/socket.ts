import { BaseContext } from "./context.ts"
import type { Pattern } from "./contracts.ts"
import type { Observer } from "./monitor.ts"
import {
  type OptionProperties,
  type OptionValues,
  optionApplies,
  optionNames,
  optionSpec,
  type ReadOnlyOptions,
  SOCKET_OPTIONS,
  type SocketOptionName,
} from "./options.ts"
import { SocketCore } from "./socket-core.ts"
import { SOCKET_TYPES, type SocketTypeName } from "./socket-types.ts"
import { transferMethods } from "./transfer.ts"

/** Options of the connect() of sockets that address their peers. */
export interface ConnectOptions {
  /**
   * What this socket shall call the peer, whatever that calls itself: 1 to 255 bytes; default, or an empty string: what
   * it calls itself. With a name, messages can be addressed to it before it is there. EINVAL when another peer has the
   * name (zmq_setsockopt(3), ZMQ_CONNECT_ROUTING_ID).
   */
  routingId?: string | Uint8Array
}

/** @internal What is behind a socket. Throws TypeError for anything else. */
export let coreOf: (socket: object) => SocketCore

/** How a concrete class tells the base what it is. */
export interface SocketRecipe {
  readonly type: SocketTypeName
  readonly pattern: (options: Readonly<OptionValues>) => Pattern
  readonly context: BaseContext
}

/**
 * What all sockets have in common. Concrete classes show what their type can do: send() (`Writable`), receive() and
 * iteration (`Readable`), see transfer.ts.
 */
export abstract class Socket {
  readonly #core: SocketCore

  protected constructor(recipe: SocketRecipe, options: object = {}) {
    if (typeof options !== "object" || options === null) throw new TypeError("Options must be an object")
    if (!(recipe.context instanceof BaseContext)) throw new Error("Invalid argument")
    this.#core = new SocketCore(recipe)
    try {
      for (const [name, value] of Object.entries(options)) this.#assign(name, value)
    } catch (error) {
      this.#core.close()
      throw error
    }
  }

  /** Events of this socket's connections, from the first access on. Always the same observer. */
  get events(): Observer {
    this.#core.mustBeSocket()
    return this.#core.monitor.observe()
  }

  /** The context; undefined once the socket is closed. */
  get context(): BaseContext | undefined {
    return this.#core.context
  }

  /** libzmq's number of the socket type. */
  get type(): number {
    this.#core.mustBeSocket()
    return SOCKET_TYPES[this.#core.type].id
  }

  /** The resolved endpoint of the last bind(), or the given one of the last connect(); null before. */
  get lastEndpoint(): string | null {
    this.#core.mustBeSocket()
    return this.#core.lastEndpoint
  }

  get closed(): boolean {
    return this.#core.closed
  }

  /** True when receive() would return a message at once. */
  get readable(): boolean {
    return !this.#core.closed && this.#core.pattern.canReceive()
  }

  /** True when send() would not have to wait. */
  get writable(): boolean {
    return !this.#core.closed && this.#core.pattern.canSend()
  }

  /**
   * Listens on an endpoint (zmq_bind(3)). Until it is settled, most other calls throw EBUSY.
   * Rejects with EADDRINUSE, EADDRNOTAVAIL, ENODEV, EINVAL, EPROTONOSUPPORT, …; the error has the `address`.
   */
  bind(address: string): Promise<void> {
    checkAddress(address, arguments.length)
    this.#core.mustBeFree()
    return this.#core.blockWhile(() => this.#core.bind(address))
  }

  /**
   * Stops listening; the address is the resolved one, see `lastEndpoint` (zmq_unbind(3)). The connections made through
   * it are closed, once what was sent is delivered or `linger` is over. Rejects with ENOENT if unknown.
   */
  unbind(address: string): Promise<void> {
    checkAddress(address, arguments.length)
    this.#core.mustBeFree()
    return this.#core.blockWhile(() => this.#core.closeEndpoints(address))
  }

  /**
   * Connects to an endpoint, now or when it appears (zmq_connect(3)). Returns at once; what is sent is queued meanwhile.
   * Throws EINVAL, EPROTONOSUPPORT, and EISCONN when a PAIR socket has a peer already.
   */
  connect(address: string): void {
    checkAddress(address, arguments.length)
    this.#core.mustBeFree()
    this.#core.connect(address)
  }

  /**
   * Undoes a connect(): what was sent is delivered within `linger`, what was not received yet is dropped
   * (zmq_disconnect(3)). Throws ENOENT if unknown.
   */
  disconnect(address: string): void {
    checkAddress(address, arguments.length)
    this.#core.mustBeFree()
    void this.#core.closeEndpoints(address)
  }

  /** Closes the socket; what was sent is still delivered within `linger` (zmq_close(3)). Idempotent. */
  close(): void {
    checkNoArguments(arguments.length)
    this.#core.close()
  }

  #assign(name: string, value: unknown): void {
    if (name === "context") return
    if (READ_ONLY.has(name)) refuseToSet(name)
    if (!isOptionOf(name, this.#core.type)) {
      throw new TypeError(`Cannot add property ${name}, object is not extensible`)
    }
    this.#core.setOption(name, value)
  }

  static {
    coreOf = socket => {
      if (!(#core in socket)) throw new TypeError("Illegal invocation")
      return socket.#core
    }
  }
}

export interface Socket extends OptionProperties<"ALL">, ReadOnlyOptions {}

const READ_ONLY: ReadonlySet<string> = new Set(
  Object.entries(Object.getOwnPropertyDescriptors(Socket.prototype)).flatMap(([name, { get }]) =>
    get === undefined ? [] : [name],
  ),
)

for (const [key, value] of ownEntries(transferMethods(coreOf))) {
  Object.defineProperty(Socket.prototype, key, { value, writable: true, configurable: true })
}

/** Gives a class the properties of the options that belong to its type, or to all. */
export function defineOptions(target: { readonly prototype: Socket }, type: SocketTypeName | "ALL"): void {
  for (const name of optionNames) {
    if (optionApplies(name, type)) Object.defineProperty(target.prototype, name, propertyOf(name))
  }
}

function propertyOf(name: SocketOptionName): PropertyDescriptor {
  const { access } = optionSpec(name)
  return {
    ...(access === "write" ? {} : { get: getterOf(name) }),
    set: access === "read" ? () => refuseToSet(name) : setterOf(name),
    configurable: true,
  }
}

/** (The native package names its base class here, whatever the socket's type.) */
function refuseToSet(name: string): never {
  throw new TypeError(`Cannot set property ${name} of #<Socket> which has only a getter`)
}

function getterOf(name: SocketOptionName) {
  return function (this: Socket): unknown {
    return coreOf(this).getOption(name)
  }
}

function setterOf(name: SocketOptionName) {
  return function (this: Socket, value: unknown): void {
    coreOf(this).setOption(name, value)
  }
}

defineOptions(Socket, "ALL")

/** @internal The pattern of a socket, for the classes whose type has operations of its own. */
export function patternOf(socket: Socket): Pattern {
  const core = coreOf(socket)
  core.mustBeSocket()
  return core.pattern
}

/** @internal connect() for the classes whose type addresses its peers. */
export function connectNamed(socket: Socket, address: string, { routingId }: ConnectOptions): void {
  const core = coreOf(socket)
  checkAddress(address, 1)
  core.mustBeFree()
  core.connect(address, routingId ? SOCKET_OPTIONS.routingId.parse(routingId) : undefined)
}

function isOptionOf(name: string, type: SocketTypeName): name is SocketOptionName {
  return (
    Object.hasOwn(SOCKET_OPTIONS, name) &&
    (optionApplies(name as SocketOptionName, "ALL") || optionApplies(name as SocketOptionName, type))
  )
}

function checkAddress(address: unknown, count: number): void {
  if (count > 1) throw new TypeError(`Expected 1 argument but received ${count}`)
  if (typeof address !== "string") throw new TypeError("Address must be a string")
}

/** @internal */
export function checkNoArguments(count: number): void {
  if (count > 0) throw new TypeError(`Expected 0 arguments but received ${count}`)
}

function ownEntries(methods: object): [PropertyKey, unknown][] {
  return Reflect.ownKeys(methods).map(key => [key, Reflect.get(methods, key)])
}
