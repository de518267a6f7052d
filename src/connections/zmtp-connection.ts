import { ZmqError } from "../base/errors.ts"
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
import { pingCommand, pongCommand } from "../zmtp/command.ts"
import { EMPTY, HANDSHAKE_LIMIT } from "../zmtp/frame.ts"
import type { MechanismFactory } from "../zmtp/mechanism.ts"
import { UNKNOWN_PEER } from "../zmtp/remote-peer.ts"
import { Session } from "../zmtp/session.ts"
import type { SessionSink } from "../zmtp/session-sink.ts"
import { endUnawaited } from "./end-unawaited.ts"
import { closedEarly, tooEager } from "./handshake-errors.ts"
import { Heartbeat, type HeartbeatHost, type HeartbeatOptions } from "./heartbeat.ts"
import { isLastPing, LAST_CONTEXT, LAST_PING, LAST_PONG, tailOf } from "./last-ping.ts"
import { Output } from "./output.ts"
import { MOST_AHEAD, type PausedConnection, pausedPeers } from "./paused-peers.ts"
import { READ_AHEAD, UnreadInput } from "./unread-input.ts"
import { followingState, HANDSHAKE, HELD, OPEN, type ZmtpConnectionState } from "./zmtp-connection-state.ts"

/** A connection uses these options. */
export interface ZmtpConnectionOptions extends HeartbeatOptions {
  /** A received frame may have this many bytes. With -1 there is no limit of the socket's own. */
  readonly maxMessageSize: number
}

/** ZMTP uses these socket options (zmq_setsockopt(3)). */
export interface ZmtpOptions extends ZmtpConnectionOptions {
  /** Greeting and handshake together may take this many milliseconds. With 0 there is no limit. */
  readonly handshakeInterval: number
}

/**
 * A ZMTP connection exists from the greeting to the end; see {@link Connection}. It is itself the sink of its stream and
 * its session, and the host of its heartbeat. It makes a heartbeat only when one is needed. Both save memory, because
 * there may be tens of thousands of idle connections.
 */
export class ZmtpConnection implements Connection, ByteSink, SessionSink, HeartbeatHost, PausedConnection {
  readonly encodesAtOnce = true
  readonly local: string
  readonly remote: string
  #identity: PeerIdentity | undefined
  /** Is the identity if an authenticator has told something about the peer, so that messages are to show it. */
  #sender: PeerIdentity | undefined
  #peer = UNKNOWN_PEER
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

  get peer(): RemotePeer {
    return this.#peer
  }

  get identity(): PeerIdentity | undefined {
    return this.#identity
  }

