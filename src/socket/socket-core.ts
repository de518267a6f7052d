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

/** A concrete class describes itself to the core by this recipe. */
export interface SocketRecipe {
  readonly type: SocketType
  readonly pattern: (options: Readonly<OptionValues>) => Pattern
  readonly context: BaseContext
}

/** A socket has one of these states. While bind() or unbind() blocks it, a close() waits until they are done. */
type State =
  | { readonly name: "open" }
  | { readonly name: "blocked"; readonly interrupt: () => void; close: boolean }
  | { readonly name: "closed" }

const OPEN: State = { name: "open" }
const CLOSED: State = { name: "closed" }

/** This is the inside of a socket, which joins pattern, pipes, traffic, endpoints and events. */
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
  /** True when the names that were bound are free again. */
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

  /** Is undefined once closed, because lingering connections must not keep the context in memory. */
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

  /** Returns an option by libzmq's number; undefined when this socket type doesn't have it. Throws ENOTSOCK when closed. */
  numberedOption(number: number): NumberedOption | undefined {
    this.mustBeSocket()
    return this.options.numbered(number) ?? specialOption(this, number)
  }

  // --- Life

  /**
   * Blocks all other use of the socket until the task is settled. That keeps the process running.
   * @param interrupt ends a task that might go on for ever
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

  /** Closes the socket, and waits until the names that were bound are free again. That keeps the process running. */
  dispose(): Promise<void> {
    this.close()
    if (this.#state.name === "blocked") this.#state.interrupt()
    if (this.#released) return Promise.resolve()
    hold()
    return new Promise<void>(resolve => this.#disposers.push(resolve)).finally(release)
  }

  /** Closes the socket, and waits until its messages are delivered or the limits end the wait. */
  drain(limits: WaitLimits): Promise<Undelivered[]> {
    this.mustBeFree()
    this.#close(-1)
    return this.endpoints.awaitDelivery(limits)
  }

  /** Is called when the program's socket object was collected as garbage without being closed. */
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
