import { Admission } from "./admission.ts"
import { Binder } from "./binder.ts"
import type { BaseContext } from "./context.ts"
import type { Control, Pattern, Transport } from "./contracts.ts"
import { Dialer } from "./dialer.ts"
import type { EndpointOwner, SocketEndpoint } from "./endpoint-host.ts"
import { fromSystemError, ZmqError } from "./errors.ts"
import { Farewell, type Undelivered } from "./farewell.ts"
import { Holds } from "./holds.ts"
import { hold, release } from "./keep-alive.ts"
import { Monitor } from "./monitor.ts"
import type { NumberedOption } from "./numbered-options.ts"
import { OptionSet } from "./option-set.ts"
import { type OptionValues, optionSpec, type SocketOptionName } from "./options.ts"
import type { SocketPipe } from "./pipe.ts"
import { emitWarning, nextTurn } from "./runtime.ts"
import type { SocketRecipe } from "./socket.ts"
import { SOCKET_TYPES, type SocketTypeName } from "./socket-types.ts"
import { specialOption } from "./special-options.ts"
import { Traffic } from "./traffic.ts"
import type { WaitLimits } from "./waiters.ts"

/** A bind() or unbind() under way blocks the socket; a close() meanwhile is carried out afterwards. */
type State =
  | { readonly name: "open" }
  | { readonly name: "blocked"; readonly interrupt: () => void; close: boolean }
  | { readonly name: "closed" }

const OPEN: State = { name: "open" }
const CLOSED: State = { name: "closed" }

