import { checkAddress, checkCount, checkOptions } from "../base/arguments.ts"
import { acceptCopies, sharedSymbol } from "../base/copies.ts"
import { SOCKET_TYPE, type SocketType } from "../base/socket-types.ts"
import { BaseContext } from "../context/context.ts"
import type { Pattern } from "../contracts/pattern.ts"
import type { Undelivered } from "../endpoints/closing-endpoints.ts"
import { MONITOR, type Observable, type Observer } from "../events/observer.ts"
import { assignOption, refuseToSet } from "../options/assign.ts"
import { optionAccessors, type SocketAccessors } from "../options/by-number.ts"
import { type OptionSet, optionProperties } from "../options/option-set.ts"
import { type OptionProperties, type ReadOnlyOptions, SOCKET_OPTIONS } from "../options/table.ts"
import { SocketCore, type SocketRecipe } from "./socket-core.ts"
import { checkExtra, type OperationOptions, transferMethods } from "./transfer.ts"

/** These are options of connect(), for sockets that address their peers. */
export interface ConnectOptions {
  /**
   * This socket uses this routing id of 1 to 255 bytes for the peer (zmq_setsockopt(3), ZMQ_CONNECT_ROUTING_ID). By
   * default, or with an empty string, it uses the peer's own routing id. With a given id, messages can be addressed to the
   * peer before it is connected. connect() throws EINVAL when another peer has the id.
   */
  routingId?: string | Uint8Array
}

/** These are options of drain(). The first of them that applies ends the wait. */
export interface DrainOptions {
  /**
   * The wait takes this long at most, in milliseconds; -1 for ever.
   *
   * @defaultValue the socket's `linger`
   */
  timeout?: number
  /** Once this signal is aborted, undelivered messages are dropped. drain() resolves all the same. */
  signal?: AbortSignal
}

/** @internal Returns the core of a socket. Throws TypeError for anything else. */
export let coreOf: (socket: object) => SocketCore

/** By this method another copy of the library gets the core of a socket. */
const CORE: unique symbol = sharedSymbol("core") as never

/**
 * This registry closes sockets that were collected as garbage without being closed. Their names are then free, and their
 * peers notice the close. It works because no part of the library refers to the program's socket object.
 */
const LOST = new FinalizationRegistry<SocketCore>(core => core.collected())

/**
 * All sockets have this in common. Concrete classes show what their type can do: send() (`Writable`), receive() and
 * iteration (`Readable`), see transfer.ts.
 */
export abstract class BaseSocket implements Observable {
  readonly #core: SocketCore

