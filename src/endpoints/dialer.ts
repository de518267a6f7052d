import { forbidsDialling, fromSystemError } from "../base/errors.ts"
import { asBuffer, clearTimer, surface, type Timer, unrefTimeout } from "../base/runtime.ts"
import { transitions } from "../base/transitions.ts"
import type { Connection, RemotePeer } from "../contracts/connection.ts"
import type { Transport } from "../contracts/transport.ts"
import { type PipeEndpoint, SocketPipe } from "../pipes/pipe.ts"
import { Backoff } from "./backoff.ts"
import { type DialledPeer, discard, EndpointHost } from "./endpoint-host.ts"
import type { EndpointOptions, EndpointOwner, SocketEndpoint } from "./socket-endpoint.ts"

/** A dialer has one of these states. Each state has the data that is needed to leave it. */
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
 * A dialer serves one connect(). It dials again and again, and has the pipe. Messages are queued in the pipe before the
 * peer is there, and are kept while the connection is made again. With `immediate` there is a pipe only while there is a
 * connection (zmq_setsockopt(3)).
 *
 * The dialer ends, and gives back its slot, in these cases:
 *
 * - It was closed, and its messages are delivered or their linger is over.
 * - A ZMTP peer has broken the protocol or refused us. libzmq does not dial such peers again either.
 * - The socket type or `reconnectInterval` forbid to dial again.
 */
export class Dialer implements SocketEndpoint, PipeEndpoint, DialledPeer {
  readonly #transport: Transport
  readonly #target: string
  readonly #owner: EndpointOwner
  readonly #options: EndpointOptions
  readonly #connectRoutingId: Uint8Array | undefined
  readonly #backoff: Backoff
  readonly #host: EndpointHost
  #state: State = DIALLING
  #pipe: SocketPipe | undefined
  /** This is the peer of the last connection. */
  #peer: RemotePeer | undefined
  #closing = false
  /** True when the pattern has closed the pipe, so that a lost connection is not dialled again. */
  #letsGo = false
  #left = 0

  /**
   * @param target the address without its scheme
   * @param connectRoutingId the routing id of the peer, for patterns that address their peers
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
    this.#host = new EndpointHost(owner, "connect", address, options, this)
    owner.admission.claim()
  }

  get redials(): boolean {
    return this.#owner.admission.type.redials && !this.#options.immediate
  }

  get isNamed(): boolean {
    return this.#connectRoutingId !== undefined
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
        // This comes before detaching, because a detached pipe is read to its end.
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
    const settled = dialling.then(
      connection => this.#connected(connection),
      error => this.#failed(error),
    )
    void settled.then(undefined, surface)
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
    // The messages that it lingered for were for the former peer only.
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

  /** True when dial() may be called at once. After an error it is false, because a peer that refuses us would do so again. */
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

  /** Returns true when the peer isn't the one of the last connection, to whom the pipe's messages belong. */
  #isForAnother(peer: RemotePeer): boolean {
    if (!this.#owner.admission.type.addresses || this.isNamed) return false
    return this.#peer !== undefined && !this.#isLast(peer)
  }

  isFormer(peer: RemotePeer): boolean {
    return this.#pipe !== undefined && this.#isLast(peer)
  }

  #isLast({ routingId }: RemotePeer): boolean {
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

  /** Ends for good, because dialling again is forbidden. Reports that, unless the endpoint was closed. */
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
