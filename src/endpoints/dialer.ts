import { forbidsDialling, fromSystemError } from "../base/errors.ts"
import { asBuffer, clearTimer, type Timer, unrefTimeout } from "../base/runtime.ts"
import { transitions } from "../base/transitions.ts"
import type { Connection, RemotePeer } from "../contracts/connection.ts"
import type { Transport } from "../contracts/transport.ts"
import { type PipeEndpoint, SocketPipe } from "../pipes/pipe.ts"
import { Backoff } from "./backoff.ts"
import { discard, EndpointHost } from "./endpoint-host.ts"
import type { EndpointOptions, EndpointOwner, SocketEndpoint } from "./socket-endpoint.ts"

/** The life of one connect(). Each state carries what must be undone when it is left. */
type State =
  | { readonly name: "dialling" }
  | { readonly name: "open" }
  | { readonly name: "waiting"; readonly timer: Timer }
  | { readonly name: "ended" }

const DIALLING: State = { name: "dialling" }
const OPEN: State = { name: "open" }

const following = transitions<State["name"]>("a dialer", {
  dialling: ["open", "waiting", "ended"],
  open: ["waiting", "dialling", "ended"],
  waiting: ["dialling", "ended"],
  ended: [],
})

/**
 * One connect(): dials, dials again, and owns the pipe meanwhile. Messages queue in the pipe before the peer is there
 * and survive a reconnect; with `immediate` there is a pipe only while there is a connection (zmq_setsockopt(3)).
 *
 * It ends, its slot given back, when: closed and its messages delivered or their linger over; a ZMTP peer broke the
 * protocol or refused us (libzmq does not dial such peers again); or the socket type or `reconnectInterval` forbid to
 * dial again.
 */
export class Dialer implements SocketEndpoint, PipeEndpoint {
  readonly #transport: Transport
  readonly #target: string
  readonly #owner: EndpointOwner
  readonly #options: EndpointOptions
  readonly #connectRoutingId: Uint8Array | undefined
  readonly #backoff: Backoff
  readonly #host: EndpointHost
  #state: State = DIALLING
  #pipe: SocketPipe | undefined
  /** Who was there last. */
  #peer: RemotePeer | undefined
  #closing = false
  /** Closing for good: what a lost connection leaves behind is for nobody else. */
  #letsGo = false
  #left = 0

