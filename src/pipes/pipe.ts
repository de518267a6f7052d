import { ownMessage } from "../base/parts.ts"
import { RingQueue } from "../base/ring-queue.ts"
import { unrefTimeout } from "../base/runtime.ts"
import type { Connection, RemotePeer } from "../contracts/connection.ts"
import type { Control, Message } from "../contracts/message.ts"
import type { Pipe } from "../contracts/pattern.ts"
import {
  type QueueAtExit,
  trackUndelivered,
  undeliveredChanged,
  untrackUndelivered,
} from "../lifetime/exit-guard.ts"
import type { Leftovers } from "./leftovers.ts"
import { PipeSink } from "./pipe-sink.ts"

/** The options that a pipe looks at, live. */
export interface PipeOptions {
  readonly sendHighWaterMark: number
  readonly receiveHighWaterMark: number
  readonly conflate: boolean
  readonly linger: number
}

/** The socket, as its pipes see it. */
export interface PipeOwner {
  readonly pipeOptions: PipeOptions
  /** The context's, as it was when the socket was made. */
  readonly blocky: boolean
  /** What retired pipes still hold to be read. */
  readonly leftovers: Leftovers
  connected(pipe: SocketPipe): void
  disconnected(pipe: SocketPipe): void
  control(pipe: SocketPipe, control: Control): void
  readable(pipe: SocketPipe): void
  writable(pipe: SocketPipe): void
}

/** The socket, as whoever makes pipes sees it. */
export interface PipeHost extends PipeOwner {
  attach(pipe: SocketPipe): void
  detach(pipe: SocketPipe): void
}

/** The endpoint that a pipe belongs to. */
export interface PipeEndpoint {
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
export class SocketPipe implements Pipe, QueueAtExit {
  readonly id: number = ++lastId
  readonly connectRoutingId: Uint8Array | undefined
  readonly #owner: PipeOwner
  readonly #options: PipeOptions
  readonly #endpoint: PipeEndpoint
  readonly #leftovers: Leftovers
  readonly #peersMayStillCome: boolean
  readonly #outbound = new RingQueue<Message>()
  readonly #inbound = new RingQueue<Message>()
  #connection: Connection | undefined
  /** Messages may go straight to the connection. */
  #flowing = false
  /** New messages are taken; false from finish() or retire() on. */
  #writing = true
  /** Incoming messages are wanted; false from stopReading() or dropInputToNoticeEnd() on. */
  #reading = true
  /** Somebody was told that there is no room, and is told when there is. */
  #refused = false
  #paused = false
  #retired = false
  #finishing = false
  /** The connection was asked to end, with all that it was given to deliver. */
  #ending = false
  #expired: (() => void) | undefined
  /** The pattern closed the connection; what is queued waits for the next one. */
  #failed = false
  #lingering: NodeJS.Timeout | undefined
  #left = 0
  /** @param peersMayStillCome whether messages are worth waiting for an absent peer; see {@link Transport} */
  constructor(
    owner: PipeOwner,
    peersMayStillCome: boolean,
    endpoint: PipeEndpoint,
    connectRoutingId?: Uint8Array | undefined,
  ) {
    this.connectRoutingId = connectRoutingId
    this.#owner = owner
    this.#peersMayStillCome = peersMayStillCome
    this.#options = owner.pipeOptions
    this.#leftovers = owner.leftovers
    this.#endpoint = endpoint
  }

  get peer(): RemotePeer | undefined {
    return this.#connection?.peer
  }

  get linger(): number {
    const connection = this.#connection
    const worthwhile = connection === undefined ? this.#peersMayStillCome : connection.inThread !== true
    return worthwhile ? this.#options.linger : 0
  }

  get blocky(): boolean {
    return this.#owner.blocky
  }

