import type { ZmqError } from "../base/errors.ts"
import { notePeer } from "../base/message-peers.ts"
import { afterMicrotasks } from "../base/runtime.ts"
import type { TimeLimit } from "../base/time-limit.ts"
import { turnWork } from "../base/turn-work.ts"
import type {
  ByteSink,
  ByteStream,
  Connection,
  ConnectionSink,
  LocalPeer,
  RemotePeer,
} from "../contracts/connection.ts"
import type { Control, Message } from "../contracts/message.ts"
import type { PeerIdentity } from "../contracts/security.ts"
import { HANDSHAKE_LIMIT } from "../zmtp/frame.ts"
import type { MechanismFactory } from "../zmtp/mechanism.ts"
import { UNKNOWN_PEER } from "../zmtp/remote-peer.ts"
import { Session } from "../zmtp/session.ts"
import type { SessionSink } from "../zmtp/session-sink.ts"
import { endUnawaited } from "./end-unawaited.ts"
import { closedEarly, tooEager } from "./handshake-errors.ts"
import { Heartbeat, type HeartbeatOptions } from "./heartbeat.ts"
import { answerLastPing, askLast, isLastPong } from "./last-ping.ts"
import { Output } from "./output.ts"
import { type PausedConnection, pausedPeers } from "./paused-peers.ts"
import { limitAhead, probePeer } from "./read-ahead.ts"
import { type UnreadInput, unreadOf } from "./unread-input.ts"
import {
  dropsInput,
  firstError,
  followingState,
  HANDSHAKE,
  HELD,
  OPEN,
  readsInput,
  shakesHands,
  type ZmtpConnectionState,
} from "./zmtp-connection-state.ts"
import type { ZmtpConnectionOptions } from "./zmtp-options.ts"

/**
 * A ZMTP connection exists from the greeting to the end; see {@link Connection}. It is itself the sink of its stream and
 * its session, and makes a heartbeat only when one is needed. Both save memory, because there may be tens of thousands of
 * idle connections.
 */
export class ZmtpConnection implements Connection, ByteSink, SessionSink, PausedConnection {
  readonly encodesAtOnce = true
  readonly local: string
  readonly remote: string
  peer = UNKNOWN_PEER
  identity: PeerIdentity | undefined
  /** Is the identity if an authenticator has told something about the peer, so that messages are to show it. */
  sender: PeerIdentity | undefined
  readonly #stream: ByteStream
  readonly #session: Session
  readonly #output: Output
  readonly #options: HeartbeatOptions
  /** There is a heartbeat when the options want PINGs, or after the peer's first PING. */
  #heartbeat: Heartbeat | undefined
  /** It is called at the end of the handshake, with the reason if the handshake has failed. */
  #settle: ((failure?: unknown) => void) | undefined
  #state: ZmtpConnectionState = HANDSHAKE
  #sink: ConnectionSink | undefined
  #paused = false
  /** The time that the peer has to close its side, once nobody waits for that. */
  #patience: TimeLimit | undefined
  /** The last bytes that came, while the connection is paused. */
  #tail: Buffer | undefined
  /** Once closed, what nobody has wanted yet. */
  #unread: UnreadInput | undefined

  constructor(
    stream: ByteStream,
    local: LocalPeer,
    options: ZmtpConnectionOptions,
    mechanism: MechanismFactory,
    settle: (failure?: unknown) => void,
  ) {
    this.#stream = stream
    this.local = stream.local
    this.remote = stream.remote
    this.#settle = settle
    this.#options = options
    this.#session = new Session(local, options.maxMessageSize, mechanism, this)
    this.#output = new Output(this.#session.outgoing, stream)
  }

  get unconfirmed(): number {
    return this.#output.unconfirmed
  }

  /** Waits for start() with the handshake, and notices meanwhile when the peer leaves. */
  hold(): void {
    this.#become(HELD)
    this.#session.pause()
    this.#stream.open(this)
  }

