import { afterMicrotasks, allocateShared, forbidTransfer } from "../base/runtime.ts"
import type { TimeLimit } from "../base/time-limit.ts"
import { transitions } from "../base/transitions.ts"
import type {
  ByteStream,
  Connection,
  ConnectionSink,
  RemotePeer,
  UnreadMessages,
} from "../contracts/connection.ts"
import type { Message } from "../contracts/message.ts"
import { endUnawaited } from "./end-unawaited.ts"
import { MOST_AHEAD, type PausedConnection, pausedPeers } from "./paused-peers.ts"
import { Unconfirmed } from "./unconfirmed.ts"
import { READ_AHEAD } from "./unread-input.ts"

/** A received message has at most this many bytes. libzmq reads as many at a time. */
const LONGEST_CHUNK = 8192

const NOBODY: RemotePeer = { socketType: undefined, routingId: Buffer.alloc(0) }
const NOTHING = allocateShared(0)

type State =
  | { readonly name: "open" }
  /** The peer takes no more bytes. The bytes that it has sent are read to their end, even while paused. */
  | { readonly name: "inputOnly" }
  /** We end it in order: nothing more is delivered; the stream will tell when the peer has everything. */
  | { readonly name: "ending" }
  /** We destroy it: nothing more is delivered; the stream will tell when it is closed. */
  | { readonly name: "leaving" }
  /** The stream is closed, but the sink has not been told yet. */
  | { readonly name: "lost"; readonly error?: Error | undefined }
  /** The sink has been told. */
  | { readonly name: "closed" }

const following = transitions<State["name"]>("a raw connection", {
  open: ["inputOnly", "ending", "leaving", "lost"],
  inputOnly: ["leaving", "lost"],
  ending: ["leaving", "lost"],
  leaving: ["leaving", "lost"],
  lost: ["closed"],
  closed: [],
})

/**
 * A raw connection carries bytes without a protocol, for STREAM sockets. Each received chunk becomes one or more messages of
 * one part. Sent messages are written as they are. With `notify`, an empty message tells that the connection has begun,
 * and another one that it has ended (zmq_setsockopt(3), ZMQ_STREAM_NOTIFY).
 */
export class RawConnection implements Connection, PausedConnection {
  readonly peer = NOBODY
  readonly local: string
  readonly remote: string
  readonly #stream: ByteStream
  readonly #notify: boolean
  #state: State = { name: "open" }
  #sink: ConnectionSink | undefined
  #paused = false
  readonly #written = new Unconfirmed()
  /** The time that the peer has to close its side, once nobody waits for that. */
  #patience: TimeLimit | undefined
  /** Received and not delivered yet, in order. */
  readonly #held: Buffer[] = []

  constructor(stream: ByteStream, notify: boolean) {
    this.#stream = stream
    this.local = stream.local
    this.remote = stream.remote
    this.#notify = notify
    if (notify) this.#held.push(NOTHING)
  }

  open(sink: ConnectionSink): void {
    this.#sink = sink
    this.#stream.open({
      // The chunk is copied, because the stream uses its memory again.
      data: chunk => this.#data(Buffer.from(chunk)),
      drain: () => this.#sink!.drain(),
      writeFailed: () => this.#writeFailed(),
      closed: error => {
        this.#patience?.stop()
        this.#lose(error)
      },
    })
    this.#continueSoon()
  }

  send(message: Message): boolean {
    if (this.#state.name !== "open") return false
    this.#written.add(1, message[0]!.length)
    return this.#stream.write(message)
  }

  get unconfirmed(): number {
    return this.#written.messages
  }

  /** Does nothing, because bare bytes can't carry controls. */
  control(): void {}

  pause(): void {
    this.#paused = true
    if (this.#state.name !== "open") return
    this.#stream.pause()
    pausedPeers.add(this)
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#continueSoon()
  }

  end(): void {
    if (this.#state.name === "inputOnly") this.destroy()
    this.#dropInput()
    if (this.#state.name !== "open") return
    this.#become({ name: "ending" })
    // Unread input could keep the close from being noticed.
    this.#stream.resume()
    if (this.unconfirmed > 0) this.#stream.end()
    else {
      this.#patience = endUnawaited(this.#stream)
      this.#lose(undefined)
    }
  }

  destroy(error?: Error): void {
    this.#dropInput()
    if (this.#state.name === "lost" || this.#state.name === "closed") return
    this.#become({ name: "leaving" })
    this.#stream.destroy(error)
  }

  get isPaused(): boolean {
    return this.#paused && this.#state.name === "open"
  }

  get ahead(): number {
    return this.#held.reduce((sum, { length }) => sum + length, 0)
  }

  /** Reads ahead, because only a read shows that the peer has left. We may not write to it: every byte is its program's. */
  probe(mayReadAhead: boolean): void {
    if (mayReadAhead && this.ahead < MOST_AHEAD) this.#stream.resume()
  }

  /** Nothing more is delivered. */
  #dropInput(): void {
    this.#held.length = 0
    this.resume()
  }

  get #reads(): boolean {
    return this.#state.name === "open" || this.#state.name === "inputOnly"
  }

  #become(next: State): void {
    this.#state = following(this.#state, next)
  }

  #data(chunk: Buffer): void {
    if (!this.#reads) return
    this.#held.push(chunk)
    if (this.#held.length === 1) this.#deliver()
    if (this.#state.name === "inputOnly" && this.ahead > READ_AHEAD) this.#stream.destroy()
    else if (this.isPaused && this.ahead >= MOST_AHEAD) this.#stream.pause()
  }

  /** The peer's bytes are read even while paused, because their end would not be noticed otherwise. */
  #writeFailed(): void {
    if (this.#state.name !== "open") return
    this.#become({ name: "inputOnly" })
    this.#sink!.writeFailed?.()
    this.#stream.resume()
  }

  /** The stream is closed. */
  #lose(error: Error | undefined): void {
    const { name } = this.#state
    if (name === "lost" || name === "closed") return
    if (name === "ending" && error === undefined) this.#written.confirm()
    if (this.#reads && this.#notify) this.#held.push(NOTHING)
    this.#become({ name: "lost", error })
    this.#continueSoon()
  }

  /** Continues later, because the sink must not be called while it calls a method of the connection. */
  #continueSoon(): void {
    afterMicrotasks(() => this.#continue())
  }

  #continue(): void {
    if (this.#sink === undefined) return
    this.#deliver()
    if (this.#state.name === "lost") this.#tell(this.#state.error)
    else if (this.#state.name === "open" && !this.#paused && this.#held.length === 0) this.#stream.resume()
  }

  #deliver(): void {
    while (!this.#paused && this.#held.length > 0) this.#sink!.message([this.#next()!])
  }

  #next(): Buffer | undefined {
    const chunk = this.#held.shift()
    if (chunk === undefined || chunk.length <= LONGEST_CHUNK) return chunk
    forbidTransfer(chunk.buffer)
    this.#held.unshift(chunk.subarray(LONGEST_CHUNK))
    return chunk.subarray(0, LONGEST_CHUNK)
  }

  #tell(error: Error | undefined): void {
    this.#become({ name: "closed" })
    this.#sink!.closed(error, this.#unread())
  }

  /** Returns the chunks that were not delivered, as messages. */
  #unread(): UnreadMessages | undefined {
    if (this.#held.length === 0) return undefined
    const next = () => {
      const chunk = this.#next()
      return chunk && [chunk]
    }
    return { bytes: this.ahead, next }
  }
}
