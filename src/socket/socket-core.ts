import { ZmqError } from "../base/errors.ts"
import type { SocketType } from "../base/socket-types.ts"
import type { BaseContext } from "../context/context.ts"
import type { Pattern } from "../contracts/pattern.ts"
import { Admission } from "../endpoints/admission.ts"
import type { Undelivered } from "../endpoints/closing-endpoints.ts"
import { Endpoints } from "../endpoints/endpoints.ts"
import type { EndpointOwner, SocketEndpoint } from "../endpoints/socket-endpoint.ts"
import { Monitor } from "../events/observer.ts"
import { Holds } from "../lifetime/holds.ts"
import { hold, release } from "../lifetime/keep-alive.ts"
import type { NumberedOption } from "../options/by-number.ts"
import { specialOption } from "../options/number-only.ts"
import { OptionSet } from "../options/option-set.ts"
import type { OptionValues } from "../options/table.ts"
import { Traffic } from "../traffic/traffic.ts"
import type { WaitLimits } from "../traffic/waiters.ts"
import { PatternDriver } from "./pattern-driver.ts"

/** How a concrete class tells the core what it is. */
export interface SocketRecipe {
  readonly type: SocketType
  readonly pattern: (options: Readonly<OptionValues>) => Pattern
  readonly context: BaseContext
}

/** A bind() or unbind() under way blocks the socket; a close() meanwhile is carried out afterwards. */
type State =
  | { readonly name: "open" }
  | { readonly name: "blocked"; readonly interrupt: () => void; close: boolean }
  | { readonly name: "closed" }

const OPEN: State = { name: "open" }
const CLOSED: State = { name: "closed" }

/** A socket behind its public face: joins pattern, pipes, traffic, endpoints and events. */
export class SocketCore implements EndpointOwner {
  readonly type: SocketType
  readonly pattern: Pattern
  readonly traffic: Traffic
  readonly admission: Admission
  readonly pipes: PatternDriver
  readonly #holds = new Holds()
  readonly monitor = new Monitor(this.#holds)
  readonly endpoints: Endpoints
  readonly options: OptionSet
  #state: State = OPEN
  /** The names that were bound are free again. */
  #released = false
  readonly #disposers: (() => void)[] = []
  #context: BaseContext | undefined

  constructor({ type, context, pattern }: SocketRecipe) {
    this.type = type
    context.enlist(this)
    this.#context = context
    this.options = new OptionSet(type, context, () => this.endpoints.count > 0 || this.#state !== OPEN)
    const { values } = this.options
    this.pattern = pattern(values)
    this.admission = new Admission(type, this.pattern)
    this.endpoints = new Endpoints(this, this.options)
    this.traffic = new Traffic(this.pattern, values, context.budget, this.#holds)
    this.pipes = new PatternDriver(this.pattern, this.traffic, this.options, context.blocky)
    this.options.onChange(() => this.admission.rulesChanged())
  }

  /** Undefined once closed: what still lingers keeps no context in memory. */
  get context(): BaseContext | undefined {
    return this.#context
  }

  get closed(): boolean {
    return this.#state.name === "closed"
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

  /** An option by libzmq's number; undefined when this socket type doesn't have it. */
  numberedOption(number: number): NumberedOption | undefined {
    this.mustBeSocket()
    return this.options.numbered(number) ?? specialOption(this, number)
  }

  // --- Life

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

  close(): void {
    if (this.#state.name === "blocked") this.#state.close = true
    if (this.#state === OPEN) this.#close(this.options.values.linger)
  }

  /** close(), and then waits until the names that were bound are free again; that holds the process. */
  dispose(): Promise<void> {
    this.close()
    if (this.#state.name === "blocked") this.#state.interrupt()
    if (this.#released) return Promise.resolve()
    hold()
    return new Promise<void>(resolve => this.#disposers.push(resolve)).finally(release)
  }

  /** close(), with limits of its own for what is still to be delivered. */
  drain(limits: WaitLimits): Promise<Undelivered[]> {
    this.mustBeFree()
    this.#close(-1)
    return this.endpoints.awaitDelivery(limits)
  }

  /** The program has lost the socket without closing it. */
  collected(): void {
    this.#holds.collected(() => this.close())
  }

  ended(endpoint: SocketEndpoint): void {
    this.endpoints.ended(endpoint)
  }

  #close(linger: number): void {
    this.#state = CLOSED
    this.pipes.stop()
    this.traffic.close()
    this.#context?.dismiss(this)
    this.#context = undefined
    void this.endpoints.closeAll(linger).then(() => {
      this.monitor.end()
      this.#released = true
      for (const resolve of this.#disposers) resolve()
    })
  }
}
