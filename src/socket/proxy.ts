import { checkCount } from "../base/arguments.ts"
import { instanceTest } from "../base/copies.ts"
import { ZmqError } from "../base/errors.ts"
import { inMicrotask, nextTurn } from "../base/runtime.ts"
import { Flow } from "./flow.ts"
import { BaseSocket, coreOf } from "./socket.ts"
import type { SocketCore } from "./socket-core.ts"

/** A {@link Proxy} takes these options. */
export interface ProxyOptions {
  /**
   * The capture socket gets a copy of every message of both directions (zmq_proxy(3)). It is a PUB, DEALER, PUSH or PAIR. A
   * message is forwarded only when the capture socket can take it too, which a PUB always can. The socket is blocked and
   * closed with the two others.
   */
  capture?: BaseSocket
}

/** The proxy forwards at most this many messages of one direction before the other has its turn. */
const BURST = 64
/** It forwards at most this many messages before timers and input have their turn. */
const PER_TURN = 1024

type State =
  /** The proxy wasn't started, or has ended. After its end the sockets are closed, so that it can't start again. */
  | { readonly name: "idle" }
  | { readonly name: "running" | "paused"; readonly finish: () => void }
  /** The proxy was terminated, and run() hasn't resolved yet. */
  | { readonly name: "ending" }

const IDLE: State = { name: "idle" }

/**
 * A proxy forwards whole messages between two sockets, in both directions (zmq_proxy_steerable(3)). It reads a message only
 * when the other socket can take it. So a slow back end holds back the peers of the front end, at their high-water marks.
 *
 * Both may be the same socket. Received messages are then sent by that socket again.
 *
 * @example
 * ```ts
 * import { Proxy } from "zeromq-ts"
 * const [router, dealer] = [new Router(), new Dealer()]
 * await router.bind("tcp://*:5558")
 * await dealer.bind("tcp://*:5559")
 * await new Proxy(router, dealer).run()
 * ```
 */
// biome-ignore lint/suspicious/noShadowRestrictedNames: the name that the native package gave it
export class Proxy<F extends BaseSocket = BaseSocket, B extends BaseSocket = BaseSocket> {
  /** @internal */
  static readonly [Symbol.hasInstance] = /* @__PURE__ */ instanceTest(this, "Proxy")
  readonly #frontEnd: F
  readonly #backEnd: B
  readonly #cores: Cores
  readonly #flows: readonly Flow[]
  #state: State = IDLE
  /** True when a run of #forward() is due already. */
  #due = false
  #left = PER_TURN

