import { fromSystemError } from "../base/errors.ts"
import { isUint8Array } from "../base/runtime.ts"
import { turnWork } from "../base/turn-work.ts"
import type { LocalPeer } from "../contracts/connection.ts"
import type { Control } from "../contracts/message.ts"
import { Assembler } from "./assembler.ts"
import { controlCommand, controlMessage, parseCommand, unexpected } from "./command.ts"
import { COMMAND, HANDSHAKE_LIMIT, MORE } from "./frame.ts"
import { FrameDecoder } from "./frame-decoder.ts"
import { FrameEncoder } from "./frame-encoder.ts"
import { type Dialect, type Greeting, GreetingExchange, isOld } from "./greeting.ts"
import type { Mechanism, MechanismFactory, Protection } from "./mechanism.ts"
import { type MessageLimits, messageLimits } from "./message-limits.ts"
import { type OldFrameReader, oldFrameReader } from "./old-frames.ts"
import { sayAll, sayGreeting, takeGreeting } from "./say.ts"
import { beginTraffic, openSealed } from "./sealed-frames.ts"
import type { SessionSink } from "./session-sink.ts"
import {
  closeSecrets,
  followingSession,
  type GreetingState,
  type Phase,
  type SessionState,
  trafficState,
} from "./session-state.ts"
import { handleCommand } from "./traffic-commands.ts"

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
    this.#feed(chunk)
    return true
  }

  #feed(chunk: Uint8Array): void {
    this.#decoder.feed(this.#oldFrames === undefined ? chunk : this.#oldFrames.translate(chunk))
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
    const rest = takeGreeting(this.outgoing, greeting, chunk)
    if (!isUint8Array(rest)) {
      this.#refuse(rest)
      return false
    }
    this.#sayGreeting(mechanism, greeting)
    const { result } = greeting
    if (result !== undefined) this.#greeted(mechanism, local, result, rest)
    return true
  }

  #sayGreeting(mechanism: Mechanism, greeting: GreetingExchange): void {
    sayGreeting(this.outgoing, mechanism, greeting)
    if (this.outgoing.bytes > 0) this.#sink.output()
  }

  #greeted(mechanism: Mechanism, local: LocalPeer, greeting: Greeting, rest: Uint8Array): void {
    const { dialect, socketType, first } = greeting
    const next = isOld(dialect) ? mechanism.older?.(socketType) : mechanism
    this.#become({ name: "handshake", mechanism: next ?? mechanism, dialect, due: true })
    if (dialect < "2") {
      this.#oldFrames = oldFrameReader(first !== undefined, local.socketType)
      this.outgoing.becomeOld()
    }
    this.#feed(first === undefined ? rest : Buffer.concat([first, rest]))
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
      this.#refuse(refusal)
      return
    }
    const isReady = mechanism.status === "ready"
    if (isReady) {
      const protection = beginTraffic(this.#decoder, this.outgoing, mechanism, this.#limits.part)
      this.#become(trafficState(dialect, protection))
    }
    if (this.outgoing.bytes > 0) this.#sink.output()
    if (isReady) this.#sink.ready(mechanism.peer)
  }

  #refuse(error: Error): void {
    this.#become({ name: "failed" })
    this.#sink.refused(error)
  }

  #sealedFrame(protection: Protection): void {
    const { body } = this.#decoder
    turnWork.left -= body.length >> SEALED_BYTES_PER_UNIT
    const payload = openSealed(protection, body, this.#limits.part)
    this.#frame(protection.flags, payload)
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
