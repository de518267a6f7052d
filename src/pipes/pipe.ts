import { fromSystemError } from "../base/errors.ts"
import { TimeLimit } from "../base/time-limit.ts"
import type { Connection, RemotePeer, UnreadMessages } from "../contracts/connection.ts"
import type { Control, Message } from "../contracts/message.ts"
import type { Pipe } from "../contracts/pattern.ts"
import { type QueueAtExit, undeliveredChanged } from "../lifetime/exit-guard.ts"
import { Inbound } from "./inbound.ts"
import { Outbound } from "./outbound.ts"
import type { PipeOwner } from "./pipe-owner.ts"
import { type ConnectionOwner, PipeSink } from "./pipe-sink.ts"
import { APART, followingPipe, type LingerLimit, type PipeState, RETIRED } from "./pipe-state.ts"

/** The endpoint that a pipe belongs to. */
export interface PipeEndpoint {
  /** True when a connection that is lost is followed by another one, for which the pipe keeps what is queued. */
  readonly redials: boolean
  /** A connection of the pipe ended. */
  lost(pipe: SocketPipe, connection: Connection, error: Error | undefined): void
  /** The pipe is to finish, by the pattern's wish, and not to be connected again. */
  closePipe(pipe: SocketPipe, linger: number): void
}

/** Longest linger time (ms) of a connection that the pattern closes: the peer must not be able to hold it for ever. */
const LONGEST_FAREWELL = 30_000

let lastId = 0

/**
 * Two bounded queues, and the connection of the moment. While the connection takes messages the outgoing queue is
 * empty and messages go straight to it; when it asks to wait they queue up to the high-water mark, and then
 * tryWrite() refuses. Incoming messages pause the connection at their high-water mark.
 */
export class SocketPipe implements Pipe, QueueAtExit, ConnectionOwner {
  readonly id: number = ++lastId
  readonly connectRoutingId: Uint8Array | undefined
  readonly #owner: PipeOwner
  readonly #endpoint: PipeEndpoint
  readonly #awaited: boolean
  readonly #outbound: Outbound
  readonly #inbound: Inbound
  #state: PipeState = APART
  #left = 0

  /**
   * @param awaited whether messages are worth waiting for a peer that isn't there; see
   *   {@link Transport.peersMayStillCome}
   */
  constructor(
    owner: PipeOwner,
    awaited: boolean,
    endpoint: PipeEndpoint,
    connectRoutingId?: Uint8Array | undefined,
  ) {
    this.connectRoutingId = connectRoutingId
    this.#owner = owner
    this.#awaited = awaited
    this.#endpoint = endpoint
    this.#outbound = new Outbound(owner.pipeOptions, this)
    this.#inbound = new Inbound(owner.pipeOptions, owner.leftovers)
  }

  get peer(): RemotePeer | undefined {
    return this.#state.connection?.peer
  }

  get linger(): number {
    const { connection } = this.#state
    const worthwhile = connection === undefined ? this.#awaited : connection.inThread !== true
    return worthwhile ? this.#owner.pipeOptions.linger : 0
  }

  get blocky(): boolean {
    return this.#owner.blocky
  }

  get canWrite(): boolean {
    return this.#outbound.canWrite
  }

  get canRead(): boolean {
    return this.#inbound.canRead
  }

  /** True when nothing waits to be handed to a connection. */
  get delivered(): boolean {
    return this.#outbound.length === 0
  }

  /** True from finish() on, until the pipe is retired. */
  get finishing(): boolean {
    const { name } = this.#state
    return name === "finishing" || name === "ending" || name === "givenUp"
  }

  /** How many messages were given up after finish(). One that a lost connection had only in part counts. */
  get left(): number {
    return this.#left
  }

  tryWrite(message: Message): boolean {
    return this.#outbound.tryWrite(message)
  }

  tryRead(): Message | undefined {
    return this.#inbound.tryRead()
  }

