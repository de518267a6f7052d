import { fromSystemError, type ZmqError } from "../base/errors.ts"
import type { LocalPeer, RemotePeer } from "../contracts/connection.ts"
import type { Control, Message } from "../contracts/message.ts"
import { Assembler } from "./assembler.ts"
import {
  type Command,
  controlCommand,
  controlMessage,
  parseCommand,
  parseControl,
  parsePing,
  pongCommand,
  unexpected,
} from "./command.ts"
import { COMMAND, COMMAND_LIMIT, HANDSHAKE_LIMIT, MORE } from "./frame.ts"
import { FrameDecoder } from "./frame-decoder.ts"
import { BATCH_SIZE, FrameEncoder } from "./frame-encoder.ts"
import { encodeGreeting, type Greeting, GreetingParser } from "./greeting.ts"
import type { Mechanism, MechanismFactory } from "./mechanism.ts"
import { type MessageLimits, messageLimits } from "./message-limits.ts"
import { followingSession, type Phase, type SessionState, TRAFFIC } from "./session-state.ts"

/** What a session finds in the bytes. May pause, resume or stop the session; what it throws comes out of the call. */
export interface SessionSink {
  /** The session itself put bytes into {@link Session.outgoing}. */
  output(): void
  ready(peer: RemotePeer): void
  message(message: Message): void
  /** The peer asks for, or no longer for, a topic. */
  requested(control: Control): void
  /** The peer wants to be heard of within so many milliseconds from now. */
  pinged(timeToLive: number): void
  /** The peer broke the protocol, or its bytes broke us: what they led to has thrown. Nothing follows. */
  failed(error: ZmqError): void
}

/**
 * ZMTP 3 without any I/O (RFC 37): bytes in, messages out, and the other way round. It can be paused between any
 * two messages; the rest of the bytes waits inside. Whatever a sink does from inside a call, it is never re-entered.
 */
export class Session {
  /** Everything to be sent to the peer, the owner's messages included. */
  readonly outgoing = new FrameEncoder()
  readonly #sink: SessionSink
  readonly #decoder = new FrameDecoder(HANDSHAKE_LIMIT, HANDSHAKE_LIMIT)
  readonly #limits: MessageLimits
  #state: SessionState
  /** The next bytes for the decoder, and those behind them; none while nothing holds them up. */
  #chunk: Uint8Array | undefined
  #behind: Uint8Array[] | undefined
  #paused = false
  #running = false
  /** From the first message of several parts on. */
  #assembler: Assembler | undefined

