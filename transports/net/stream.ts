import { Socket as NetSocket, type Socket } from "node:net"
import { fromSystemError } from "../../src/base/errors.ts"
import { atExit, type ExitTask, isExiting, notAtExit } from "../../src/base/process-exit.ts"
import { afterMicrotasks, nextTurn } from "../../src/base/runtime.ts"
import { TimeLimit } from "../../src/base/time-limit.ts"
import type { ByteSink, ByteStream } from "../../src/contracts/connection.ts"
import { DirectWrites } from "./direct-writes.ts"
import { type Intake, OwnReads } from "./own-reads.ts"

/**
 * The peer's last bytes are read for this many milliseconds at most. After our orderly close they are dropped; after a
 * failed write they are delivered.
 */
const FAREWELL = 1000

/**
 * - open: bytes go both ways
 * - ending: written bytes still go out; arriving ones are dropped
 * - destroyed: the stream waits for the socket's close
 * - closed: nothing follows
 */
type Phase = "open" | "ending" | "destroyed" | "closed"

/** A socket has its stream under this key, because its listeners are shared by all sockets to save memory. */
const STREAM = Symbol("stream")

interface StreamSocket extends Socket {
  [STREAM]: NetStream
}

/** Node's sockets have these members beyond their types. */
interface Inside {
  readonly _handle?: { readonly writeQueueSize?: number } | null
  readonly writableLength: number
}

/**
 * This is a byte stream over a connected socket of node:net, for tcp and ipc. The socket must have been created with
 * `allowHalfOpen`, and be paused. It doesn't keep the process running, except while the kernel has not taken all bytes.
 */
export class NetStream implements ByteStream, Intake, ExitTask {
  readonly local: string
  readonly remote: string
  readonly #socket: StreamSocket
  readonly #reads: OwnReads
  #sink: ByteSink | undefined
  /** This is the sink while it takes input; undefined once input is dropped. */
  #receiver: ByteSink | undefined
  #phase: Phase = "open"
  #error: Error | undefined
  /** True when a write() returned false and no drain() has followed. */
  #owesDrain = false
  /** Holds the last chunks written, while the kernel has not taken all of them. */
  #recent: Uint8Array[] = []
  /** Is set when the process exits before the kernel has taken everything. */
  #direct: DirectWrites | undefined

