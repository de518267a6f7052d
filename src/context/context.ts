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

/** A new {@link Context} takes these options. */
export interface ContextOptions extends Partial<ContextSettings> {
  /**
   * Endpoints are reached by these transports, one per scheme.
   *
   * @defaultValue `[inproc(), ipc(), tcp()]`
   */
  transports?: readonly Transport[]
}

let settingsOf: (context: object) => StoredSettings
/** These known schemes go with none of the socket types here (zmq_udp(7) is for RADIO, DISH and DGRAM). */
const CONNECTIONLESS: ReadonlySet<string> = new Set(["udp"])

/** A context calls these methods of its sockets. */
interface ContextMember {
  close(): void
  dispose(): Promise<void>
}

/**
 * A context has a set of sockets, and the transports that they share. Its sockets reach the inproc names of all contexts
 * that have the same inproc transport. A socket that is given no context belongs to the library's own `context`.
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
   * Closes all sockets of the context. It resolves when the addresses that they were bound to are free again. Sent messages
   * are still delivered within each socket's `linger`. A new socket in this context throws EFAULT. The method may be called
   * more than once.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#sockets].map(socket => socket.dispose()))
  }

  /** @internal Finds the transport of an endpoint. Throws EINVAL, EPROTONOSUPPORT or ENOCOMPATPROTO, with the address. */
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

  /** @internal Returns the transport of a scheme, if there is one. */
  transport(scheme: string): Transport | undefined {
    return this.#transports.get(scheme)
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
