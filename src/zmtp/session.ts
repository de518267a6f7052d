import { fromSystemError } from "../base/errors.ts"
import { turnWork } from "../base/turn-work.ts"
import type { LocalPeer } from "../contracts/connection.ts"
import type { Control } from "../contracts/message.ts"
import { Assembler } from "./assembler.ts"
import { controlCommand, controlMessage, parseCommand, unexpected } from "./command.ts"
import { COMMAND, COMMAND_LIMIT, HANDSHAKE_LIMIT, MORE } from "./frame.ts"
import { checkSize, FrameDecoder } from "./frame-decoder.ts"
import { FrameEncoder } from "./frame-encoder.ts"
import { type Dialect, type Greeting, GreetingExchange, isOld } from "./greeting.ts"
import type { Mechanism, MechanismFactory, Protection } from "./mechanism.ts"
import { type MessageLimits, messageLimits } from "./message-limits.ts"
import { OldFrameReader } from "./old-frames.ts"
import { sayAll } from "./say.ts"
import type { SessionSink } from "./session-sink.ts"
import {
  closeSecrets,
  followingSession,
  type GreetingState,
  type Phase,
  type SessionState,
  TRAFFIC,
} from "./session-state.ts"
import { handleCommand } from "./traffic-commands.ts"
import { publishes } from "./type-numbers.ts"

const NOTHING = new Uint8Array(0)
/** This frame subscribes to all messages, for a peer of ZMTP 1.0 that may filter by itself and never subscribe. */
const SUBSCRIBE_TO_ALL = Uint8Array.of(0, 1, 1)

/** Two to the power of this many bytes count as one unit of a turn's work. */
const BYTES_PER_UNIT = 12
/** The same for bytes that are to be decrypted. */
const SEALED_BYTES_PER_UNIT = 8

/**
 * A session is ZMTP without any I/O, of versions 3.1 to 1.0 (RFC 37, RFC 15, RFC 13). It turns received bytes into messages, and messages into bytes to send. It
 * can be paused between any two messages; the other bytes wait inside. A sink is never called inside one of its own calls.
 */
export class Session {
  /** Holds all bytes to send to the peer, those of the owner's messages too. */
  readonly outgoing = new FrameEncoder()
  readonly #sink: SessionSink
  readonly #decoder = new FrameDecoder(HANDSHAKE_LIMIT, HANDSHAKE_LIMIT)
  readonly #limits: MessageLimits
  #state: SessionState
  /** These are the next bytes for the decoder, and the chunks after them. */
  #chunk: Uint8Array | undefined
  #behind: Uint8Array[] | undefined
  #paused = false
  #running = false
  /** For peers of the first version. */
  #oldFrames: OldFrameReader | undefined
  /** From exhausted() until goOn(). */
  #resting = false
  /** Exists from the first message of several parts on. */
  #assembler: Assembler | undefined

