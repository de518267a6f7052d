import { acceptCopies } from "../base/copies.ts"
import { ZmqError } from "../base/errors.ts"
import type { Transport } from "../contracts/transport.ts"
import { assignOption } from "../options/assign.ts"
import type { ContextAccessors } from "../options/by-number.ts"
import { TurnBudget } from "../traffic/turn-budget.ts"
import { type Endpoint, parseEndpoint } from "./endpoint.ts"
import {
  type ContextSettings,
  contextProperties,
  defaultSettings,
  type ReadOnlySettings,
  type StoredSettings,
} from "./settings.ts"

/** Options of a new {@link Context}. */
export interface ContextOptions extends Partial<ContextSettings> {
  /**
   * Endpoints are reached by these transports, one per scheme.
   *
   * @defaultValue `[inproc(), ipc(), tcp()]`
   */
  transports?: readonly Transport[]
}

let settingsOf: (context: object) => StoredSettings
/** Known schemes that go with none of the socket types here (zmq_udp(7): RADIO, DISH and DGRAM). */
const CONNECTIONLESS: ReadonlySet<string> = new Set(["udp"])

/** A context needs this of its sockets. */
interface ContextMember {
  close(): void
  dispose(): Promise<void>
}

/**
 * A set of sockets with the transports they share. Whether other contexts know its inproc names is up to
 * its inproc transport.
 * The library's own `context` serves all sockets that name no other.
 */
export class BaseContext {
  readonly #transports = new Map<string, Transport>()
  readonly #sockets = new Set<ContextMember>()
  readonly #settings = defaultSettings()
  /** @internal */
  readonly budget: TurnBudget = new TurnBudget()
  #closed = false

  constructor(transports: readonly Transport[], settings: Partial<ContextSettings> = {}) {
    for (const transport of transports) this.#register(transport)
    for (const [name, value] of Object.entries(settings)) assignOption(this, name, value, "Context")
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
    if (transport === undefined) {
      throw new ZmqError(CONNECTIONLESS.has(endpoint.scheme) ? "ENOCOMPATPROTO" : "EPROTONOSUPPORT", {
        address,
      })
    }
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

  static {
    settingsOf = context => {
      if (!(#settings in context)) throw new TypeError("Illegal invocation")
      return context.#settings
    }
  }

  #register(transport: Transport): void {
    if (this.#transports.has(transport.scheme)) {
      throw new ZmqError("EINVAL", { reason: `two transports for the scheme ${transport.scheme}` })
    }
    this.#transports.set(transport.scheme, transport)
  }
}

export interface BaseContext extends ContextSettings, ReadOnlySettings, ContextAccessors {}

acceptCopies(BaseContext, "BaseContext")

Object.defineProperties(
  BaseContext.prototype,
  contextProperties(context => settingsOf(context)),
)
