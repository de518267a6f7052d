import { BaseContext } from "./context.ts"
import type { Message, Pattern } from "./contracts.ts"
import { type MessageLike, toMessage } from "./message.ts"
import type { Observer } from "./monitor.ts"
import {
  type OptionProperties,
  type OptionValues,
  optionApplies,
  optionNames,
  SOCKET_OPTIONS,
  type SocketOptionName,
} from "./options.ts"
import { SocketCore } from "./socket-core.ts"
import { SOCKET_TYPES, type SocketTypeName } from "./socket-types.ts"

/** Options of one send(), receive() and the like. */
export interface OperationOptions {
  /** Ends the wait: the promise rejects with the signal's reason, and nothing was sent or received. */
  signal?: AbortSignal
}

/** For the functions of this module that are no members. */
let coreOf: (socket: Socket) => SocketCore

/** How a concrete class tells the base what it is. */
export interface SocketRecipe {
  readonly type: SocketTypeName
  readonly pattern: (options: Readonly<OptionValues>) => Pattern
  readonly context: BaseContext
}

/**
 * What all sockets have in common. Concrete classes add what their type can do: send() ({@link Writable}),
 * receive() and iteration ({@link Readable}).
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
    // The native package names its base class here, whatever the socket's type.
    if (READ_ONLY.has(name)) {
      throw new TypeError(`Cannot set property ${name} of #<Socket> which has only a getter`)
    }
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

export interface Socket extends OptionProperties<"ALL"> {}

const READ_ONLY: ReadonlySet<string> = new Set(
  Object.entries(Object.getOwnPropertyDescriptors(Socket.prototype)).flatMap(([name, { get }]) =>
    get === undefined ? [] : [name],
  ),
)

/** Sockets that can send. */
export interface Writable<M = MessageLike | MessageLike[]> {
  /**
   * Sends a message, of one part or of several; it is delivered whole or not at all. Resolves when the message is
   * queued or on its way; waits, each caller in turn, while there is no peer or its queue is at `sendHighWaterMark`
   * (PUB and REP drop instead). Rejects with EAGAIN after `sendTimeout` or at close(), EFSM for a REQ or REP socket
   * whose turn it isn't.
   *
   * Parts of more than 128 bytes are sent from where they are: leave them alone until they are delivered.
   */
  send(message: M, options?: OperationOptions): Promise<void>
}

/** Sockets that can receive. */
export interface Readable<M extends object[] = Buffer[]> {
  /** The next message. Rejects with EAGAIN after `receiveTimeout` or at close(), EFSM when it isn't a REQ or REP's turn. */
  receive(options?: OperationOptions): Promise<M>
  /** The messages as they come; ends when the socket is closed. Leaving the loop doesn't close the socket. */
  [Symbol.asyncIterator](): AsyncIterator<M, undefined>
}

// Which classes show these is a matter of types (sockets.ts). At run time, as in the native package, all have them.
const transfer = {
  send(this: Socket, message: unknown, options?: OperationOptions): Promise<void> {
    const core = coreOf(this)
    checkExtra(options, arguments.length, 1)
    if (message === undefined) throw new TypeError("Message must be present")
    core.mustBeFree()
    const parts = toMessage(message)
    return parts.length === 0 ? Promise.resolve() : core.traffic.send(parts, options?.signal)
  },

  receive(this: Socket, options?: OperationOptions): Promise<Message> {
    const core = coreOf(this)
    checkExtra(options, arguments.length, 0)
    core.mustBeFree()
    return core.traffic.receive(options?.signal)
  },

  [Symbol.asyncIterator](this: Socket): AsyncIterator<Message, undefined> {
    return new MessageIterator(coreOf(this))
  },
}

for (const key of Reflect.ownKeys(transfer)) {
  const value: unknown = transfer[key as keyof typeof transfer]
  Object.defineProperty(Socket.prototype, key, { value, writable: true, configurable: true })
}

/** The messages of a socket, until it is closed. */
class MessageIterator implements AsyncIterator<Message, undefined> {
  readonly #core: SocketCore

  constructor(core: SocketCore) {
    this.#core = core
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    if (this.#core.closed) return Promise.resolve({ value: undefined, done: true })
    this.#core.mustBeFree()
    return this.#core.traffic.next()
  }
}

/** Gives a class the properties of the options that belong to its type, or to all. */
export function defineOptions(target: { readonly prototype: Socket }, type: SocketTypeName | "ALL"): void {
  for (const name of optionNames) {
    if (!optionApplies(name, type)) continue
    Object.defineProperty(target.prototype, name, {
      get(this: Socket) {
        return coreOf(this).getOption(name)
      },
      set(this: Socket, value: unknown) {
        coreOf(this).setOption(name, value)
      },
      configurable: true,
    })
  }
}

defineOptions(Socket, "ALL")

/** @internal The pattern of a socket, for the classes whose type has operations of its own. */
export function patternOf(socket: Socket): Pattern {
  const core = coreOf(socket)
  core.mustBeSocket()
  return core.pattern
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

function checkNoArguments(count: number): void {
  if (count > 0) throw new TypeError(`Expected 0 arguments but received ${count}`)
}

/** The native package has no options here: whatever else is passed gets its error. */
function checkExtra(options: unknown, count: number, expected: number): void {
  if (count <= expected + 1 && (options === undefined || (typeof options === "object" && options !== null)))
    return
  throw new TypeError(`Expected ${expected} argument${expected === 1 ? "" : "s"} but received ${count}`)
}