  /** @param maxMessageSize limits each part of a message, in bytes, as in libzmq; -1 leaves only the fixed limits */
  constructor(local: LocalPeer, maxMessageSize: number, makeMechanism: MechanismFactory, sink: SessionSink) {
    this.#sink = sink
    this.#limits = messageLimits(maxMessageSize)
    const mechanism = makeMechanism(local, () => this.#wake())
    const greeting = new GreetingExchange(mechanism, local)
    this.#state = { name: "greeting", mechanism, greeting, local }
  }

  get phase(): Phase {
    return this.#state.name
  }

  /** True when no received bytes can still lead to a call of the sink. */
  get idle(): boolean {
    return this.#isOver || (!this.#resting && this.#decoder.exhausted && this.#chunk === undefined)
  }

  /** True while it waits for a later turn to go on. */
  get resting(): boolean {
    return this.#resting
  }

  /** This many bytes were received and not parsed yet. */
  get bytes(): number {
    const behind = this.#behind ?? []
    return behind.reduce((sum, { length }) => sum + length, (this.#chunk?.length ?? 0) + this.#decoder.left)
  }

  /** True for a peer that understands commands, such as PING. */
  get takesCommands(): boolean {
    return this.#state.name === "traffic" && !isOld(this.#state.dialect)
  }

  /** True for a peer that must answer a PING with the context of that. */
  get answersPings(): boolean {
    return this.#state.name === "traffic" && this.#state.dialect === "3.1"
  }

  /** Sends the beginning of our greeting at once, because libzmq completes its own only after it has that. */
  start(): void {
    if (this.#state.name === "greeting") this.#sayGreeting(this.#state.mechanism, this.#state.greeting)
  }

  /** Takes received bytes. It copies those that it can't process at once. */
  receive(chunk: Uint8Array): void {
    if (this.#isOver) return
    turnWork.left -= chunk.length >> BYTES_PER_UNIT
    if (this.#paused || this.#running || !this.idle) {
      this.#enqueue(new Uint8Array(chunk))
      return
    }
    this.#chunk = chunk
    this.#run()
    if (this.#chunk === chunk) this.#chunk = new Uint8Array(chunk)
    if (!this.#isOver) this.#decoder.keep()
  }

  /** Returns the memory for the next bytes, if they belong to a large message; see ByteSink. */
  vacancy(): Uint8Array | undefined {
    const isDirect = this.#state.name === "traffic" && this.#oldFrames === undefined
    return isDirect && !this.#paused && this.idle ? this.#decoder.vacancy() : undefined
  }

  filled(count: number): void {
    if (this.#isOver) return
    turnWork.left -= count >> BYTES_PER_UNIT
    this.#decoder.filled(count)
    this.#run()
  }

  /** Sends a subscription in the form of the peer's dialect (RFC 37 and RFC 23). It does nothing before ready. */
  control(control: Control): void {
    if (this.#state.name !== "traffic") return
    if (this.#state.dialect === "3.1") this.outgoing.command(controlCommand(control))
    else this.outgoing.message([controlMessage(control)])
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#run()
  }

  /** A later turn has come. */
  goOn(): void {
    this.#resting = false
    this.#run()
  }

  /** Ends the session. Received bytes that were not delivered are dropped. */
  stop(): void {
    if (!this.#isOver) this.#become({ name: "stopped" })
  }

  get #isOver(): boolean {
    return this.#state.name === "failed" || this.#state.name === "stopped"
  }

  #become(next: SessionState): void {
    const left = this.#state
    this.#state = followingSession(left, next)
    if (!this.#isOver) return
    closeSecrets(left)
    this.#chunk = undefined
    this.#behind = undefined
    this.#assembler?.drop()
  }

  #run(): void {
    if (this.#running || this.#resting) return
    this.#running = true
    const end = turnWork.begin()
    try {
      while (!this.#paused && turnWork.left > end && this.#step());
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#running = false
      turnWork.end()
    }
    if (turnWork.left <= end && !this.#paused) this.#rest()
  }

  #fail(error: unknown): void {
    if (this.#isOver) return
    this.#become({ name: "failed" })
    this.#sink.failed(fromSystemError(error))
  }

  #rest(): void {
    if (this.#state.name !== "traffic") return
    this.#resting = true
    this.#sink.exhausted()
  }

  /** Does the next piece of work. Returns false when there is none. */
  #step(): boolean {
    const state = this.#state
    switch (state.name) {
      case "traffic":
        if (!this.#decoder.read()) return this.#nextChunk()
        turnWork.left--
        if (state.protection === undefined) this.#frame(this.#decoder.flags, this.#decoder.body)
        else this.#sealedFrame(state.protection)
        return true
      case "handshake":
        if (state.due) this.#advance(state.mechanism, state.dialect)
        else if (!this.#decoder.read()) return this.#nextChunk()
        else this.#handshakeFrame(state.mechanism, state.dialect)
        return true
      case "greeting":
        return this.#greet(state)
      default:
        return false
    }
  }

  #nextChunk(): boolean {
    const chunk = this.#takeChunk()
    if (chunk === undefined) return false
    this.#decoder.feed(this.#oldFrames === undefined ? chunk : this.#oldFrames.translate(chunk))
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

  #greet({ mechanism, greeting, local }: GreetingState): boolean {
    const chunk = this.#takeChunk()
    if (chunk === undefined) return false
    const rest = this.#feed(greeting, chunk)
    if (rest === undefined) return false
    this.#sayGreeting(mechanism, greeting)
    const { result } = greeting
    if (result !== undefined) this.#greeted(mechanism, local, result, rest)
    return true
  }

  /** Returns what is left of the chunk. A peer with another mechanism gets our whole greeting, to know why we part. */
  #feed(greeting: GreetingExchange, chunk: Uint8Array): Uint8Array | undefined {
    try {
      return chunk.subarray(greeting.feed(chunk))
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ERR_ZMTP_MECHANISM_MISMATCH") throw error
      for (let piece = greeting.next(); piece !== undefined; piece = greeting.next()) this.outgoing.raw(piece)
      this.#become({ name: "failed" })
      this.#sink.refused(error as Error)
      return undefined
    }
  }

  /**
   * Sends the next piece of our greeting. READY of a mechanism without secrets follows at once, because waiting would take
   * longer. Others wait until the peer has told its mechanism, because they must not say a secret to a stranger.
   */
  #sayGreeting(mechanism: Mechanism, greeting: GreetingExchange): void {
    for (let piece = greeting.next(); piece !== undefined; piece = greeting.next()) this.outgoing.raw(piece)
    const { dialect } = greeting
    const isEarly = mechanism.name === "NULL" && dialect !== undefined && !isOld(dialect)
    if (isEarly) sayAll(this.outgoing, mechanism, dialect)
    if (this.outgoing.bytes > 0) this.#sink.output()
  }

  #greeted(mechanism: Mechanism, local: LocalPeer, greeting: Greeting, rest: Uint8Array): void {
    const { dialect, socketType, first } = greeting
    const next = isOld(dialect) ? mechanism.older?.(socketType) : mechanism
    this.#become({ name: "handshake", mechanism: next ?? mechanism, dialect, due: true })
    if (dialect < "2") {
      const isBare = first !== undefined && publishes(local.socketType)
      this.#oldFrames = new OldFrameReader(isBare ? SUBSCRIBE_TO_ALL : NOTHING)
      this.outgoing.becomeOld()
    }
    const decoder = this.#decoder
    const all = first === undefined ? rest : Buffer.concat([first, rest])
    decoder.feed(this.#oldFrames === undefined ? all : this.#oldFrames.translate(all))
  }

  /** Takes a frame of the handshake. Its COMMAND flag isn't checked, because libzmq doesn't check it either. */
  #handshakeFrame(mechanism: Mechanism, dialect: Dialect): void {
    const { flags, body } = this.#decoder
    if (isOld(dialect) && (flags & (MORE | COMMAND)) !== 0) throw unexpected({ name: "", data: body })
    mechanism.receive(body)
    this.#become({ name: "handshake", mechanism, dialect, due: true })
  }

  #wake(): void {
    if (this.#state.name !== "handshake") return
    this.#become({ ...this.#state, due: true })
    this.#run()
  }

  /** Sends the commands of the mechanism. Traffic begins only once both ends are ready. */
  #advance(mechanism: Mechanism, dialect: Dialect): void {
    this.#become({ name: "handshake", mechanism, dialect, due: false })
    sayAll(this.outgoing, mechanism, dialect)
    const { refusal } = mechanism
    if (refusal !== undefined) {
      this.#become({ name: "failed" })
      this.#sink.refused(refusal)
      return
    }
    const isReady = mechanism.status === "ready"
    if (isReady) {
      this.#begin(mechanism, dialect)
    }
    if (this.outgoing.bytes > 0) this.#sink.output()
    if (isReady) this.#sink.ready(mechanism.peer)
  }

  #begin(mechanism: Mechanism, dialect: Dialect): void {
    const { protection } = mechanism
    const { part } = this.#limits
    this.#decoder.messageLimit = part
    this.#decoder.commandLimit = COMMAND_LIMIT
    if (protection !== undefined) {
      // A frame tells only inside whether it is a command.
      const most = Math.max(part, COMMAND_LIMIT) + protection.overhead
      this.#decoder.messageLimit = most
      this.#decoder.commandLimit = most
      this.outgoing.protect(protection)
      mechanism.close?.()
    }
    this.#become(protection === undefined ? TRAFFIC[dialect] : { name: "traffic", dialect, protection })
  }

  /** Takes a frame that has the real one in it. Its own flags say nothing, because libzmq looks only at those inside. */
  #sealedFrame(protection: Protection): void {
    const { body } = this.#decoder
    turnWork.left -= body.length >> SEALED_BYTES_PER_UNIT
    const payload = protection.open(body)
    const { flags } = protection
    const isCommand = (flags & COMMAND) !== 0
    checkSize(isCommand ? COMMAND : 0, payload.length, isCommand ? COMMAND_LIMIT : this.#limits.part)
    this.#frame(flags, payload)
  }

  #frame(flags: number, body: Buffer): void {
    if ((flags & COMMAND) !== 0) {
      if (!this.takesCommands) throw unexpected(parseCommand(body) ?? { name: "", data: body })
      handleCommand(body, this.outgoing, this.#sink)
      return
    }
    const more = (flags & MORE) !== 0
    if (more) this.#assembler ??= new Assembler(this.#limits.whole, error => this.#fail(error))
    const message = this.#assembler === undefined ? [body] : this.#assembler.add(body, more)
    if (message !== undefined) this.#sink.message(message)
  }
}
