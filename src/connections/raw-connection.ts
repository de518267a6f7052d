import { afterMicrotasks } from "../base/runtime.ts"
import { transitions } from "../base/transitions.ts"
import type { ByteStream, Connection, ConnectionSink, RemotePeer } from "../contracts/connection.ts"
import type { Message } from "../contracts/message.ts"

/** Bytes of a received message at most: as much as libzmq reads at a time. */
const LONGEST_CHUNK = 8192

const NOBODY: RemotePeer = { socketType: undefined, routingId: Buffer.alloc(0) }
const NOTHING = Buffer.alloc(0)

type State =
  | { readonly name: "open" }
  /** We end it: nothing more is delivered; the stream will tell when it is closed. */
  | { readonly name: "leaving" }
  /** The stream is closed; what it brought may still have to be delivered. */
  | { readonly name: "lost"; readonly error?: Error | undefined }
  /** The owner knows. */
  | { readonly name: "closed" }

const following = transitions<State["name"]>("a raw connection", {
  open: ["leaving", "lost"],
  leaving: ["closed"],
  lost: ["closed"],
  closed: [],
})

/**
 * A byte stream without a protocol, as ZMQ_STREAM sockets use it: what is received is cut into messages of one part
 * wherever it happens to end, what is sent is written as it is. With `notify`, an empty message tells that the
 * connection began, and another that the peer has ended it (zmq_setsockopt(3), ZMQ_STREAM_NOTIFY).
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
      // A copy: chunks are borrowed.
      data: chunk => this.#data(Buffer.from(chunk)),
      drain: () => this.#drained(),
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

  /** There is nobody who would understand. */
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
    // Unread input could keep the close from being noticed.
    this.#stream.resume()
    this.#stream.end()
  }

  destroy(error?: Error): void {
    this.#leave()
    if (this.#state.name === "leaving") this.#stream.destroy(error)
  }

  /** Nothing more is delivered. False when the stream is closed, or was left before. */
  #leave(): boolean {
    const { name } = this.#state
    this.#held.length = 0
    this.resume()
    if (name === "open") this.#become({ name: "leaving" })
    return name === "open"
  }

  #become(next: State): void {
    this.#state = following(this.#state, next)
  }

  #data(chunk: Buffer): void {
    if (this.#state.name !== "open") return
    this.#held.push(chunk)
    if (this.#held.length === 1) this.#deliver()
  }

  #drained(): void {
    this.#unsent = 0
    this.#sink!.drain()
  }

  /** The stream is closed. What it brought may still wait for a resume(). */
  #lose(error: Error | undefined): void {
    if (this.#state.name === "leaving") {
      this.#tell(error)
      return
    }
    if (this.#notify) this.#held.push(NOTHING)
    this.#become({ name: "lost", error })
    this.#continueSoon()
  }

  /** Later, so that nobody is called back from inside a call of his own. */
  #continueSoon(): void {
    afterMicrotasks(() => this.#continue())
  }

  #continue(): void {
    if (this.#sink === undefined) return
    this.#deliver()
    if (this.#paused || this.#held.length > 0) return
    if (this.#state.name === "open") this.#stream.resume()
    else if (this.#state.name === "lost") this.#tell(this.#state.error)
  }

  #deliver(): void {
    for (let chunk = this.#next(); chunk !== undefined; chunk = this.#next()) this.#sink!.message([chunk])
  }

  #next(): Buffer | undefined {
    const chunk = this.#paused ? undefined : this.#held.shift()
    if (chunk === undefined || chunk.length <= LONGEST_CHUNK) return chunk
    this.#held.unshift(chunk.subarray(LONGEST_CHUNK))
    return chunk.subarray(0, LONGEST_CHUNK)
  }

  #tell(error: Error | undefined): void {
    this.#become({ name: "closed" })
    this.#sink!.closed(error)
  }
}