  /** @internal */
  protected constructor(recipe: SocketRecipe, options: object = {}) {
    checkOptions(options)
    if (!(recipe.context instanceof BaseContext)) throw new Error("Invalid argument")
    this.#core = new SocketCore(recipe)
    try {
      for (const [name, value] of Object.entries(options)) {
        if (name !== "context") assignOption(this, name, value)
      }
    } catch (error) {
      coreOf(this).close()
      throw error
    }
    LOST.register(this, this.#core)
  }

  /**
   * The events of this socket's connections can be read here, from the first access on. It is always the same observer.
   *
   * @example
   * ```ts
   * for await (const event of socket.events) console.log(event.type)
   * ```
   */
  get events(): Observer {
    coreOf(this).mustBeSocket()
    return coreOf(this).monitor.observe()
  }

  /** This is the socket's context; undefined once the socket is closed. */
  get context(): BaseContext {
    // The type leaves out undefined, because the native package's type does.
    return coreOf(this).context as BaseContext
  }

  /** True once the socket is closed. */
  get closed(): boolean {
    return coreOf(this).closed
  }

  /** True when receive() would return a message at once. */
  get readable(): boolean {
    const { closed, pattern } = coreOf(this)
    return !closed && pattern.canReceive()
  }

  /** True when send() would not have to wait. */
  get writable(): boolean {
    const { closed, pattern } = coreOf(this)
    return !closed && pattern.canSend()
  }

  /**
   * Listens on an endpoint (zmq_bind(3)). Until the promise is settled, most other calls throw EBUSY.
   * Rejects with EADDRINUSE, EADDRNOTAVAIL, ENODEV, EINVAL, EPROTONOSUPPORT, …; the error has the `address`. When the
   * signal is aborted it rejects with the signal's reason, and doesn't listen.
   *
   * @example
   * ```ts
   * await socket.bind("tcp://127.0.0.1:*")
   * console.log(socket.lastEndpoint) // such as tcp://127.0.0.1:41234
   * ```
   */
  bind(address: string, options?: OperationOptions): Promise<void> {
    const core = coreOf(this)
    checkAddress(address, 1)
    checkExtra(options, arguments.length, 1)
    core.mustBeFree()
    return core.blockWhile(() => core.endpoints.bind(address, options?.signal))
  }

  /**
   * Stops listening (zmq_unbind(3)). Its connections are closed once their sent messages are delivered or `linger` is over.
   * Messages that have arrived can still be received. Rejects with ENOENT if the address is unknown.
   * @param address the resolved address, see `lastEndpoint`
   */
  unbind(address: string): Promise<void> {
    const core = coreOf(this)
    checkAddress(address, arguments.length)
    core.mustBeFree()
    // It is async, because a failure too must come after the socket was blocked.
    return core.blockWhile(async () => core.endpoints.close(address))
  }

  /**
   * Does the same as bind() before it returns, and throws its errors. A host name other than `localhost` is refused with
   * ENOTSUP, because looking it up takes time. An `ipc` path where any file is, even a dead socket's, is refused with
   * EADDRINUSE, because probing that takes time.
   */
  bindSync(address: string): void {
    const core = coreOf(this)
    checkAddress(address, arguments.length)
    core.mustBeFree()
    core.endpoints.bindSync(address)
  }

  /** Does the same as unbind() before it returns, and throws its errors. */
  unbindSync(address: string): void {
    const core = coreOf(this)
    checkAddress(address, arguments.length)
    core.mustBeFree()
    void core.endpoints.close(address)
  }

  /**
   * Connects to an endpoint, now or when it appears (zmq_connect(3)). It returns at once, and messages are queued meanwhile.
   * Throws EINVAL, EPROTONOSUPPORT, and EISCONN when a PAIR socket has a peer already.
   *
   * @example
   * ```ts
   * socket.connect("tcp://127.0.0.1:5555")
   * socket.connect("ipc:///tmp/jobs")
   * ```
   */
  connect(address: string): void {
    const core = coreOf(this)
    checkAddress(address, arguments.length)
    core.mustBeFree()
    core.endpoints.connect(address)
  }

  /**
   * Undoes a connect() (zmq_disconnect(3)). Sent messages are delivered within `linger`; arrived but unreceived ones are
   * dropped. Throws ENOENT if the address is unknown.
   */
  disconnect(address: string): void {
    const core = coreOf(this)
    checkAddress(address, arguments.length)
    core.mustBeFree()
    void core.endpoints.close(address)
  }

  /** Closes the socket; sent messages are still delivered within `linger` (zmq_close(3)). Another call does nothing. */
  close(): void {
    const core = coreOf(this)
    checkCount(arguments.length, 0)
    core.close()
  }

  /**
   * Closes the socket, and waits until the peers have its sent messages, or these are given up. Messages are given up when
   * the time is over, the signal is aborted, or the peer is lost. The result says how many may be missing, for each endpoint
   * that has any; an empty list means none.
   *
   * A peer has a message when its end of the connection has taken it; its program may not have received it yet. How that
   * is known:
   *
   * - tcp, ipc: the last that we say is a PING, and the peer's PONG tells that it has read all before (RFC 37).
   * - Peers of ZMTP 3.0 and older, and those of a STREAM, tell it by closing their side after ours. A peer that closes by
   *   itself in the same moment, within one round trip, can't be told from that, unless it resets the connection.
   * - inproc: the other socket counts what it takes.
   *
   * If a connection ends without that, all messages count that the two systems may have held, up to 128 MiB. So fewer may
   * be missing in truth.
   *
   * Rejects with EBADF when the socket is closed already, EBUSY during a bind() or unbind(), EINVAL for a bad timeout.
   *
   * @example
   * ```ts
   * for (const { address, messages } of await socket.drain({ timeout: 5000 })) console.log(`${messages} for ${address} lost`)
   * ```
   */
  async drain(options: DrainOptions = {}): Promise<Undelivered[]> {
    const core = coreOf(this)
    core.mustBeFree()
    const { timeout = this.linger, signal } = options
    return await core.drain({ timeout: SOCKET_OPTIONS.linger.parse(timeout), signal })
  }

  /** Closes the socket at the end of a `using` block. */
  [Symbol.dispose](): void {
    coreOf(this).close()
  }

  /** Closes the socket at the end of an `await using` block. The block waits until the bound names are free again. */
  [Symbol.asyncDispose](): Promise<void> {
    return coreOf(this).dispose()
  }

  /** @internal */
  get [SOCKET_TYPE](): SocketType {
    return coreOf(this).type
  }

  /** Observers get the events from this object. */
  [MONITOR](): object {
    const core = coreOf(this)
    core.mustBeSocket()
    return core.monitor
  }

  /** @internal */
  [CORE](): SocketCore | undefined {
    return #core in this ? this.#core : undefined
  }

  static {
    coreOf = socket => {
      if (typeof socket === "object" && socket !== null && #core in socket) return socket.#core
      return coreInOtherCopy(socket)
    }
  }
}

export interface BaseSocket extends OptionProperties<"ALL">, ReadOnlyOptions, SocketAccessors {}

Object.defineProperties(
  BaseSocket.prototype,
  optionAccessors((socket, number) => coreOf(socket).numberedOption(number)),
)

for (const [key, value] of ownEntries(transferMethods(coreOf))) {
  Object.defineProperty(BaseSocket.prototype, key, { value, writable: true, configurable: true })
}

/** Gives a class the properties of the options that belong to its type, or to all. */
export function defineOptions(target: { readonly prototype: BaseSocket }, type: SocketType | "ALL"): void {
  Object.defineProperties(target.prototype, optionProperties(optionsOf, type))
}

function optionsOf(socket: object): OptionSet {
  const core = coreOf(socket)
  core.mustBeSocket()
  return core.options
}

defineOptions(BaseSocket, "ALL")
acceptCopies(BaseSocket, "BaseSocket")

// These setters throw the native package's message, because the engine's own would name another class than Socket.
for (const name of ["events", "context", "closed", "readable", "writable"] as const) {
  Object.defineProperty(BaseSocket.prototype, name, { set: () => refuseToSet(name) })
}

/** @internal Returns the pattern of a socket, for the classes whose type has operations of its own. */
export function patternOf(socket: BaseSocket): Pattern {
  const core = coreOf(socket)
  core.mustBeSocket()
  return core.pattern
}

/** @internal Connects, for the classes whose type addresses its peers. */
export function connectNamed(socket: BaseSocket, address: string, { routingId }: ConnectOptions): void {
  const core = coreOf(socket)
  checkAddress(address, 1)
  core.mustBeFree()
  core.endpoints.connect(address, routingId ? SOCKET_OPTIONS.routingId.parse(routingId) : undefined)
}

/** Returns the core of a socket that another copy of the library has made. Throws TypeError for anything else. */
function coreInOtherCopy(socket: unknown): SocketCore {
  const core = socket instanceof BaseSocket ? socket[CORE]() : undefined
  if (core === undefined) throw new TypeError("Illegal invocation")
  return core
}

function ownEntries(methods: object): [PropertyKey, unknown][] {
  return Reflect.ownKeys(methods).map(key => [key, Reflect.get(methods, key)])
}
