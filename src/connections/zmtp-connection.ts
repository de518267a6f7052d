import { ZmqError } from "../base/errors.ts"
import { afterMicrotasks } from "../base/runtime.ts"
import type {
  ByteSink,
  ByteStream,
  Connection,
  ConnectionSink,
  LocalPeer,
  RemotePeer,
} from "../contracts/connection.ts"
import type { Control, Message } from "../contracts/message.ts"
import { pingCommand, pongCommand } from "../zmtp/command.ts"
import { EMPTY } from "../zmtp/frame.ts"
import type { MechanismFactory } from "../zmtp/mechanism.ts"
import { Session, type SessionSink } from "../zmtp/session.ts"
import { closedEarly } from "./handshake-errors.ts"
import { Heartbeat, type HeartbeatHost, type HeartbeatOptions } from "./heartbeat.ts"
import { Output } from "./output.ts"
import { READ_AHEAD, UnreadInput } from "./unread-input.ts"
import { followingLink, HANDSHAKE, type LinkState, OPEN } from "./zmtp-connection-state.ts"

/** What a link has to know; milliseconds and bytes. */
export interface LinkOptions extends HeartbeatOptions {
  /** Bytes of one frame of a message; -1 for no limit. */
  readonly maxMessageSize: number
}

/**
 * One connection that speaks ZMTP, from its greeting to its end; see {@link Connection}. It is itself what its parts
 * report to, and has only the parts that it needs, since there may be tens of thousands of links that are idle.
 */
export class ZmtpLink implements Connection, ByteSink, SessionSink, HeartbeatHost {
  readonly encodesAtOnce = true
  readonly local: string
  readonly remote: string
  #peer: RemotePeer = { socketType: undefined, routingId: EMPTY }
  readonly #stream: ByteStream
  readonly #session: Session
  readonly #output: Output
  readonly #options: HeartbeatOptions
  /** From the first PING on, ours or the peer's. */
  #heartbeat: Heartbeat | undefined
  /** Tells of the end of the handshake; with the reason when it failed. */
  #settle: ((failure?: unknown) => void) | undefined
  #state: LinkState = HANDSHAKE
  #sink: ConnectionSink | undefined
  #paused = false
  /** Once closed, what nobody has wanted yet. */
  #unread: UnreadInput | undefined

  constructor(
    stream: ByteStream,
    local: LocalPeer,
    options: LinkOptions,
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

  get unsent(): number {
    return this.#output.unsent
  }

  /** Begins the handshake. */
  start(): void {
    this.#stream.open(this)
    if (this.#phase === "handshake") this.#session.start()
  }

  /** Ends the handshake without a connection. */
  refuse(failure: unknown): void {
    if (this.#phase !== "handshake") return
    this.#become({ name: "closed" })
    this.#silence()
    this.#stream.destroy()
    this.#settled(failure)
  }

  open(sink: ConnectionSink): void {
    this.#sink = sink
    this.resume()
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

  pause(): void {
    this.#paused = true
    this.#session.pause()
    this.#heartbeat?.suspend()
    if (this.#phase === "open") this.#stream.pause()
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
    this.#become({ name: "leaving" })
    this.#output.finish()
    this.#silence()
    // Unread input could keep the close from being noticed.
    this.#stream.resume()
    this.#stream.end()
  }

  destroy(error?: Error): void {
    if (this.#phase === "lost") this.#forget()
    else if (this.#phase !== "closed") this.#tearDown(error)
  }

  /** A getter, so that the compiler doesn't take for constant what a call may have changed. */
  get #phase(): LinkState["name"] {
    return this.#state.name
  }

  #become(next: LinkState): void {
    this.#state = followingLink(this.#state, next)
  }

  #settled(failure?: unknown): void {
    const settle = this.#settle
    this.#settle = undefined
    settle?.(failure)
  }

  // --- The stream's side

  data(chunk: Uint8Array): void {
    if (!this.#reads && this.#phase !== "handshake") return
    this.#heartbeat?.alive()
    this.#session.receive(chunk)
    if (this.#state.name === "inputOnly" && this.#paused) this.#readAhead(this.#state, chunk.length)
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

  /** What the peer has sent is read at once, wanted or not, so that its end is noticed. */
  writeFailed(): void {
    if (this.#phase !== "open") return
    this.#become({ name: "inputOnly", bytes: 0 })
    this.#output.stop()
    this.#heartbeat?.stop()
    this.#sink?.writeFailed?.()
    this.#stream.resume()
  }

  closed(error?: Error): void {
    if (this.#phase === "handshake") this.refuse(closedEarly(this.#session.phase, error))
    if (!this.#reads && this.#phase !== "leaving") return
    const earlier = this.#state.name === "leaving" ? this.#state.error : undefined
    this.#become({ name: "lost", error: earlier ?? error })
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
    if (this.#options.heartbeatInterval > 0) this.#watch().start()
    // Messages wait in the session, and behind it in the stream, until somebody listens.
    this.pause()
    this.#settled()
  }

  message(message: Message): void {
    if (this.#unread !== undefined) this.#unread.take(message)
    else this.#sink?.message(message)
  }

  requested(control: Control): void {
    if (this.#unread === undefined) this.#sink?.control(control)
  }

  pinged(timeToLive: number): void {
    if (this.#phase === "open") this.#watch().pinged(timeToLive)
  }

  /** The peer broke the protocol. */
  failed(error: ZmqError): void {
    if (this.#phase === "handshake") this.refuse(error)
    else if (this.#phase === "lost") this.#become({ name: "lost", error })
    else if (this.#phase !== "closed") this.#tearDown(error)
  }

  // --- The heartbeat's side

  get backlog(): number {
    if (!this.#output.blocked) return 0
    // A stream that can't tell how much waits tells of its room, at least.
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

  // --- Inside

  /** True while what comes in is for the session. */
  get #reads(): boolean {
    return this.#phase === "open" || this.#phase === "inputOnly"
  }

  #readAhead(state: LinkState & { name: "inputOnly" }, bytes: number): void {
    state.bytes += bytes
    if (state.bytes > READ_AHEAD) this.#stream.destroy()
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

  /** Closes the stream at once; the first error is the one to be told. */
  #tearDown(error: Error | undefined): void {
    const earlier = this.#state.name === "leaving" ? this.#state.error : undefined
    this.#become({ name: "leaving", error: earlier ?? error })
    this.#silence()
    this.#stream.destroy(error)
  }

  /** Nothing is parsed, sent or watched any more. */
  #silence(): void {
    this.#session.stop()
    this.#output.stop()
    this.#heartbeat?.stop()
  }

  /** The stream is closed, and nobody wants what it brought. */
  #forget(): void {
    this.#session.stop()
    this.#continueSoon()
  }

  /** Later, so that nobody is called back from inside a call of his own. */
  #continueSoon(): void {
    afterMicrotasks(() => this.#continue())
  }

  #continue(): void {
    if (this.#sink === undefined || this.#phase === "closed") return
    if (!this.#paused) this.#read()
    if (this.#state.name !== "lost") return
    const { error } = this.#state
    this.#become({ name: "closed" })
    if (!this.#session.idle) this.#unread = new UnreadInput(this.#session)
    this.#sink.closed(error, this.#unread)
  }

  #read(): void {
    if (this.#phase === "open") this.#heartbeat?.resume()
    this.#session.resume()
    if (this.#phase === "open" && !this.#paused) this.#stream.resume()
  }
}
