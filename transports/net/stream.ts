import { Socket as NetSocket, type Socket } from "node:net"
import { fromSystemError } from "../../src/base/errors.ts"
import { atExit, type ExitTask, isExiting, notAtExit } from "../../src/base/process-exit.ts"
import { afterMicrotasks, nextTurn } from "../../src/base/runtime.ts"
import { TimeLimit } from "../../src/base/time-limit.ts"
import type { ByteSink, ByteStream } from "../../src/contracts/connection.ts"
import { DirectWrites } from "./direct-writes.ts"
import { type Intake, OwnReads } from "./own-reads.ts"

/**
 * How long (ms) the rest of what a peer sends is taken: after our orderly close, to drop it; after a failed write, to
 * deliver it.
 */
const FAREWELL = 1000

/** `ending`: what was written goes out; nothing more comes in. `destroyed`: waits for the socket's close. */
type Phase = "open" | "ending" | "destroyed" | "closed"

/** Where a socket's listeners find its stream: they are the same for all sockets, of which most are idle. */
const STREAM = Symbol("stream")

interface StreamSocket extends Socket {
  [STREAM]: NetStream
}

/** What Node's sockets have beyond their types. */
interface Inside {
  readonly _handle?: { readonly writeQueueSize?: number } | null
  readonly writableLength: number
}

/**
 * A byte stream over a connected socket of node:net, as tcp and ipc use it. The socket must have been created with
 * `allowHalfOpen`, and paused. It holds no process open; bytes that the kernel has not yet taken do so by themselves.
 */
export class NetStream implements ByteStream, Intake, ExitTask {
  readonly local: string
  readonly remote: string
  readonly #socket: StreamSocket
  readonly #reads: OwnReads
  #sink: ByteSink | undefined
  /** The sink, while it wants what comes in. */
  #receiver: ByteSink | undefined
  #phase: Phase = "open"
  #error: Error | undefined
  /** A write() returned false and no drain() followed yet. */
  #owesDrain = false
  /** The last chunks written, while the kernel has not taken all of them. */
  #recent: Uint8Array[] = []
  /** From the exit of the process on, if the kernel had not taken everything by then. */
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
    // Nobody takes it, and no drain() follows; perhaps the input has still to be read to its end before closed() tells.
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
    // The first is what libuv holds, of which the second takes notice only when all of it has gone.
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

  // Node's own 'drain' speaks of its high-water mark; ours means that the kernel has taken everything.
  #drainIfEmpty(): void {
    if (!this.#owesDrain || this.#sink === undefined || this.#phase !== "open") return
    if (this.#socket.writableLength > 0 || this.#error !== undefined) return
    this.#owesDrain = false
    this.#forgetRecent()
    this.#sink.drain()
  }

  /** The kernel has everything, or won't get the rest. */
  #forgetRecent(): void {
    if (this.#recent.length === 0) return
    this.#recent = []
    notAtExit(this)
  }

  /** The process exits: the kernel gets what it has room for now, and so does what waits behind it. */
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
    // If the process goes on after all, because somebody has only emitted the event, it must not send anything twice.
    afterMicrotasks(() => this.destroy())
    return this.#direct
  }

  /** Unread input would turn our close into a reset, and the peer would lose what it has not read yet. */
  #dropInput(): void {
    this.#receiver = undefined
    this.#reads.resume()
  }

  // --- The socket's side

  /** Half-closed counts as closed, unless we still have to send what was written before end(). */
  peerEnded(): void {
    if (this.#phase !== "open") return
    this.#phase = "destroyed"
    this.#socket.destroy()
  }

  /** Our last byte and the end mark are with the kernel; the peer may still be sending. */
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
   * The peer has left: what it sent before is there, and then its end. A peer that has only shut its reading side sends
   * no end, so that the wait for it has a limit.
   */
  writeFailed(error: Error): void {
    if (this.#error !== undefined) return
    this.failed(error)
    const socket = this.#socket
    const limit = new TimeLimit(FAREWELL, () => socket.destroy())
    socket.once("close", () => limit.stop())
    // Not from inside a write().
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
 * Node destroys a socket whose write failed because the peer has left, and with it all that the peer sent before.
 * Here such a write counts as done: reading goes on to the end of the input, which closes the stream (libzmq's
 * stream engine does the same).
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