/** A socket behind its public face: joins pattern, traffic, endpoints and events. */
export class SocketCore implements EndpointOwner {
  readonly type: SocketTypeName
  readonly blocky: boolean
  readonly pattern: Pattern
  readonly traffic: Traffic
  readonly admission: Admission
  readonly #holds = new Holds()
  readonly monitor = new Monitor(this.#holds)
  readonly #options: OptionSet
  readonly #endpoints = new Set<SocketEndpoint>()
  readonly #farewell = new Farewell()
  /** Those that are attached. */
  readonly #pipes = new Set<SocketPipe>()
  #state: State = OPEN
  /** The names that were bound are free again. */
  #released = false
  readonly #disposers: (() => void)[] = []
  #tidying = false
  #context: BaseContext | undefined

  constructor({ type, context, pattern }: SocketRecipe) {
    this.type = type
    this.blocky = context.blocky
    context.enlist(this)
    this.#context = context
    this.#options = new OptionSet(type, context)
    this.admission = new Admission(SOCKET_TYPES[type])
    this.pattern = pattern(this.#options.values)
    this.traffic = new Traffic(this.pattern, this.#options.values, context.budget, this.#holds)
  }

  /** Undefined once closed: what still lingers keeps no context in memory. */
  get context(): BaseContext | undefined {
    return this.#context
  }

  get closed(): boolean {
    return this.#state.name === "closed"
  }

  /** True when bound or connected anywhere. */
  get hasEndpoints(): boolean {
    return this.#endpoints.size > 0
  }

  get pipeOptions(): Readonly<OptionValues> {
    return this.#options.values
  }

  /** Throws EBADF when closed, EBUSY during bind() and unbind(). */
  mustBeFree(): void {
    if (this.#state === OPEN) return
    if (this.closed) throw new ZmqError("EBADF")
    throw new ZmqError("EBUSY", { message: "Socket is blocked by a bind or unbind operation" })
  }

  /** Throws ENOTSOCK when closed. */
  mustBeSocket(): void {
    if (this.closed) throw new ZmqError("ENOTSOCK")
  }

  getOption(name: SocketOptionName): unknown {
    this.mustBeSocket()
    return this.#options.get(name)
  }

  setOption(name: SocketOptionName, value: unknown): void {
    this.mustBeSocket()
    this.#options.set(name, value)
    for (const pipe of this.#pipes) pipe.limitsChanged()
    if (optionSpec(name).warns && (this.#endpoints.size > 0 || this.#state !== OPEN)) {
      emitWarning("Socket option will not take effect until next connect/bind.")
    }
  }

  /** An option by libzmq's number; undefined when this socket type doesn't have it. */
  numberedOption(number: number): NumberedOption | undefined {
    this.mustBeSocket()
    const set = (name: SocketOptionName, value: unknown) => this.setOption(name, value)
    return this.#options.numbered(number, set) ?? specialOption(this, number)
  }

  // --- Endpoints

  /**
   * Lets nothing else be done with the socket until the task is settled; that holds the process.
   * @param interrupt brings a task to its end that might go on for ever
   */
  async blockWhile(task: () => Promise<void>, interrupt = () => {}): Promise<void> {
    const state: State = { name: "blocked", interrupt, close: false }
    this.#state = state
    this.#holds.hold()
    try {
      await task()
    } finally {
      this.#holds.release()
      this.#state = OPEN
      if (state.close) this.close()
    }
  }

  async bind(address: string, signal?: AbortSignal): Promise<void> {
    const { transport, address: target } = this.#reach(address)
    const binder = new Binder(address, transport, this, this.#snapshot())
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
    const binder = new Binder(address, transport, this, this.#snapshot())
    try {
      transport.checkBind(target)
      binder.listenSync(target)
    } catch (error) {
      throw fromSystemError(error, address)
    }
    this.#bound(binder)
  }

  #bound(binder: Binder): void {
    this.#endpoints.add(binder)
    this.#options.values.lastEndpoint = binder.address
  }

  /** libzmq tells of an address without its scheme. */
  #checkBind(transport: Transport, address: string): void {
    try {
      transport.checkBind(address)
    } catch (error) {
      this.monitor.emit({ type: "bind:error", address, error: error as Error })
      throw error
    }
  }

  /** @param connectRoutingId what a pattern that addresses its peers shall call this one */
  connect(address: string, connectRoutingId?: Uint8Array): void {
    const { transport, address: target } = this.#reach(address)
    if (connectRoutingId !== undefined && this.pattern.hasPeer?.(connectRoutingId)) {
      throw new ZmqError("EINVAL", { address, reason: "another peer has this routing id" })
    }
    if (this.admission.type.sharesConnect && this.#find(address).length > 0) return
    try {
      const options = { ...this.#snapshot(), connectRoutingId }
      transport.checkConnect(target, options)
      const dialer = new Dialer(address, target, transport, this, options)
      this.#endpoints.add(dialer)
      dialer.start()
    } catch (error) {
      throw fromSystemError(error, address)
    }
    this.#options.values.lastEndpoint = address
  }

  /** For unbind() and disconnect() alike, as in libzmq. Throws EINVAL, EPROTONOSUPPORT or ENOENT. */
  closeEndpoints(address: string): Promise<void> {
    this.#resolve(address)
    const endpoints = this.#find(address)
    if (endpoints.length === 0) throw new ZmqError("ENOENT", { address })
    return this.#closeAll(endpoints)
  }

  close(): void {
    if (this.#state.name === "blocked") this.#state.close = true
    if (this.#state === OPEN) this.#close(this.#options.values.linger)
  }

  /** close(), and then waits until the names that were bound are free again; that holds the process. */
  dispose(): Promise<void> {
    this.close()
    if (this.#state.name === "blocked") this.#state.interrupt()
    if (this.#released) return Promise.resolve()
    hold()
    return new Promise<void>(resolve => this.#disposers.push(resolve)).finally(release)
  }

  /** close(), with limits of its own for what is still to be delivered; see {@link Farewell}. */
  drain(limits: WaitLimits): Promise<Undelivered[]> {
    this.mustBeFree()
    this.#close(-1)
    return this.#farewell.wait(limits)
  }

  /** The program has lost the socket without closing it. */
  lost(): void {
    this.#holds.lost(() => this.close())
  }

  ended(endpoint: SocketEndpoint): void {
    this.#endpoints.delete(endpoint)
    this.#farewell.ended(endpoint)
  }

  #close(linger: number): void {
    this.#state = CLOSED
    this.traffic.close()
    this.#context?.dismiss(this)
    this.#context = undefined
    void this.#closeAll([...this.#endpoints], linger).then(() => {
      this.monitor.end()
      this.#released = true
      for (const resolve of this.#disposers) resolve()
    })
  }

  async #closeAll(endpoints: SocketEndpoint[], linger = this.#options.values.linger): Promise<void> {
    const closing = endpoints.map(endpoint => {
      this.#endpoints.delete(endpoint)
      this.#farewell.add(endpoint)
      return endpoint.close(linger)
    })
    await Promise.all(closing)
  }

  #resolve(address: string): ReturnType<BaseContext["resolve"]> {
    if (this.#context === undefined) throw new ZmqError("EBADF")
    return this.#context.resolve(address)
  }

  /** As #resolve(), for an endpoint to bind or to connect to. Throws ENOCOMPATPROTO when the socket can't use it. */
  #reach(address: string): ReturnType<BaseContext["resolve"]> {
    const endpoint = this.#resolve(address)
    if (this.admission.type.wire === "zmtp" || endpoint.transport.carries !== "messages") return endpoint
    throw new ZmqError("ENOCOMPATPROTO", {
      address,
      reason: `a ${this.type} socket needs a transport of bytes`,
    })
  }

  #find(address: string): SocketEndpoint[] {
    return [...this.#endpoints].filter(endpoint => endpoint.address === address)
  }

  #snapshot(): Readonly<OptionValues> {
    return { ...this.#options.values }
  }

  // --- Pipes

  attach(pipe: SocketPipe): void {
    this.#pipes.add(pipe)
    this.pattern.attach(pipe)
    this.traffic.pump()
  }

  detach(pipe: SocketPipe): void {
    this.#pipes.delete(pipe)
    this.pattern.detach(pipe)
    this.traffic.pump()
    this.#tidy()
  }

  connected(pipe: SocketPipe): void {
    this.pattern.connected?.(pipe)
    this.traffic.pump()
  }

  disconnected(pipe: SocketPipe): void {
    this.pattern.disconnected?.(pipe)
    this.traffic.pump()
    this.#tidy()
  }

  control(pipe: SocketPipe, control: Control): void {
    this.pattern.control?.(pipe, control)
    this.traffic.received()
  }

  readable(pipe: SocketPipe): void {
    this.pattern.readable(pipe)
    this.traffic.received()
  }

  writable(pipe: SocketPipe): void {
    this.pattern.writable(pipe)
    this.traffic.pump()
  }

  /** A little at a time, so that nothing else waits for it. */
  #tidy(): void {
    if (this.#tidying || this.closed || !this.pattern.tidy?.()) return
    this.#tidying = true
    nextTurn(() => {
      this.#tidying = false
      this.#tidy()
      this.traffic.pump()
    })
  }
}
