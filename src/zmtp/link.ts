import type {
  ByteStream,
  Connection,
  ConnectionSink,
  Control,
  LocalPeer,
  Message,
  RemotePeer,
} from "../contracts.ts"
import { ZmqError } from "../errors.ts"
import { afterMicrotasks } from "../runtime.ts"
import { pingCommand } from "./command.ts"
import { EMPTY } from "./frame.ts"
import { closedEarly } from "./handshake-errors.ts"
import { Heartbeat, type HeartbeatOptions } from "./heartbeat.ts"
import type { MechanismFactory } from "./mechanisms/mechanism.ts"
import { Output } from "./output.ts"
import { SafeSink } from "./safe-sink.ts"
import { Session } from "./session.ts"

/** What a link has to know; milliseconds and bytes. */
export interface LinkOptions extends HeartbeatOptions {
  /** Bytes of one frame of a message; -1 for no limit. */
  readonly maxMessageSize: number
}

type State =
  /** No owner yet. */
  | { readonly phase: "handshake" }
  | { readonly phase: "open" }
  /** We end it: the stream will tell when it is closed. */
  | { readonly phase: "leaving"; readonly error?: Error | undefined }
  /** The stream is closed; what it brought may still have to be delivered. */
  | { readonly phase: "lost"; readonly error?: Error | undefined }
  /** The owner knows. */
  | { readonly phase: "closed" }

const FOLLOWERS: Readonly<Record<State["phase"], readonly State["phase"][]>> = {
  handshake: ["open", "closed"],
  open: ["leaving", "lost"],
  leaving: ["leaving", "lost"],
  lost: ["lost", "closed"],
  closed: [],
}

/** One connection that speaks ZMTP, from its greeting to its end; see {@link Connection}. */
export class ZmtpLink implements Connection {
  readonly encodesAtOnce = true
  readonly local: string
  readonly remote: string
  #peer: RemotePeer = { socketType: undefined, routingId: EMPTY }
  readonly #stream: ByteStream
  readonly #session: Session
  readonly #output: Output
  readonly #heartbeat: Heartbeat
  /** Tells of the end of the handshake, once; with the reason when it failed. */
  readonly #settle: (failure?: unknown) => void
  #state: State = { phase: "handshake" }
  #sink: SafeSink | undefined
  #paused = false

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
    this.#session = new Session(local, options.maxMessageSize, mechanism, {
      output: () => this.#output.push(),
      ready: peer => this.#ready(peer),
      message: message => this.#sink?.message(message),
      control: control => this.#sink?.control(control),
      pinged: timeToLive => this.#heartbeat.pinged(timeToLive),
      failed: error => this.#fail(error),
    })
    this.#output = new Output(this.#session.outgoing, stream)
    this.#heartbeat = new Heartbeat(options, {
      ping: timeToLive => this.#ping(timeToLive),
      expired: reason => this.destroy(new ZmqError("ETIMEDOUT", { reason })),
    })
  }

  get peer(): RemotePeer {
    return this.#peer
  }

  get unsent(): number {
    return this.#output.unsent
  }

  /** Begins the handshake. */
  start(): void {
    this.#stream.open({
      data: chunk => this.#data(chunk),
      vacancy: () => (this.#phase === "open" ? this.#session.vacancy() : undefined),
      filled: count => this.#filled(count),
      drain: () => this.#drained(),
      closed: error => this.#lose(error),
    })
    if (this.#phase === "handshake") this.#session.start()
  }

  /** Ends the handshake without a connection. */
  refuse(failure: unknown): void {
    if (this.#phase !== "handshake") return
    this.#become({ phase: "closed" })
    this.#silence()
    this.#stream.destroy()
    this.#settle(failure)
  }

  open(sink: ConnectionSink): void {
    this.#sink = new SafeSink(sink)
    this.resume()
  }

  send(message: Message): boolean {
    if (this.#state.phase !== "open") return false
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
    this.#heartbeat.suspend()
    if (this.#phase === "open") this.#stream.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#continueSoon()
  }

  end(): void {
    if (this.#phase === "lost") this.#forget()
    if (this.#phase !== "open") return
    this.#become({ phase: "leaving" })
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
  get #phase(): State["phase"] {
    return this.#state.phase
  }

  #become(next: State): void {
    const { phase } = this.#state
    if (!FOLLOWERS[phase].includes(next.phase))
      throw new Error(`a connection cannot go from ${phase} to ${next.phase}`)
    this.#state = next
  }

  #ready(peer: RemotePeer): void {
    this.#peer = peer
    this.#become({ phase: "open" })
    this.#heartbeat.start()
    // Messages wait in the session, and behind it in the stream, until somebody listens.
    this.pause()
    this.#settle()
  }

  #data(chunk: Uint8Array): void {
    if (this.#phase !== "open" && this.#phase !== "handshake") return
    this.#heartbeat.alive()
    this.#session.receive(chunk)
  }

  #filled(count: number): void {
    if (this.#phase !== "open") return
    this.#heartbeat.alive()
    this.#session.filled(count)
  }

  #drained(): void {
    if (this.#output.drained()) this.#sink?.drain()
  }

  #ping(timeToLive: number): boolean {
    // A peer that takes nothing cannot be expected to answer.
    if (this.#output.blocked) return false
    this.#session.outgoing.command(pingCommand(timeToLive))
    this.#output.push()
    return true
  }

  /** The peer broke the protocol. */
  #fail(error: ZmqError): void {
    if (this.#phase === "handshake") this.refuse(error)
    else if (this.#phase === "lost") this.#become({ phase: "lost", error })
    else this.#tearDown(error)
  }

  /** Closes the stream at once; the first error is the one to be told. */
  #tearDown(error: Error | undefined): void {
    const earlier = this.#state.phase === "leaving" ? this.#state.error : undefined
    this.#become({ phase: "leaving", error: earlier ?? error })
    this.#silence()
    this.#stream.destroy(error)
  }

  /** Nothing is parsed, sent or watched any more. */
  #silence(): void {
    this.#session.stop()
    this.#output.stop()
    this.#heartbeat.stop()
  }

  /** The stream is closed, and nobody wants what it brought. */
  #forget(): void {
    this.#session.stop()
    this.#continueSoon()
  }

  /** The stream is closed. Messages it brought may still wait for a resume(). */
  #lose(error: Error | undefined): void {
    if (this.#phase === "handshake") this.refuse(closedEarly(this.#session.phase, error))
    if (this.#state.phase !== "open" && this.#state.phase !== "leaving") return
    const earlier = this.#state.phase === "leaving" ? this.#state.error : undefined
    this.#become({ phase: "lost", error: earlier ?? error })
    this.#output.stop()
    this.#heartbeat.stop()
    this.#continueSoon()
  }

  /** Later, so that nobody is called back from inside a call of his own. */
  #continueSoon(): void {
    afterMicrotasks(() => this.#continue())
  }

  #continue(): void {
    if (this.#sink === undefined) return
    if (!this.#paused) this.#read()
    if (this.#state.phase !== "lost" || !this.#session.idle) return
    const { error } = this.#state
    this.#become({ phase: "closed" })
    this.#sink.closed(error)
  }

  #read(): void {
    if (this.#phase === "open") this.#heartbeat.resume()
    this.#session.resume()
    if (this.#phase === "open" && !this.#paused) this.#stream.resume()
  }
}
