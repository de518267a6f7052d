import type {
  ByteStream,
  Connection,
  ConnectionSink,
  Control,
  LocalPeer,
  Message,
  RemotePeer,
} from "../contracts.ts"
import { fromSystemError, ZmqError } from "../errors.ts"
import { afterMicrotasks, unrefTimeout } from "../runtime.ts"
import { pingCommand } from "./command.ts"
import { EMPTY } from "./frame.ts"
import { Heartbeat, type HeartbeatOptions } from "./heartbeat.ts"
import type { MechanismFactory } from "./mechanisms/mechanism.ts"
import { NullMechanism } from "./mechanisms/null.ts"
import { Output } from "./output.ts"
import { Session } from "./session.ts"

/** The socket options that ZMTP looks at (zmq_setsockopt(3)). */
export interface ZmtpOptions extends HeartbeatOptions {
  /** Bytes of one frame of a message; -1 for no limit. */
  readonly maxMessageSize: number
  /** Milliseconds for greeting and handshake together; 0 for ever. */
  readonly handshakeInterval: number
}

/**
 * Speaks ZMTP 3.1 over a fresh byte stream: greeting, handshake, then messages (RFC 37). Rejects, with the stream
 * destroyed, when the peer breaks the protocol (a protocol error), leaves (EPIPE, or the stream's own error), is
 * too slow (EAGAIN), or the signal is aborted (its reason).
 */
export function upgradeToZmtp(
  stream: ByteStream,
  local: LocalPeer,
  options: ZmtpOptions,
  signal?: AbortSignal,
  mechanism: MechanismFactory = peer => new NullMechanism(peer),
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const link = new ZmtpConnection(stream, local, options, mechanism, failure => {
      clearTimeout(timer)
      signal?.removeEventListener("abort", abort)
      if (failure === undefined) resolve(link)
      else reject(failure)
    })
    const abort = () => link.refuse(signal?.reason)
    const interval = options.handshakeInterval
    const timer = interval > 0 ? unrefTimeout(() => link.refuse(tooSlow(interval)), interval) : undefined
    signal?.addEventListener("abort", abort)
    if (signal?.aborted) abort()
    else link.start()
  })
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

class ZmtpConnection implements Connection {
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
  #sink: ConnectionSink | undefined
  #paused = false

  constructor(
    stream: ByteStream,
    local: LocalPeer,
    options: ZmtpOptions,
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
      message: message => this.#deliver(message),
      control: control => this.#guarded(sink => sink.control(control)),
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

  /** Begins the handshake. */
  start(): void {
    this.#stream.open({
      data: chunk => this.#data(chunk),
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
    this.#sink = sink
    this.resume()
  }

  send(message: Message): boolean {
    if (this.#state.phase !== "open") return false
    this.#session.outgoing.message(message)
    return this.#output.push()
  }

  control(control: Control): void {
    if (this.#phase !== "open") return
    this.#session.control(control)
    this.#output.push()
  }

  pause(): void {
    this.#paused = true
    if (this.#phase !== "open") return
    this.#session.pause()
    this.#heartbeat.suspend()
    this.#stream.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#continueSoon()
  }

  end(): void {
    if (this.#phase === "lost") this.#session.stop()
    if (this.#phase !== "open") return
    this.#become({ phase: "leaving" })
    this.#output.finish()
    this.#silence()
    // Unread input could keep the close from being noticed.
    this.#stream.resume()
    this.#stream.end()
  }

  destroy(error?: Error): void {
    if (this.#phase === "handshake") this.refuse(error ?? new ZmqError("ECONNABORTED"))
    else if (this.#phase === "lost") this.#session.stop()
    else if (this.#phase !== "closed") this.#tearDown(error)
    this.#continueSoon()
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

  #drained(): void {
    if (!this.#output.drained() || this.#phase !== "open") return
    this.#guarded(sink => sink.drain())
  }

  #ping(timeToLive: number): boolean {
    // A peer that takes nothing cannot be expected to answer.
    if (this.#output.blocked) return false
    this.#session.outgoing.command(pingCommand(timeToLive))
    this.#output.push()
    return true
  }

  #deliver(message: Message): void {
    try {
      this.#sink?.message(message)
    } catch (error) {
      surface(error)
    }
  }

  #guarded(call: (sink: ConnectionSink) => void): void {
    try {
      if (this.#sink !== undefined) call(this.#sink)
    } catch (error) {
      surface(error)
    }
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

  /** The stream is closed. Messages it brought may still wait for a resume(). */
  #lose(error: Error | undefined): void {
    if (this.#state.phase === "handshake") return this.refuse(closedEarly(this.#session.phase, error))
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
    this.#guarded(sink => sink.closed(error))
  }

  #read(): void {
    if (this.#phase === "open") this.#heartbeat.resume()
    this.#session.resume()
    if (this.#phase === "open" && !this.#paused) this.#stream.resume()
  }
}

/** A sink that throws is a bug of ours or of an application: seen by all, and of no harm to the connection. */
function surface(error: unknown): void {
  afterMicrotasks(() => {
    throw error
  })
}

function tooSlow(interval: number): ZmqError {
  return new ZmqError("EAGAIN", { reason: `the handshake took longer than ${interval} ms` })
}

/** libzmq tells no reason when it refuses somebody, it just leaves: all we know is how far we had come. */
function closedEarly(phase: string, error: Error | undefined): ZmqError {
  const reason = `the peer closed during the ${phase}`
  if (error === undefined) return new ZmqError("EPIPE", { reason })
  return new ZmqError(fromSystemError(error).code, { reason, cause: error })
}