  /** Is called at the end of the handshake, with what is known of the peer. */
  identify(identity: PeerIdentity): void {
    this.#identity = identity
    const { userId, metadata } = identity
    if (userId !== undefined || Object.keys(metadata).length > 0) this.#sender = identity
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
    if (!this.#shakesHands) return
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
    if (this.#isEnded) return
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
    const asks = waits && this.#session.answersPings && this.#stream.listensAfterEnd === true
    if (asks) this.#session.outgoing.command(LAST_PING)
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

  get #shakesHands(): boolean {
    return this.#phase === "handshake" || this.#phase === "held"
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
    if (!this.#reads && !this.#shakesHands) return
    this.#heartbeat?.alive()
    this.#session.receive(chunk)
    this.#noteTail(chunk)
    if (this.#phase === "held" && this.#session.bytes > HANDSHAKE_LIMIT) this.refuse(tooEager())
    if (this.#paused) this.#readAhead(chunk.length)
  }

  vacancy(): Uint8Array | undefined {
    return this.#phase === "open" ? this.#session.vacancy() : undefined
  }

  filled(count: number): void {
    if (!this.#reads) return
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
    this.#output.stop()
    this.#heartbeat?.stop()
    this.#sink?.writeFailed?.()
    this.#stream.resume()
  }

  closed(error?: Error): void {
    this.#patience?.stop()
    if (this.#shakesHands) this.refuse(closedEarly(this.#session.phase, error))
    if (this.#state.name === "ending" && !this.#state.asks && error === undefined) this.#output.confirm()
    this.#lose(this.#state.name === "leaving" ? (this.#state.error ?? error) : error)
  }

  #lose(error: Error | undefined): void {
    if (this.#phase === "lost" || this.#phase === "closed") return
    this.#become({ name: "lost", error, ended: this.#phase === "ending" })
    this.#output.stop()
    this.#heartbeat?.stop()
    this.#continueSoon()
  }

  // --- The session's side

  output(): void {
    this.#output.push()
  }

  ready(peer: RemotePeer): void {
    this.#peer = peer
    this.#become(OPEN)
    if (this.#options.heartbeatInterval > 0 && this.#session.takesCommands) this.#watch().start()
    // Until open() gives it a sink, the connection is paused. Messages wait in the session and in the stream.
    this.pause()
    this.#settled()
  }

  message(message: Message): void {
    if (this.#sender !== undefined) notePeer(message as Uint8Array[], this.#sender)
    if (this.#unread !== undefined) this.#unread.take(message)
    else if (!this.#isEnded) this.#sink?.message(message)
  }

  requested(control: Control): void {
    if (this.#unread === undefined && !this.#isEnded) this.#sink?.control(control)
  }

  pinged(timeToLive: number): void {
    if (this.#phase === "open") this.#watch().pinged(timeToLive)
  }

  /** The peer answers our last PING when it has taken all that came before. */
  ponged(context: Uint8Array): void {
    if (!this.#isEnded || !LAST_CONTEXT.equals(context)) return
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
    // What we have sent is still on its way, and must not be lost for what nobody wants.
    else if (this.#isEnded) return
    else if (this.#phase === "lost") this.#become({ name: "lost", error, ended: false })
    else if (this.#phase !== "closed") this.#tearDown(error)
  }

  /** The stream holds back what still comes, and the peer behind it, until a later turn has time for it. */
  exhausted(): void {
    if (this.#phase === "closed") return
    if (this.#reads) this.#stream.pause()
    turnWork.later(() => this.#goOn())
  }

  // --- The heartbeat's side

  get backlog(): number {
    if (!this.#output.blocked) return 0
    // A stream that can't tell how many bytes wait still tells, by drain(), when none do.
    return this.#stream.unwritten ?? 1
  }

  ping(timeToLive: number): void {
    this.#sendCommand(pingCommand(timeToLive))
  }

  pong(): void {
    this.#sendCommand(pongCommand(EMPTY))
  }

  expired(reason: string): void {
    this.destroy(new ZmqError("ETIMEDOUT", { reason }))
  }

  // --- While paused

  get isPaused(): boolean {
    return this.#paused && this.#phase === "open"
  }

  get ahead(): number {
    return this.#session.bytes
  }

  /**
   * Sends a PONG that nobody asked for, because a write fails when the peer has gone. Older peers don't know it. Reading
   * ahead finds the end of a peer that has only closed its side, if it has left little.
   */
  probe(mayReadAhead: boolean): void {
    if (this.#session.answersPings) this.pong()
    if (mayReadAhead && this.ahead < MOST_AHEAD) this.#stream.resume()
  }

  // --- Inside

  /** True while received bytes go to the session. */
  get #reads(): boolean {
    return this.#phase === "open" || this.#phase === "inputOnly" || this.#phase === "ending"
  }

  /** True once we have ended the connection, so that what still comes is dropped. */
  get #isEnded(): boolean {
    return this.#state.name === "ending" || (this.#state.name === "lost" && this.#state.ended)
  }

  /** Is called when bytes have come though it is paused. They must not be too many. */
  #readAhead(bytes: number): void {
    const state = this.#state
    if (state.name === "open" && this.ahead >= MOST_AHEAD) this.#stream.pause()
    if (state.name !== "inputOnly") return
    state.bytes += bytes
    if (state.bytes > READ_AHEAD) this.#stream.destroy()
  }

  /**
   * Answers a last PING that came while the connection is paused. The peer's end mark follows, so that nobody could be
   * answered once what came before has been read. All of that is kept until then.
   */
  #noteTail(chunk: Uint8Array): void {
    if (!this.isPaused) {
      this.#tail = undefined
      return
    }
    this.#tail = tailOf(this.#tail, chunk)
    if (isLastPing(this.#tail)) this.#sendCommand(LAST_PONG)
  }

  #sendCommand(command: Uint8Array): void {
    if (this.#output.blocked) return
    this.#session.outgoing.command(command)
    this.#output.push()
  }

  #watch(): Heartbeat {
    if (this.#heartbeat === undefined) {
      this.#heartbeat = new Heartbeat(this.#options, this)
      if (this.#paused) this.#heartbeat.suspend()
    }
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
    const earlier = this.#state.name === "leaving" ? this.#state.error : undefined
    this.#become({ name: "leaving", error: earlier ?? error })
    this.#silence()
    this.#stream.destroy(error)
  }

  /** Stops the session, the output and the heartbeat. */
  #silence(): void {
    this.#session.stop()
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
    if (this.#phase !== "open" && this.#reads && !this.#session.resting) this.#stream.resume()
    this.#continue()
  }

  #continue(): void {
    if (this.#sink === undefined || this.#phase === "closed") return
    if (!this.#paused) this.#read()
    if (this.#state.name !== "lost" || (!this.#paused && this.#session.resting)) return
    const { error } = this.#state
    this.#become({ name: "closed" })
    if (this.#session.idle) this.#session.stop()
    else this.#unread = new UnreadInput(this.#session)
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
