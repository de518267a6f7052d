import { fromSystemError } from "../base/errors.ts"
import { TimeLimit } from "../base/time-limit.ts"
import type { Connection, RemotePeer, UnreadMessages } from "../contracts/connection.ts"
import type { Control, Message } from "../contracts/message.ts"
import type { Pipe } from "../contracts/pattern.ts"
import { deliveryChanged, forgetAtExit, type PipeAtExit, watchAtExit } from "../lifetime/exit-guard.ts"
import { Inbound } from "./inbound.ts"
import { Outbound } from "./outbound.ts"
import type { PipeOwner } from "./pipe-owner.ts"
import { type ConnectionOwner, PipeSink } from "./pipe-sink.ts"
import { APART, followingPipe, type LingerLimit, type PipeState, RETIRED } from "./pipe-state.ts"

/** A pipe sees its endpoint through this interface. */
export interface PipeEndpoint {
  /** True when another connection follows a lost one. Then the pipe keeps the queued messages for it. */
  readonly redials: boolean
  /** Is called when a connection of the pipe has ended. */
  lost(pipe: SocketPipe, connection: Connection, error: Error | undefined): void
  /** Is called when the pattern closes the pipe: it must finish, and not be connected again. */
  closePipe(pipe: SocketPipe, linger: number): void
}

/** A connection that the pattern closes lingers at most this many milliseconds. A peer can't hold it for ever. */
const LONGEST_LINGER = 30_000

let lastId = 0

/**
 * A pipe has two bounded queues and the current connection to one peer. While the connection takes messages the outgoing
 * queue is empty, and messages go straight to the connection. When it asks to wait, messages queue up to the high-water
 * mark, and then tryWrite() refuses. Incoming messages pause the connection at their own high-water mark.
 */
export class SocketPipe implements Pipe, PipeAtExit, ConnectionOwner {
  readonly id: number = ++lastId
  readonly connectRoutingId: Uint8Array | undefined
  readonly #owner: PipeOwner
  readonly #endpoint: PipeEndpoint
  readonly #awaited: boolean
  readonly #outbound: Outbound
  readonly #inbound: Inbound
  #state: PipeState = APART
  #left = 0
  /** True when control() has returned false, so that room for controls must be told. */
  #controlsWait = false

  /**
   * @param awaited true when messages may wait for a peer that isn't there; see {@link Transport.peersMayStillCome}
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
    this.#outbound = new Outbound(owner.pipeOptions)
    this.#inbound = new Inbound(owner.pipeOptions, owner.leftovers)
    watchAtExit(this)
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

  get undelivered(): boolean {
    const state = this.#state
    if (!this.delivered) return true
    if (state.name === "leaving" && state.givenUp) return false
    const { connection } = state
    return connection !== undefined && connection.survivesExit !== true && (connection.unconfirmed ?? 0) > 0
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

  /** How many messages were given up after finish(), or are not known to have arrived. */
  get left(): number {
    return this.#left
  }

  get readsLeftovers(): boolean {
    return this.#inbound.hasUnread
  }

  tryWrite(message: Message): boolean {
    return this.#outbound.tryWrite(message)
  }

  tryRead(): Message | undefined {
    return this.#inbound.tryRead()
  }

  holdBack(held: boolean): void {
    this.#inbound.holdBack(held)
  }

