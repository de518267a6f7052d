import type { Transport } from "./contracts.ts"
import { type Endpoint, parseEndpoint } from "./endpoint.ts"
import { ZmqError } from "./errors.ts"
import { TurnBudget } from "./turn-budget.ts"

/** The options of a context, all of them settable at any time; those of new sockets are felt by sockets made later. */
export interface ContextSettings {
  /** False: new sockets start with `linger` 0, and the end of the process waits for nothing. Default true. */
  blocky: boolean
  /** What the `ipv6` option of new sockets starts with. Default false. */
  ipv6: boolean
  /** Most sockets open at a time. Default 1023; EMFILE beyond. */
  maxSockets: number
  /** Accepted for the native package's sake; there are no I/O threads. Default 1. */
  ioThreads: number
}

export interface ContextOptions extends Partial<ContextSettings> {
  /** How endpoints are reached, one transport per scheme. Default: inproc, ipc and tcp. */
  transports?: readonly Transport[]
}

/** What a context needs of its sockets. */
interface ContextMember {
  close(): void
  dispose(): Promise<void>
}

/**
 * A set of sockets with the transports they share. inproc names are known within one context only.
 * The library's own `context` serves all sockets that name no other.
 */
export class BaseContext {
  readonly #transports = new Map<string, Transport>()
  readonly #sockets = new Set<ContextMember>()
  readonly #settings: ContextSettings = { blocky: true, ipv6: false, maxSockets: 1023, ioThreads: 1 }
  /** @internal */
  readonly budget: TurnBudget = new TurnBudget()
  #closed = false

  constructor(transports: readonly Transport[], settings: Partial<ContextSettings> = {}) {
    for (const transport of transports) this.#register(transport)
    for (const [name, value] of Object.entries(settings)) {
      if (!Object.hasOwn(this.#settings, name))
        throw new TypeError(`Cannot add property ${name}, object is not extensible`)
      ;(this as Record<string, unknown>)[name] = value
    }
  }

  get blocky(): boolean {
    return this.#settings.blocky
  }
  set blocky(value: boolean) {
    this.#settings.blocky = flag(value)
  }

  get ipv6(): boolean {
    return this.#settings.ipv6
  }
  set ipv6(value: boolean) {
    this.#settings.ipv6 = flag(value)
  }

  get maxSockets(): number {
    return this.#settings.maxSockets
  }
  set maxSockets(value: number) {
    this.#settings.maxSockets = atLeast(1, value)
  }

  get ioThreads(): number {
    return this.#settings.ioThreads
  }
  set ioThreads(value: number) {
    this.#settings.ioThreads = atLeast(0, value)
  }

  /**
   * Closes all sockets of the context; resolves when the names they were bound to are free again. What was sent is
   * still delivered within each socket's `linger`. New sockets can't be made in it: EFAULT. Idempotent.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#sockets].map(socket => socket.dispose()))
  }

  /** @internal Finds who serves an endpoint. Throws EINVAL or EPROTONOSUPPORT, with the address. */
  resolve(address: string): Endpoint & { readonly transport: Transport } {
    const endpoint = parseEndpoint(address)
    const transport = this.#transports.get(endpoint.scheme)
    if (transport === undefined) throw new ZmqError("EPROTONOSUPPORT", { address })
    return { ...endpoint, transport }
  }

  /** @internal */
  enlist(socket: ContextMember): void {
    if (this.#closed) throw new ZmqError("EFAULT")
    if (this.#sockets.size >= this.maxSockets) throw new ZmqError("EMFILE")
    this.#sockets.add(socket)
  }

  /** @internal */
  dismiss(socket: ContextMember): void {
    this.#sockets.delete(socket)
  }

  #register(transport: Transport): void {
    if (this.#transports.has(transport.scheme)) {
      throw new ZmqError("EINVAL", { reason: `two transports for the scheme ${transport.scheme}` })
    }
    this.#transports.set(transport.scheme, transport)
  }
}

function flag(value: unknown): boolean {
  if (typeof value !== "boolean") throw new TypeError("Option value must be a boolean")
  return value
}

function atLeast(min: number, value: unknown): number {
  if (typeof value !== "number") throw new TypeError("Option value must be a number")
  if ((value | 0) < min) throw new ZmqError("EINVAL")
  return value | 0
}