  /** @param maxMessageSize limits each frame of a message, as in libzmq; -1 leaves the fixed limits */
  constructor(local: LocalPeer, maxMessageSize: number, makeMechanism: MechanismFactory, sink: SessionSink) {
    this.#sink = sink
    this.#limits = messageLimits(maxMessageSize)
    const mechanism = makeMechanism(local, () => this.#wake())
    this.#state = { name: "greeting", mechanism, parser: new GreetingParser(mechanism.name) }
  }

  get phase(): Phase {
    return this.#state.name
  }

  /** True when nothing that was received could still lead to a call of the sink. */
  get idle(): boolean {
    return this.#isOver || (this.#decoder.exhausted && this.#chunk === undefined)
  }

  /** Bytes that were received and not looked at yet. */
  get bytes(): number {
    const behind = this.#behind ?? []
    return behind.reduce((sum, { length }) => sum + length, (this.#chunk?.length ?? 0) + this.#decoder.left)
  }

  /** Opens with our greeting, without waiting for the peer's: whoever waited for libzmq's would wait for ever. */
  start(): void {
    if (this.#state.name !== "greeting") return
    const { name, asServer } = this.#state.mechanism
    this.outgoing.raw(encodeGreeting(name, asServer))
    this.#sink.output()
  }

  /** Copies what it can't work off at once. */
  receive(chunk: Uint8Array): void {
    if (this.#isOver) return
    if (this.#paused || this.#running || !this.idle) {
      this.#enqueue(new Uint8Array(chunk))
      return
    }
    this.#chunk = chunk
    this.#run()
    if (this.#chunk === chunk) this.#chunk = new Uint8Array(chunk)
    if (!this.#isOver) this.#decoder.keep()
  }

  /** Where the next bytes belong, if they are the greater part of a large message: see ByteSink. */
  vacancy(): Uint8Array | undefined {
    return this.#state.name === "traffic" && !this.#paused && this.idle ? this.#decoder.vacancy() : undefined
  }

  filled(count: number): void {
    if (this.#isOver) return
    this.#decoder.filled(count)
    this.#run()
  }

  /** Subscriptions have a form in each dialect (RFC 37 and RFC 23). Not before ready. */
  control(control: Control): void {
    if (this.#state.name !== "traffic") return
    if (this.#state.minor === 0) this.outgoing.message([controlMessage(control)])
    else this.outgoing.command(controlCommand(control))
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#run()
  }

  /** The owner wants no more; what was received and not yet delivered is dropped. */
  stop(): void {
    if (!this.#isOver) this.#become({ name: "stopped" })
  }

  get #isOver(): boolean {
    return this.#state.name === "failed" || this.#state.name === "stopped"
  }

  #become(next: SessionState): void {
    this.#state = followingSession(this.#state, next)
    if (!this.#isOver) return
    this.#chunk = undefined
    this.#behind = undefined
    this.#assembler = undefined
  }

  #run(): void {
    if (this.#running) return
    this.#running = true
    try {
      while (!this.#paused && this.#step());
    } catch (error) {
      if (this.#isOver) return
      this.#become({ name: "failed" })
      this.#sink.failed(fromSystemError(error))
    } finally {
      this.#running = false
    }
  }

  /** False when there is nothing left to do. */
  #step(): boolean {
    const state = this.#state
    switch (state.name) {
      case "traffic":
        if (!this.#decoder.read()) return this.#nextChunk()
        this.#frame()
        return true
      case "handshake":
        if (state.due) this.#advance(state.mechanism, state.greeting)
        else if (!this.#decoder.read()) return this.#nextChunk()
        else this.#handshakeFrame(state.mechanism, state.greeting)
        return true
      case "greeting":
        return this.#greet(state.mechanism, state.parser)
      default:
        return false
    }
  }

  #nextChunk(): boolean {
    const chunk = this.#takeChunk()
    if (chunk === undefined) return false
    this.#decoder.feed(chunk)
    return true
  }

  #takeChunk(): Uint8Array | undefined {
    const chunk = this.#chunk
    this.#chunk = this.#behind?.shift()
    return chunk
  }

  #enqueue(chunk: Uint8Array): void {
    if (this.#chunk === undefined) this.#chunk = chunk
    else {
      this.#behind ??= []
      this.#behind.push(chunk)
    }
  }

  #greet(mechanism: Mechanism, parser: GreetingParser): boolean {
    const chunk = this.#takeChunk()
    if (chunk === undefined) return false
    this.#decoder.feed(chunk.subarray(parser.feed(chunk)))
    const greeting = parser.result
    if (greeting !== undefined) this.#become({ name: "handshake", mechanism, greeting, due: true })
    return true
  }

  /** libzmq doesn't ask for the COMMAND flag during the handshake, so neither is it asked for here. */
  #handshakeFrame(mechanism: Mechanism, greeting: Greeting): void {
    mechanism.receive(this.#decoder.body)
    this.#become({ name: "handshake", mechanism, greeting, due: true })
  }

  #wake(): void {
    if (this.#state.name !== "handshake") return
    this.#become({ ...this.#state, due: true })
    this.#run()
  }

  /** Sends what the mechanism has to say. Traffic begins only once both ends are ready. */
  #advance(mechanism: Mechanism, greeting: Greeting): void {
    this.#become({ name: "handshake", mechanism, greeting, due: false })
    for (let body = mechanism.next(); body !== undefined; body = mechanism.next()) this.outgoing.command(body)
    const isReady = mechanism.status === "ready"
    if (isReady) {
      this.#become(TRAFFIC[greeting.minor])
      this.#decoder.messageLimit = this.#limits.part
      this.#decoder.commandLimit = COMMAND_LIMIT
    }
    if (this.outgoing.bytes > 0) this.#sink.output()
    if (isReady) this.#sink.ready(mechanism.peer)
  }

  #frame(): void {
    const { flags, body } = this.#decoder
    if ((flags & COMMAND) !== 0) {
      this.#command(body)
      return
    }
    const more = (flags & MORE) !== 0
    if (more) this.#assembler ??= new Assembler(this.#limits.whole)
    const message = this.#assembler === undefined ? [body] : this.#assembler.add(body, more)
    if (message !== undefined) this.#sink.message(message)
  }

  /**
   * Commands may come between the frames of a message. Unknown and nameless ones are dropped, as libzmq does;
   * handshake commands are refused here, where libzmq drops them too.
   */
  #command(body: Buffer): void {
    const command = parseCommand(body)
    if (command === undefined) return
    if (command.name === "PING") this.#answer(command)
    else if (command.name === "READY" || command.name === "ERROR") throw unexpected(command)
    else {
      const control = parseControl(command)
      if (control !== undefined) this.#sink.requested(control)
    }
  }

  /** While a batch is jammed no PONG is added: a peer could make it grow, and has our other bytes to read anyway. */
  #answer({ data }: Command): void {
    const ping = parsePing(data)
    if (ping === undefined) return
    if (this.outgoing.bytes < BATCH_SIZE) {
      this.outgoing.command(pongCommand(ping.context))
      this.#sink.output()
    }
    this.#sink.pinged(ping.timeToLive)
  }
}