  control(control: Control): boolean {
    if (this.#state.name !== "joined") return true
    const { connection } = this.#state
    this.#controlsWait = connection.congested === true
    if (!this.#controlsWait) connection.control(control)
    return !this.#controlsWait
  }

  fail(error: Error, unread: "dropped" | "kept" = "dropped"): void {
    if (unread === "dropped") this.#inbound.clear()
    const { name, connection } = this.#state
    if (name === "joined") this.#loseOutput(connection)
    if (this.#state.name === "failed") this.#state.connection.destroy(error)
  }

  close(): void {
    const { linger } = this.#owner.pipeOptions
    this.#endpoint.closePipe(this, linger < 0 ? LONGEST_LINGER : linger)
  }

  // --- The endpoint's side

  /** Gives the pipe a new connection. Queued messages go out first. */
  connect(connection: Connection): void {
    if (this.#state.name === "apart") {
      this.#become({ name: "joined", connection })
      // The pattern comes first, because a SUB's topics must be sent before everything else.
      this.#owner.connected(this)
    } else if (this.#state.name === "finishing") {
      this.#become({ ...this.#state, connection })
    }
    this.#flush()
    this.#inbound.connect(connection)
    connection.open(new PipeSink(this))
    this.#inbound.opened()
  }

  /**
   * Drops all messages that arrive from now on.
   * @param unread says if messages that have arrived and are unread are dropped too
   */
  stopReading(unread: "kept" | "dropped" = "dropped"): void {
    if (unread === "dropped") this.#inbound.clear()
    this.#inbound.drop()
  }

  /**
   * Takes no further messages in either direction. Queued messages are delivered within the linger time, then the
   * connection ends. Received messages can still be read. The endpoint learns of the end by lost(), or by `expired`.
   * Another call starts the time again.
   * @param linger in milliseconds; -1 for ever
   * @param expired is called when the time is over and there is no connection
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

  /** Ends the linger time now. It does nothing unless finish() was called. */
  giveUp(): void {
    if (this.#state.name !== "finishing" && this.#state.name !== "ending") return
    const { connection, limit } = this.#state
    this.abandon()
    this.#stopTimer()
    this.#become({ name: "givenUp", connection })
    if (connection === undefined) limit.expired?.()
    else connection.destroy()
  }

  /** Ends the pipe for good. Queued messages are dropped; received ones can still be read. */
  retire(): void {
    this.abandon()
    this.#stopTimer()
    this.#become(RETIRED)
    this.#outbound.close()
    this.#inbound.leave()
    forgetAtExit(this)
  }

  dropInputToNoticeEnd(): void {
    this.#inbound.dropIfPaused()
  }

  deliver(): void {
    if (this.#state.name !== "joined" || !this.delivered) return
    const { connection } = this.#state
    this.#become({ name: "leaving", connection, givenUp: false })
    this.#outbound.disconnect()
    connection.end()
  }

  expire(): void {
    this.abandon()
    this.deliver()
    if (this.#state.name === "leaving") this.#become({ ...this.#state, givenUp: true })
  }

  /** Gives up the outgoing queue. */
  abandon(): void {
    if (this.finishing) this.#left += this.#outbound.length
    this.#outbound.abandon()
  }

  /** Is called when the high-water marks may have changed. Waiting reads and writes go on if there is room. */
  limitsChanged(): void {
    this.resumeUnlessFull()
    this.#tellRoom()
  }

  /** Resumes a paused connection when there is room for incoming messages. */
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
    if (this.finishing) this.#left += connection.unconfirmed ?? 0
    this.#become(apart(state))
    deliveryChanged(this)
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

  /** Keeps the unread messages of a connection that has ended. Messages that lead to an error are dropped. */
  #keep(unread: UnreadMessages | undefined): void {
    try {
      if (this.#inbound.disconnect(unread, () => this.#findUnread())) this.#owner.readable(this)
    } catch {
      this.#inbound.clear()
    }
  }

  #findUnread(): void {
    try {
      if (this.#inbound.refill()) this.#owner.readable(this)
    } catch {
      this.#inbound.clear()
    }
  }

  #become(next: PipeState): void {
    this.#state = followingPipe(this.#state, next)
  }

  /** Stops writing to this connection. Later messages wait for the next one, or are refused when none will follow. */
  #loseOutput(connection: Connection): void {
    this.#become({ name: "failed", connection })
    if (this.#endpoint.redials) this.#outbound.disconnect()
    else this.#outbound.close()
  }

  #flush(): void {
    const state = this.#state
    if (state.name !== "joined" && state.name !== "finishing") return
    const queued = !this.delivered
    if (state.connection !== undefined) this.#outbound.flush(state.connection)
    this.#endIfDelivered()
    if (queued && this.delivered) deliveryChanged(this)
    this.#tellRoom()
  }

  #tellRoom(): void {
    const controls = this.#controlsWait && this.#state.connection?.congested !== true
    if (controls) this.#controlsWait = false
    if (this.#outbound.takeNewRoom() || controls) this.#owner.writable(this)
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

/** Returns the state after the loss of the connection. */
function apart(state: PipeState): PipeState {
  if (state.name === "ending" || state.name === "finishing")
    return { name: "finishing", connection: undefined, limit: state.limit }
  return state.name === "givenUp" ? { name: "givenUp", connection: undefined } : APART
}