  get canWrite(): boolean {
    if (this.#flowing || (this.#writing && this.#hasRoom())) return true
    this.#refused = true
    return false
  }

  get canRead(): boolean {
    return this.#inbound.length > 0
  }

  /** True when nothing waits to be handed to a connection. */
  get delivered(): boolean {
    return this.#outbound.length === 0
  }

  /** True from finish() on. */
  get finishing(): boolean {
    return this.#finishing
  }

  /** How many messages were given up after finish(). One that a lost connection had only in part counts. */
  get left(): number {
    return this.#left
  }

  tryWrite(message: Message): boolean {
    if (this.#flowing) {
      const connection = this.#connection!
      this.#flowing = connection.send(connection.encodesAtOnce ? message : ownMessage(message))
      return true
    }
    if (!this.#writing) return false
    if (!this.#hasRoom()) {
      this.#refused = true
      return false
    }
    if (this.#options.conflate) this.#outbound.clear()
    if (this.#outbound.length === 0) trackUndelivered(this)
    this.#outbound.push(ownMessage(message))
    return true
  }

  tryRead(): Message | undefined {
    const message = this.#inbound.shift()
    // At half the mark, so that the peer is stopped and started in large steps.
    if (this.#paused && this.#inbound.length <= this.#options.receiveHighWaterMark >> 1) this.#resume()
    if (this.#retired && message !== undefined) this.#leftovers.take()
    return message
  }

  control(control: Control): void {
    if (this.#writing) this.#connection?.control(control)
  }

  fail(error: Error): void {
    this.#inbound.clear()
    if (this.#connection === undefined) return
    this.#failed = true
    this.#flowing = false
    this.#connection.destroy(error)
  }

  close(): void {
    const { linger } = this.#options
    this.#endpoint.closePipe(this, linger < 0 ? LONGEST_FAREWELL : linger)
  }

  // --- The endpoint's side

  /** A new life of the link. What is queued goes out first. */
  connect(connection: Connection): void {
    this.#connection = connection
    this.#failed = false
    // The pattern comes first: a SUB's topics travel ahead of everything else.
    if (this.#writing) this.#owner.connected(this)
    this.#flush(true)
    connection.open(new PipeSink(this))
    // What former connections left counts too: a peer must not bring in more by coming again and again.
    if (this.#isFull() || this.#leftovers.tooMany) this.#pause()
  }

  /** What is unread is dropped, and so is what still comes. */
  stopReading(): void {
    this.#reading = false
    this.#inbound.clear()
    if (this.#paused) this.#resume()
  }

  /**
   * No further messages either way; what is queued is delivered within the linger time, then the connection ends.
   * The endpoint hears of that by the connection's loss, or by `expired` when the time is over without a connection.
   * Called again, the time begins anew.
   */
  finish(linger: number, expired?: () => void): void {
    this.#writing = false
    this.#flowing = false
    this.#finishing = true
    this.#expired = expired
    this.stopReading()
    clearTimeout(this.#lingering)
    if (linger > 0) this.#lingering = unrefTimeout(() => this.giveUp(), linger)
    if (linger === 0) this.giveUp()
    else this.#endIfDelivered()
  }

  /** The linger time is over, as far as finish() was called. */
  giveUp(): void {
    if (!this.#finishing) return
    this.abandon()
    this.#ending = false
    if (this.#connection === undefined) this.#expired?.()
    else this.#connection.destroy()
  }

  /** Nothing follows on this pipe: what is queued is given up; what has come in stays to be read. */
  retire(): void {
    this.#writing = false
    this.#retired = true
    this.abandon()
    this.#leftovers.add(this.#inbound.length)
    clearTimeout(this.#lingering)
  }

  /**
   * Nobody reads any more: a full queue would keep the end of the connection from being noticed, behind what the peer
   * has sent before. What still comes is dropped.
   */
  dropInputToNoticeEnd(): void {
    if (!this.#paused) return
    this.#reading = false
    this.#resume()
  }

  /** Gives up the outgoing queue. */
  abandon(): void {
    if (this.#finishing) this.#left += this.#outbound.length
    this.#outbound.clear()
    untrackUndelivered(this)
  }

  /** The high-water marks may have moved: what they held back goes on. */
  limitsChanged(): void {
    this.resumeUnlessFull()
    this.#tellRoom()
  }

  /** Incoming messages may be welcome again. */
  resumeUnlessFull(): void {
    if (this.#paused && !this.#isFull() && !this.#leftovers.tooMany) this.#resume()
  }

  // --- The connection's side

  received(message: Message): void {
    if (!this.#reading) return
    const waited = this.#inbound.length === 0
    if (this.#options.conflate) this.#inbound.clear()
    this.#inbound.push(message)
    if (this.#isFull()) this.#pause()
    if (waited) this.#owner.readable(this)
  }

  requested(control: Control): void {
    if (this.#reading) this.#owner.control(this, control)
  }

  drained(): void {
    this.#flush(true)
  }

  closed(error: Error | undefined): void {
    const connection = this.#connection!
    this.#connection = undefined
    this.#flowing = false
    this.#paused = false
    undeliveredChanged()
    if (!this.#finishing) this.#owner.disconnected(this)
    else if (!this.#ending || error !== undefined) this.#left += connection.unsent ?? 0
    this.#endpoint.lost(this, connection, error)
  }

  // --- Inside

  #hasRoom(): boolean {
    const { sendHighWaterMark, conflate } = this.#options
    return sendHighWaterMark === 0 || this.#outbound.length < sendHighWaterMark || conflate
  }

  #isFull(): boolean {
    const { receiveHighWaterMark, conflate } = this.#options
    return receiveHighWaterMark !== 0 && this.#inbound.length >= receiveHighWaterMark && !conflate
  }

  #pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#connection!.pause()
  }

  #resume(): void {
    this.#paused = false
    this.#connection?.resume()
  }

  #flush(room: boolean): void {
    if (this.#failed) return
    const connection = this.#connection!
    const queued = this.#outbound.length > 0
    while (room && this.#outbound.length > 0) room = connection.send(this.#outbound.shift()!)
    if (queued && this.#outbound.length === 0) untrackUndelivered(this)
    this.#flowing = room && this.#writing
    this.#endIfDelivered()
    this.#tellRoom()
  }

  #tellRoom(): void {
    if (!this.#refused || !this.canWrite) return
    this.#refused = false
    this.#owner.writable(this)
  }

  #endIfDelivered(): void {
    if (!this.#finishing || this.#outbound.length > 0 || this.#connection === undefined) return
    this.#ending = true
    this.#connection.end()
  }
}
