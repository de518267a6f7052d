import { afterMicrotasks } from "../base/runtime.ts"
import { transitions } from "../base/transitions.ts"
import type {
  ByteStream,
  Connection,
  ConnectionSink,
  RemotePeer,
  UnreadMessages,
} from "../contracts/connection.ts"
import type { Message } from "../contracts/message.ts"
import { READ_AHEAD } from "./unread-input.ts"

/** A received message has at most this many bytes. libzmq reads as many at a time. */
const LONGEST_CHUNK = 8192

const NOBODY: RemotePeer = { socketType: undefined, routingId: Buffer.alloc(0) }
const NOTHING = Buffer.alloc(0)

type State =
  | { readonly name: "open" }
  /** The peer takes no more bytes. The bytes that it has sent are read to their end, even while paused. */
  | { readonly name: "inputOnly" }
  /** We have ended the connection. Nothing more is delivered, and the stream will call closed(). */
  | { readonly name: "leaving" }
  /** The stream is closed, but the sink has not been told yet. */
  | { readonly name: "lost"; readonly error?: Error | undefined }
  /** The sink has been told. */
  | { readonly name: "closed" }

const following = transitions<State["name"]>("a raw connection", {
  open: ["inputOnly", "leaving", "lost"],
  inputOnly: ["leaving", "lost"],
  leaving: ["closed"],
  lost: ["closed"],
  closed: [],
})

/**
 * A raw connection carries bytes without a protocol, for STREAM sockets. Each received chunk becomes one or more messages of
 * one part. Sent messages are written as they are. With `notify`, an empty message tells that the connection has begun,
 * and another one that it has ended (zmq_setsockopt(3), ZMQ_STREAM_NOTIFY).
 */
export class RawConnection implements Connection {
  readonly peer = NOBODY
  readonly local: string
  readonly remote: string
  readonly #stream: ByteStream
  readonly #notify: boolean
  #state: State = { name: "open" }
  #sink: ConnectionSink | undefined
  #paused = false
  #unsent = 0
  /** These chunks were received and not delivered yet. */
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
      drain: () => this.#drained(),
      writeFailed: () => this.#writeFailed(),
      closed: error => this.#lose(error),
    })
    this.#continueSoon()
  }

  send(message: Message): boolean {
    if (this.#state.name !== "open") return false
    const room = this.#stream.write(message)
    this.#unsent = room ? 0 : this.#unsent + 1
    return room
  }

  get unsent(): number {
    return this.#unsent
  }

  /** Does nothing, because bare bytes can't carry controls. */
  control(): void {}

  pause(): void {
    this.#paused = true
    if (this.#state.name === "open") this.#stream.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#continueSoon()
  }

  end(): void {
    if (!this.#leave()) return
    // The stream is read on, because unread input could keep the close from being noticed.
    this.#stream.resume()
    this.#stream.end()
  }

  destroy(error?: Error): void {
    this.#leave()
    if (this.#state.name === "leaving") this.#stream.destroy(error)
  }

  /** Ends the delivery. Returns false when the stream is closed, or the delivery was ended before. */
  #leave(): boolean {
    this.#held.length = 0
    this.resume()
    if (!this.#reads) return false
    this.#become({ name: "leaving" })
    return true
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
    if (this.#state.name === "inputOnly" && this.#heldBytes > READ_AHEAD) this.#stream.destroy()
  }

  /** The peer's bytes are read even while paused, because their end would not be noticed otherwise. */
  #writeFailed(): void {
    if (this.#state.name !== "open") return
    this.#become({ name: "inputOnly" })
    this.#sink!.writeFailed?.()
    this.#stream.resume()
  }

  get #heldBytes(): number {
    return this.#held.reduce((sum, { length }) => sum + length, 0)
  }

  #drained(): void {
    this.#unsent = 0
    this.#sink!.drain()
  }

  /** The stream is closed. */
  #lose(error: Error | undefined): void {
    if (this.#state.name === "leaving") {
      this.#tell(error)
      return
    }
    if (this.#notify) this.#held.push(NOTHING)
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
    return { bytes: this.#heldBytes, next }
  }
}
