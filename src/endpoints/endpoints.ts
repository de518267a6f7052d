import { fromSystemError, ZmqError } from "../base/errors.ts"
import type { BaseContext } from "../context/context.ts"
import type { Pattern } from "../contracts/pattern.ts"
import type { Transport } from "../contracts/transport.ts"
import type { OptionSet } from "../options/option-set.ts"
import type { WaitLimits } from "../traffic/waiters.ts"
import { Binder } from "./binder.ts"
import { ClosingEndpoints, type Undelivered } from "./closing-endpoints.ts"
import { Dialer } from "./dialer.ts"
import { loadZmtp } from "./load.ts"
import type { EndpointOwner, SocketEndpoint, Unread } from "./socket-endpoint.ts"

/** The endpoints of a socket use these of its properties. */
interface EndpointsOwner extends EndpointOwner {
  readonly pattern: Pattern
}

type Resolved = ReturnType<BaseContext["resolve"]>

/** This class has all endpoints of one socket, those that are still closing included. */
export class Endpoints {
  readonly #owner: EndpointsOwner
  readonly #options: OptionSet
  readonly #all = new Set<SocketEndpoint>()
  readonly #closing = new ClosingEndpoints()

  /** @param options the socket's options, which bind() and connect() copy, and in which they set the last endpoint */
  constructor(owner: EndpointsOwner, options: OptionSet) {
    this.#owner = owner
    this.#options = options
  }

  /** This many endpoints are neither closed nor at their end. */
  get count(): number {
    return this.#all.size
  }

  async bind(address: string, signal?: AbortSignal): Promise<void> {
    const { transport, address: target } = this.#reach(address)
    const binder = new Binder(address, transport, this.#owner, this.#options.snapshot)
    try {
      this.#checkBind(transport, target)
      await binder.listen(target, signal)
    } catch (error) {
      throw signal?.aborted ? error : fromSystemError(error, address)
    }
    this.#bound(binder)
  }

  bindSync(address: string): void {
    const { transport, address: target } = this.#reach(address)
    const binder = new Binder(address, transport, this.#owner, this.#options.snapshot)
    try {
      this.#checkBind(transport, target)
      binder.listenSync(target)
    } catch (error) {
      throw fromSystemError(error, address)
    }
    this.#bound(binder)
  }

  /** @param connectRoutingId the routing id of the peer, for patterns that address their peers */
  connect(address: string, connectRoutingId?: Uint8Array): void {
    const { transport, address: target } = this.#reach(address)
    const { pattern, admission } = this.#owner
    if (connectRoutingId !== undefined && pattern.hasPeer?.(connectRoutingId)) {
      throw new ZmqError("EINVAL", { address, reason: "another peer has this routing id" })
    }
    if (admission.type.sharesConnect && this.#find(address).length > 0) return
    try {
      const options = this.#options.snapshot
      transport.checkConnect(target, options)
      const dialer = new Dialer(address, target, transport, this.#owner, options, connectRoutingId)
      this.#all.add(dialer)
      dialer.start()
    } catch (error) {
      throw fromSystemError(error, address)
    }
    this.#options.values.lastEndpoint = address
  }

  /** Closes an endpoint of either kind, as libzmq does. Throws EINVAL, EPROTONOSUPPORT or ENOENT. */
  close(address: string): Promise<void> {
    this.#resolve(address)
    const endpoints = this.#find(address)
    if (endpoints.length === 0) throw new ZmqError("ENOENT", { address })
    return this.#close(endpoints, this.#options.values.linger, "kept")
  }

  /** Closes all endpoints. Resolves when all addresses are free again. */
  closeAll(linger: number): Promise<void> {
    return this.#close([...this.#all], linger, "dropped")
  }

  /** Waits for the delivery of messages after closeAll(); see {@link ClosingEndpoints}. */
  awaitDelivery(limits: WaitLimits): Promise<Undelivered[]> {
    return this.#closing.wait(limits)
  }

  ended(endpoint: SocketEndpoint): void {
    this.#all.delete(endpoint)
    this.#closing.ended(endpoint)
  }

  #bound(binder: Binder): void {
    this.#all.add(binder)
    this.#options.values.lastEndpoint = binder.address
  }

  /** Checks an address to bind. The error has the address without its scheme, as in libzmq. */
  #checkBind(transport: Transport, address: string): void {
    try {
      transport.checkBind(address)
    } catch (error) {
      this.#owner.monitor.emit({ type: "bind:error", address, error: error as Error })
      throw error
    }
  }

  async #close(endpoints: SocketEndpoint[], linger: number, unread: Unread): Promise<void> {
    const closing = endpoints.map(endpoint => {
      this.#all.delete(endpoint)
      this.#closing.add(endpoint)
      return endpoint.close(linger, unread)
    })
    await Promise.all(closing)
  }

  #find(address: string): SocketEndpoint[] {
    return [...this.#all].filter(endpoint => endpoint.address === address)
  }

  #resolve(address: string): Resolved {
    const { context } = this.#owner
    if (context === undefined) throw new ZmqError("EBADF")
    return context.resolve(address)
  }

  /** Does the same as #resolve(), and throws ENOCOMPATPROTO when the socket can't use the transport. */
  #reach(address: string): Resolved {
    const endpoint = this.#resolve(address)
    const { type } = this.#owner.admission
    const isRaw = type.wire === "raw"
    if (endpoint.transport.carries === "messages") {
      if (!isRaw) return endpoint
      throw new ZmqError("ENOCOMPATPROTO", {
        address,
        reason: `a ${type.name} socket needs a transport of bytes`,
      })
    }
    // The code is loaded while the transport connects. Each connection tells of a failure itself.
    if (!isRaw) loadZmtp().catch(() => {})
    return endpoint
  }
}