  /** Begins the handshake. */
  start(): void {
    const wasHeld = this.#phase === "held"
    if (wasHeld) this.#become(HANDSHAKE)
    else this.#stream.open(this)
    if (this.#phase === "handshake") this.#session.start()
    if (wasHeld) this.#session.resume()
  }

  /** Ends the handshake without a connection. */
  refuse(failure: unknown): void {
    if (!shakesHands(this.#state)) return
    this.#become({ name: "closed" })
    this.#silence()
    this.#stream.destroy()
    this.#settled(failure)
  }

  open(sink: ConnectionSink): void {
    this.#sink = sink
    this.#paused = false
    this.#continueSoon()
  }

  send(message: Message): boolean {
    if (this.#state.name !== "open") return false
    this.#session.outgoing.message(message)
    return this.#output.pushMessage()
  }

  control(control: Control): void {
    if (this.#phase !== "open") return
    this.#session.control(control)
    this.#output.push()
  }

  get congested(): boolean {
    return this.#output.congested
  }

  pause(): void {
    if (dropsInput(this.#state)) return
    this.#paused = true
    this.#session.pause()
    this.#heartbeat?.suspend()
    if (this.#phase !== "open") return
    this.#stream.pause()
    pausedPeers.add(this)
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#continueSoon()
  }

  end(): void {
    if (this.#phase === "lost") this.#forget()
    if (this.#phase === "inputOnly") this.#tearDown(undefined)
    if (this.#phase !== "open") return
    const waits = this.unconfirmed > 0
    const asks = waits && askLast(this.#session, this.#stream)
    this.#output.finish()
    if (!asks) this.#silence()
    // The stream is read on, because unread input could keep the close from being noticed.
    this.#stream.resume()
    if (waits) this.#endAwaited(asks)
    else this.#endUnawaited()
  }

  destroy(error?: Error): void {
    if (this.#phase === "lost") this.#forget()
    else if (this.#phase !== "closed") this.#tearDown(error)
  }

  /** This is a getter, because the compiler would take a property for unchanged after a call that changes it. */
  get #phase(): ZmtpConnectionState["name"] {
    return this.#state.name
  }

  #become(next: ZmtpConnectionState): void {
    this.#state = followingState(this.#state, next)
  }

  #settled(failure?: unknown): void {
    const settle = this.#settle
    this.#settle = undefined
    settle?.(failure)
  }

  // --- The stream's side

  data(chunk: Uint8Array): void {
    if (!readsInput(this.#state) && !shakesHands(this.#state)) return
    this.#heartbeat?.alive()
    this.#session.receive(chunk)
    this.#tail = this.isPaused ? answerLastPing(this.#tail, chunk, this.#output) : undefined
    if (this.#phase === "held" && this.#session.bytes > HANDSHAKE_LIMIT) this.refuse(tooEager())
    if (this.#paused) limitAhead(this.#state, this.#session, this.#stream, chunk.length)
  }

  vacancy(): Uint8Array | undefined {
    return this.#phase === "open" ? this.#session.vacancy() : undefined
  }

  filled(count: number): void {
    if (!readsInput(this.#state)) return
    this.#heartbeat?.alive()
    this.#session.filled(count)
  }

  drain(): void {
    this.#heartbeat?.alive()
    if (this.#output.drained()) this.#sink?.drain()
  }

  /** The peer's bytes are read even while paused, because their end would not be noticed otherwise. */
  writeFailed(): void {
    if (this.#phase !== "open") return
    this.#become({ name: "inputOnly", bytes: 0 })
    this.#stopSending()
    this.#sink?.writeFailed?.()
    this.#stream.resume()
  }

  closed(error?: Error): void {
    this.#patience?.stop()
    if (shakesHands(this.#state)) this.refuse(closedEarly(this.#session.phase, error))
    if (this.#state.name === "ending" && !this.#state.asks && error === undefined) this.#output.confirm()
    this.#lose(firstError(this.#state, error))
  }

  #lose(error: Error | undefined): void {
    if (this.#phase === "lost" || this.#phase === "closed") return
    this.#become({ name: "lost", error, ended: this.#phase === "ending" })
    this.#stopSending()
    this.#continueSoon()
  }

  // --- The session's side

  output(): void {
    this.#output.push()
  }

  ready(peer: RemotePeer): void {
    this.peer = peer
    this.#become(OPEN)
    if (this.#options.heartbeatInterval > 0 && this.#session.takesCommands) this.#watch().start()
    // Until open() gives it a sink, the connection is paused. Messages wait in the session and in the stream.
    this.pause()
    this.#settled()
  }

  message(message: Message): void {
    if (this.sender !== undefined) notePeer(message as Uint8Array[], this.sender)
    if (this.#unread !== undefined) this.#unread.take(message)
    else if (!dropsInput(this.#state)) this.#sink?.message(message)
  }

  requested(control: Control): void {
    if (this.#unread === undefined && !dropsInput(this.#state)) this.#sink?.control(control)
  }

  pinged(timeToLive: number): void {
    if (this.#phase === "open") this.#watch().pinged(timeToLive)
  }

  /** The peer answers our last PING when it has taken all that came before. */
  ponged(context: Uint8Array): void {
    if (!dropsInput(this.#state) || !isLastPong(context)) return
    this.#output.confirm()
    if (this.#phase !== "ending") return
    this.#silence()
    this.#stream.resume()
    this.#endUnawaited()
  }

  /** The peer is told of its refusal, and has a little time to close its side. */
  refused(error: Error): void {
    this.#become({ name: "closed" })
    this.#output.finish()
    this.#patience = endUnawaited(this.#stream)
    this.#settled(error)
  }

  /** The peer has broken the protocol. */
  failed(error: ZmqError): void {
    if (this.#phase === "handshake") this.refuse(error)
    // Our last messages are still on their way, and must not be lost because of input that nobody wants.
    else if (dropsInput(this.#state)) return
    else if (this.#phase === "lost") this.#become({ name: "lost", error, ended: false })
    else if (this.#phase !== "closed") this.#tearDown(error)
  }

  /** The stream holds back what still comes, and the peer behind it, until a later turn has time for it. */
  exhausted(): void {
    if (this.#phase === "closed") return
    if (readsInput(this.#state)) this.#stream.pause()
    turnWork.later(() => this.#goOn())
  }

  // --- While paused

  get isPaused(): boolean {
    return this.#paused && this.#phase === "open"
  }

  get ahead(): number {
    return this.#session.bytes
  }

  probe(mayReadAhead: boolean): void {
    probePeer(this.#session, this.#output, this.#stream, mayReadAhead)
  }

  // --- Inside

  #watch(): Heartbeat {
    this.#heartbeat ??= new Heartbeat(this.#options, this.#output, this, this.#paused)
    return this.#heartbeat
  }

  /** @param asks true when the peer is to answer a PING; its answer is then read, and all else dropped */
  #endAwaited(asks: boolean): void {
    this.#become({ name: "ending", asks })
    this.#heartbeat?.stop()
    this.#stream.end(asks)
    this.#paused = false
    if (asks) this.#continueSoon()
  }

  /** The peer misses nothing if it is slow to close its side. */
  #endUnawaited(): void {
    this.#patience = endUnawaited(this.#stream)
    this.#lose(undefined)
  }

  /** Closes the stream at once; the first error is the one to be told. */
  #tearDown(error: Error | undefined): void {
    this.#become({ name: "leaving", error: firstError(this.#state, error) })
    this.#silence()
    this.#stream.destroy(error)
  }

  #silence(): void {
    this.#session.stop()
    this.#stopSending()
  }

  #stopSending(): void {
    this.#output.stop()
    this.#heartbeat?.stop()
  }

  /** Drops the input that was not delivered. The stream is closed already. */
  #forget(): void {
    this.#session.stop()
    this.#continueSoon()
  }

  /** Continues later, because the sink must not be called while it calls a method of the connection. */
  #continueSoon(): void {
    afterMicrotasks(() => this.#continue())
  }

  #goOn(): void {
    if (this.#phase === "closed") return
    this.#session.goOn()
    if (this.#phase !== "open" && readsInput(this.#state) && !this.#session.resting) this.#stream.resume()
    this.#continue()
  }

  #continue(): void {
    if (this.#sink === undefined || this.#phase === "closed") return
    if (!this.#paused) this.#read()
    if (this.#state.name !== "lost" || (!this.#paused && this.#session.resting)) return
    const { error } = this.#state
    this.#become({ name: "closed" })
    this.#unread = unreadOf(this.#session)
    this.#sink.closed(error, this.#unread)
  }

  #read(): void {
    if (this.#phase === "open") this.#heartbeat?.resume()
    this.#session.resume()
    // A sink that has paused and resumed meanwhile is served again soon. Until then the stream waits for the session's rest,
    // because its end would otherwise come before a PING that has to be answered.
    if (this.#phase === "open" && !this.#paused && this.#session.idle) this.#stream.resume()
  }
}