  /**
   * @param target the address without its scheme
   * @param connectRoutingId what a pattern that addresses its peers shall call this one
   */
  constructor(
    readonly address: string,
    target: string,
    transport: Transport,
    owner: EndpointOwner,
    options: EndpointOptions,
    connectRoutingId?: Uint8Array | undefined,
  ) {
    this.#target = target
    this.#transport = transport
    this.#owner = owner
    this.#options = options
    this.#connectRoutingId = connectRoutingId
    this.#backoff = new Backoff(options)
    this.#host = new EndpointHost(owner, "connect", address, options, {
      isNamed: connectRoutingId !== undefined,
      isFormer: peer => this.#pipe !== undefined && this.#isFormer(peer),
    })
    owner.admission.claim()
  }

  get redials(): boolean {
    return this.#owner.admission.type.redials && !this.#options.immediate
  }

  get left(): number {
    return this.#left
  }

  start(): void {
    if (!this.#options.immediate) this.#attachPipe()
    this.#dial()
  }

  async close(linger: number): Promise<void> {
    if (this.#state.name === "ended") return
    this.#closing = true
    const pipe = this.#pipe
    if (pipe !== undefined) {
      if (!pipe.finishing) {
        // First, so that the pattern doesn't keep it to be read to its end.
        pipe.stopReading()
        this.#owner.pipes.detach(pipe)
        this.#owner.admission.nameLeft(this.#connectRoutingId ?? this.#peer?.routingId)
      }
      pipe.finish(linger, () => this.#end())
    }
    // An open connection ends by itself, once its messages are delivered.
    if (this.#state.name !== "open" && (pipe === undefined || pipe.delivered)) this.#end()
  }

  giveUp(): void {
    this.#pipe?.giveUp()
  }

  closePipe(_: SocketPipe, linger: number): void {
    this.#letsGo = true
    void this.close(linger)
    if (this.#state.name !== "open") this.#end()
  }

  #dial(): void {
    const dialling = this.#transport.dial(this.#target, this.#host)
    dialling.then(
      connection => this.#connected(connection),
      error => this.#failed(error),
    )
  }

  #connected(connection: Connection): void {
    if (this.#state.name !== "dialling") {
      discard(connection)
      return
    }
    try {
      this.#owner.admission.check(connection.peer)
    } catch (error) {
      discard(connection)
      this.#failed(error)
      return
    }
    if (this.#isForAnother(connection.peer)) this.#dropPipe()
    // What it lingered for was for the former peer only.
    if (this.#closing && this.#pipe === undefined) {
      discard(connection)
      this.#end()
      return
    }
    this.#host.settled()
    this.#backoff.reset()
    this.#enter(OPEN)
    this.#peer = connection.peer
    const pipe = this.#pipe ?? this.#attachPipe()
    pipe.connect(connection)
  }

  #failed(error: unknown): void {
    if (this.#state.name !== "dialling") return
    if (forbidsDialling(error) || !this.#backoff.enabled) this.#stop(error)
    else this.#wait()
  }

  lost(_: SocketPipe, connection: Connection, error: Error | undefined): void {
    if (!this.#closing) this.#host.lost(connection, error)
    if (this.#options.immediate) this.#dropPipe()
    if (!this.#mayRedial(error)) this.#stop(error)
    else if (this.#isPatient(error)) this.#redial()
    else this.#wait()
  }

  #mayRedial(error: Error | undefined): boolean {
    if (forbidsDialling(error) || this.#letsGo) return false
    if (this.#closing && (this.#pipe === undefined || this.#pipe.delivered)) return false
    return this.#owner.admission.type.redials && (this.#backoff.enabled || this.#isPatient(error))
  }

  /** True when dial() may be called at once; but not again and again, when somebody is there who refuses us. */
  #isPatient(error: Error | undefined): boolean {
    return this.#transport.patient === true && error === undefined
  }

  #wait(): void {
    const interval = this.#backoff.next()
    const timer = unrefTimeout(() => this.#redial(), interval)
    this.#enter({ name: "waiting", timer })
    this.#owner.monitor.emit({ type: "connect:retry", address: this.address, interval })
  }

  #redial(): void {
    this.#enter(DIALLING)
    this.#dial()
  }

  /** A pipe holds messages for, and from, the peer of its last connection, and somebody else is there now. */
  #isForAnother(peer: RemotePeer): boolean {
    if (!this.#owner.admission.type.addresses || this.#connectRoutingId !== undefined) return false
    return this.#peer !== undefined && !this.#isFormer(peer)
  }

  #isFormer({ routingId }: RemotePeer): boolean {
    return this.#peer !== undefined && asBuffer(routingId).equals(this.#peer.routingId)
  }

  #attachPipe(): SocketPipe {
    const pipe = new SocketPipe(
      this.#owner.pipes,
      this.#transport.peersMayStillCome !== false,
      this,
      this.#connectRoutingId,
    )
    this.#pipe = pipe
    this.#owner.pipes.attach(pipe)
    return pipe
  }

  #dropPipe(): void {
    const pipe = this.#pipe
    if (pipe === undefined) return
    this.#pipe = undefined
    pipe.retire()
    this.#left += pipe.left
    if (!this.#closing) this.#owner.pipes.detach(pipe)
    this.#owner.admission.nameLeft(this.#connectRoutingId ?? this.#peer?.routingId)
  }

  /** Ends for good, though nobody has asked for that, unless it was closed. */
  #stop(cause: unknown): void {
    this.#end()
    if (this.#closing) return
    const error = cause === undefined ? {} : { error: fromSystemError(cause) }
    this.#owner.monitor.emit({ type: "connect:stop", address: this.address, ...error })
  }

  #end(): void {
    if (this.#state.name === "ended") return
    this.#enter({ name: "ended" })
    this.#host.abort()
    this.#dropPipe()
    this.#owner.admission.release()
    this.#owner.ended(this)
  }

  #enter(next: State): void {
    const left = this.#state
    this.#state = following(left, next)
    if (left.name === "waiting") clearTimer(left.timer)
  }
}