  /** Makes a proxy. Throws TypeError or Error for values that are no sockets, EINVAL if the capture socket is an end. */
  constructor(frontEnd: F, backEnd: B, options: ProxyOptions = {}) {
    if (!isObject(frontEnd)) throw new TypeError("Front-end must be a socket object")
    if (!isObject(backEnd)) throw new TypeError("Back-end must be a socket object")
    // The native package takes no third argument, and a socket as the third argument is hardly meant as options.
    if (arguments.length > 3 || !isObject(options) || options instanceof BaseSocket) {
      throw new TypeError(`Expected 2 arguments but received ${arguments.length}`)
    }
    const { capture } = options
    this.#cores = {
      "Front-end": insideOf(frontEnd),
      "Back-end": insideOf(backEnd),
      ...(capture === undefined ? {} : { Capture: insideOf(capture) }),
    }
    if (capture !== undefined && ([frontEnd, backEnd] as BaseSocket[]).includes(capture)) {
      throw new ZmqError("EINVAL", { reason: "the capture socket is one of the proxy's ends" })
    }
    this.#frontEnd = frontEnd
    this.#backEnd = backEnd
    this.#flows = flowsOf(this.#cores)
  }

  /** This is the first of the two sockets. */
  get frontEnd(): F {
    return this.#frontEnd
  }

  /** This is the second of the two sockets. */
  get backEnd(): B {
    return this.#backEnd
  }

  /**
   * Starts forwarding. Resolves after {@link terminate}, when the sockets are closed. Meanwhile the sockets are blocked:
   * close() waits for the end of the proxy, and other methods throw EBUSY. Throws EINVAL when a socket is closed, or neither
   * bound nor connected, and EBUSY when it is in use.
   *
   * @example
   * ```ts
   * import { Proxy } from "zeromq-ts"
   * const proxy = new Proxy(pull, push)
   * const ended = proxy.run()
   * proxy.terminate()
   * await ended
   * ```
   */
  run(): Promise<void> {
    checkCount(arguments.length, 0)
    const cores = this.#usableCores()
    const ended = new Promise<void>(finish => {
      this.#state = { name: "running", finish }
    })
    const returned = [...cores].map(core => {
      core.traffic.handOver(() => this.#wake())
      const closed = core.blockWhile(
        () => ended,
        () => this.#end(),
      )
      // The socket closes when it isn't blocked any more.
      core.close()
      return closed
    })
    this.#wake()
    return Promise.all(returned).then(() => {
      this.#state = IDLE
    })
  }

  /** Stops forwarding until {@link resume}. Messages wait, up to the high-water marks. Throws EBADF unless running. */
  pause(): void {
    checkCount(arguments.length, 0)
    this.#mustRun()
    if (this.#state.name === "running") this.#state = { ...this.#state, name: "paused" }
  }

  /** Forwards again after {@link pause}. Throws EBADF unless running. */
  resume(): void {
    checkCount(arguments.length, 0)
    this.#mustRun()
    if (this.#state.name === "paused") this.#state = { ...this.#state, name: "running" }
    this.#wake()
  }

  /**
   * Ends the proxy and closes the sockets. Forwarded messages are still delivered within `linger`. Throws EBADF unless
   * running.
   */
  terminate(): void {
    checkCount(arguments.length, 0)
    this.#mustRun()
    this.#end()
  }

  /** Ends the proxy, if it runs, and closes the sockets. Resolves when their bound addresses are free again. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Object.values(this.#cores).map(core => core.dispose()))
  }

  #end(): void {
    if (!("finish" in this.#state)) return
    const { finish } = this.#state
    this.#state = { name: "ending" }
    finish()
  }

  #mustRun(): void {
    if (this.#state.name === "idle") throw new ZmqError("EBADF")
  }

  #usableCores(): ReadonlySet<SocketCore> {
    const named = Object.entries(this.#cores)
    for (const [name, core] of named) {
      if (core.endpoints.count > 0) continue
      throw new ZmqError("EINVAL", { message: `${name} socket must be bound or connected` })
    }
    for (const [name, core] of named) {
      core.mustBeFree()
      if (!core.traffic.idle) throw new ZmqError("EBUSY", { reason: `${name} socket has a call pending` })
    }
    return new Set(named.map(([, core]) => core))
  }

  /** Forwards later, because inside a connection's message(), where this may be called, nothing may be sent. */
  #wake(): void {
    if (this.#due || this.#state.name !== "running") return
    this.#due = true
    inMicrotask(() => this.#forward())
  }

  #forward(): void {
    while (this.#state.name === "running") {
      if (this.#left <= 0) {
        nextTurn(() => this.#forwardInNewTurn())
        return
      }
      let moved = 0
      for (const flow of this.#flows) moved += flow.move(BURST)
      if (moved === 0) break
      this.#left -= moved
    }
    this.#due = false
  }

  #forwardInNewTurn(): void {
    this.#left = PER_TURN
    this.#forward()
  }
}

interface Cores {
  readonly "Front-end": SocketCore
  readonly "Back-end": SocketCore
  readonly Capture?: SocketCore
}

function flowsOf({ "Front-end": front, "Back-end": back, Capture: capture }: Cores): readonly Flow[] {
  const there = new Flow(front, back, capture)
  return front === back ? [there] : [there, new Flow(back, front, capture)]
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null
}

function insideOf(socket: unknown): SocketCore {
  if (!(socket instanceof BaseSocket)) throw new Error("Invalid argument")
  return coreOf(socket)
}