  constructor(given: Socket, local: string, remote: string) {
    this.#reads = new OwnReads(given, this)
    const { socket } = this.#reads
    this.#socket = Object.assign(socket, { [STREAM]: this })
    this.local = local
    this.remote = remote
    surviveWriteErrors(this.#socket)
    for (const [event, listener] of LISTENERS) socket.on(event, listener)
    socket.unref()
  }

  open(sink: ByteSink): void {
    this.#sink = sink
    if (this.#phase === "closed") nextTurn(() => sink.closed(this.#reason()))
    if (this.#phase !== "open") return
    this.#receiver = sink
    this.#reads.resume()
    if (this.#owesDrain) nextTurn(() => this.#drainIfEmpty())
  }

  vacancy(): Uint8Array | undefined {
    return this.#receiver?.vacancy?.()
  }

  filled(count: number): void {
    this.#receiver?.filled?.(count)
  }

  data(chunk: Uint8Array): void {
    this.#receiver?.data(chunk)
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#phase !== "open" || chunks.length === 0) return true
    // The peer has left, so the chunks are dropped and no drain() follows. closed() comes after the end of the input.
    if (this.#error !== undefined) return false
    if (this.#direct !== undefined) return this.#direct.write(chunks)
    const socket = this.#socket
    if (chunks.length === 1) socket.write(chunks[0]!, () => this.#drainIfEmpty())
    else this.#writeAll(chunks)
    if (socket.writableLength === 0) return true
    this.#recent.push(...chunks)
    this.#owesDrain = true
    if (isExiting()) return this.#beginDirectWrites().write()
    atExit(this)
    return false
  }

  get unwritten(): number {
    const { _handle: handle, writableLength } = this.#socket as Inside
    // Both are added, because the second sinks only when libuv has sent all that it holds, and the first at once.
    return (handle?.writeQueueSize ?? 0) + writableLength
  }

  pause(): void {
    if (this.#phase === "open") this.#reads.pause()
  }

  resume(): void {
    if (this.#phase === "open" && this.#sink !== undefined) this.#reads.resume()
  }

  end(): void {
    if (this.#phase !== "open") return
    this.#phase = "ending"
    this.#dropInput()
    this.#socket.end()
  }

  destroy(error?: Error): void {
    if (this.#phase === "destroyed" || this.#phase === "closed") return
    this.#phase = "destroyed"
    this.#error ??= error
    this.#receiver = undefined
    this.#forgetRecent()
    this.#socket.destroy()
  }

  #writeAll(chunks: readonly Uint8Array[]): void {
    const socket = this.#socket
    const last = chunks.length - 1
    socket.cork()
    for (let i = 0; i < last; i++) socket.write(chunks[i]!)
    socket.write(chunks[last]!, () => this.#drainIfEmpty())
    socket.uncork()
  }

  // Node's own 'drain' is not used, because it means Node's high-water mark; ours means that the kernel has everything.
  #drainIfEmpty(): void {
    if (!this.#owesDrain || this.#sink === undefined || this.#phase !== "open") return
    if (this.#socket.writableLength > 0 || this.#error !== undefined) return
    this.#owesDrain = false
    this.#forgetRecent()
    this.#sink.drain()
  }

  /** Forgets the last chunks, because the kernel has taken them or will never get them. */
  #forgetRecent(): void {
    if (this.#recent.length === 0) return
    this.#recent = []
    notAtExit(this)
  }

  /** Gives the kernel as many bytes as it has room for, because the process exits. Queued messages follow by drain(). */
  exit(): void {
    if (this.#phase !== "open" && this.#phase !== "ending") return
    const direct = this.#beginDirectWrites()
    while (direct.write() && this.#phase === "open" && this.#owesDrain) {
      this.#owesDrain = false
      this.#sink?.drain()
    }
  }

  #beginDirectWrites(): DirectWrites {
    this.#direct ??= new DirectWrites(this.#socket, this.#recent)
    // The stream is destroyed, because it must send nothing twice when somebody only emitted the exit event.
    afterMicrotasks(() => this.destroy())
    return this.#direct
  }

  /** Reads and drops the input, because unread input would turn our close into a reset that costs the peer its data. */
  #dropInput(): void {
    this.#receiver = undefined
    this.#reads.resume()
  }

  // --- The socket's side

  /** Is called at the peer's end mark, which counts as a close, unless end() still has bytes to send. */
  peerEnded(): void {
    if (this.#phase !== "open") return
    this.#phase = "destroyed"
    this.#socket.destroy()
  }

  /** Is called when the kernel has our last byte and end mark. The peer may still be sending. */
  flushed(): void {
    const socket = this.#socket
    if (socket.readableEnded || socket.destroyed) return
    const limit = new TimeLimit(FAREWELL, () => socket.destroy())
    socket.once("close", () => limit.stop())
    this.closed()
  }

  failed(error: Error): void {
    this.#error ??= error
  }

  /**
   * Is called when a write failed because the peer has left. Its earlier bytes can still be read, and then its end mark.
   * That read has a time limit, because a peer that has only shut its reading side sends no end mark.
   */
  writeFailed(error: Error): void {
    if (this.#error !== undefined) return
    this.failed(error)
    const socket = this.#socket
    const limit = new TimeLimit(FAREWELL, () => socket.destroy())
    socket.once("close", () => limit.stop())
    // The sink hears of it later, because it must not be called inside its own write().
    afterMicrotasks(() => {
      if (this.#phase === "open") this.#sink?.writeFailed?.()
    })
  }

  closed(): void {
    if (this.#phase === "closed") return
    this.#phase = "closed"
    this.#forgetRecent()
    this.#sink?.closed(this.#reason())
  }

  #reason(): Error | undefined {
    return this.#error && fromSystemError(this.#error)
  }
}

type Listener = (this: StreamSocket, error: Error) => void

const LISTENERS: readonly (readonly [event: string, listener: Listener])[] = [
  [
    "error",
    function (error) {
      this[STREAM].failed(error)
    },
  ],
  [
    "end",
    function () {
      this[STREAM].peerEnded()
    },
  ],
  [
    "finish",
    function () {
      this[STREAM].flushed()
    },
  ],
  [
    "close",
    function () {
      this[STREAM].closed()
    },
  ],
]

/**
 * Makes a write to a peer that has left count as done. Reading then goes on to the end of the input, which closes the
 * stream (libzmq's stream engine does the same). This is needed because Node destroys a socket whose write failed, and
 * so loses the bytes that the peer sent before.
 */
function surviveWriteErrors(socket: StreamSocket): void {
  socket._write = survivingWrite
  if (socket._writev !== undefined) socket._writev = survivingWritev
}

type Done = (error?: Error | null) => void

function survivingWrite(this: StreamSocket, chunk: unknown, encoding: BufferEncoding, done: Done): void {
  NetSocket.prototype._write.call(this, chunk, encoding, forgiving(this, done))
}

function survivingWritev(this: StreamSocket, chunks: Parameters<Writev>[0], done: Done): void {
  NetSocket.prototype._writev?.call(this, chunks, forgiving(this, done))
}

type Writev = NonNullable<Socket["_writev"]>

function forgiving(socket: StreamSocket, done: Done): Done {
  return error => {
    if (!hasLeft(error)) return done(error)
    socket[STREAM].writeFailed(error)
    done()
  }
}

function hasLeft(error: Error | null | undefined): error is NodeJS.ErrnoException {
  const code = (error as NodeJS.ErrnoException | null | undefined)?.code
  return code === "EPIPE" || code === "ECONNRESET"
}