  control(control: Control): void {
    if (this.#state.name === "joined") this.#state.connection.control(control)
  }

  fail(error: Error, unread: "dropped" | "kept" = "dropped"): void {
    if (unread === "dropped") this.#inbound.clear()
    const { name, connection } = this.#state
    if (name === "joined") this.#loseOutput(connection)
    if (this.#state.name === "failed") this.#state.connection.destroy(error)
  }

  close(): void {
    const { linger } = this.#owner.pipeOptions
    this.#endpoint.closePipe(this, linger < 0 ? LONGEST_FAREWELL : linger)
  }

  // --- The endpoint's side

  /** A new life of the link. What is queued goes out first. */
  connect(connection: Connection): void {
    if (this.#state.name === "apart") {
      this.#become({ name: "joined", connection })
      // The pattern comes first: a SUB's topics travel ahead of everything else.
      this.#owner.connected(this)
    } else if (this.#state.name === "finishing") {
      this.#become({ ...this.#state, connection })
    }
    this.#flush()
    this.#inbound.connect(connection)
    connection.open(new PipeSink(this))
    this.#inbound.opened()
  }

  /** Drops what still comes, and what is unread unless that is to be kept. */
  stopReading(unread: "kept" | "dropped" = "dropped"): void {
    if (unread === "dropped") this.#inbound.clear()
    this.#inbound.drop()
  }

  /**
   * No further messages either way; what is queued is delivered within the linger time, then the connection ends. What
   * has come in is left to be read.
   * The endpoint hears of that by the connection's loss, or by `expired` when the time is over without a connection.
   * Called again, the time begins anew.
   */
  finish(linger: number, expired?: () => void): void {
    this.#stopTimer()
    const time = linger > 0 ? new TimeLimit(linger, () => this.giveUp()) : undefined
    const limit: LingerLimit = { time, expired }
    this.#become({ name: "finishing", connection: this.#state.connection, limit })
    this.#outbound.close()
    this.stopReading("kept")
    if (linger === 0) this.giveUp()
    else this.#endIfDelivered()
  }

  /** The linger time is over, as far as finish() was called. */
  giveUp(): void {
    if (this.#state.name !== "finishing" && this.#state.name !== "ending") return
    const { connection, limit } = this.#state
    this.abandon()
    this.#stopTimer()
    this.#become({ name: "givenUp", connection })
    if (connection === undefined) limit.expired?.()
    else connection.destroy()
  }

  /** Nothing follows on this pipe: what is queued is given up; what has come in stays to be read. */
  retire(): void {
    this.abandon()
    this.#stopTimer()
    this.#become(RETIRED)
    this.#outbound.close()
    this.#inbound.leave()
  }

  /**
   * Nobody reads any more: a full queue would keep the end of the connection from being noticed, behind what the peer
   * has sent before. What still comes is dropped.
   */
  dropInputToNoticeEnd(): void {
    this.#inbound.dropIfPaused()
  }

  /** Gives up the outgoing queue. */
  abandon(): void {
    if (this.finishing) this.#left += this.#outbound.length
    this.#outbound.abandon()
  }

  /** The high-water marks may have moved: what they held back goes on. */
  limitsChanged(): void {
    this.resumeUnlessFull()
    this.#tellRoom()
  }

  /** Incoming messages may be welcome again. */
  resumeUnlessFull(): void {
    this.#inbound.resumeUnlessFull()
  }

  // --- The connection's side

  received(message: Message): void {
    if (this.#inbound.take(message)) this.#owner.readable(this)
  }

  requested(control: Control): void {
    if (this.#inbound.wanted) this.#owner.control(this, control)
  }

  drained(): void {
    this.#flush()
  }

  writeFailed(): void {
    if (this.#state.name === "joined") this.#loseOutput(this.#state.connection)
  }

  closed(error: Error | undefined, unread: UnreadMessages | undefined): void {
    this.#outbound.disconnect()
    this.#keep(unread)
    const state = this.#state
    const connection = state.connection!
    if (this.finishing && (state.name !== "ending" || error !== undefined))
      this.#left += connection.unsent ?? 0
    this.#become(apart(state))
    undeliveredChanged()
    try {
      if (!this.finishing) this.#owner.disconnected(this)
    } finally {
      this.#endpoint.lost(this, connection, error)
    }
  }

  broken(error: unknown): void {
    this.#state.connection?.destroy(fromSystemError(error))
  }

  // --- Inside

  /** What leads to an error is dropped: its connection has ended already. */
  #keep(unread: UnreadMessages | undefined): void {
    try {
      if (this.#inbound.disconnect(unread)) this.#owner.readable(this)
    } catch {
      this.#inbound.clear()
    }
  }

  #become(next: PipeState): void {
    this.#state = followingPipe(this.#state, next)
  }

  /** What is written from now on goes to the next connection, or is refused because there is none. */
  #loseOutput(connection: Connection): void {
    this.#become({ name: "failed", connection })
    if (this.#endpoint.redials) this.#outbound.disconnect()
    else this.#outbound.close()
  }

  #flush(): void {
    const state = this.#state
    if (state.name !== "joined" && state.name !== "finishing") return
    if (state.connection !== undefined) this.#outbound.flush(state.connection)
    this.#endIfDelivered()
    this.#tellRoom()
  }

  #tellRoom(): void {
    if (this.#outbound.takeNewRoom()) this.#owner.writable(this)
  }

  #endIfDelivered(): void {
    if (this.#state.name !== "finishing" || !this.delivered) return
    const { connection, limit } = this.#state
    if (connection === undefined) return
    this.#become({ name: "ending", connection, limit })
    connection.end()
  }

  #stopTimer(): void {
    const state = this.#state
    if (state.name === "finishing" || state.name === "ending") state.limit.time?.stop()
  }
}

/** The state after the loss of the connection. */
function apart(state: PipeState): PipeState {
  if (state.name === "ending" || state.name === "finishing")
    return { name: "finishing", connection: undefined, limit: state.limit }
  return state.name === "givenUp" ? { name: "givenUp", connection: undefined } : APART
}
