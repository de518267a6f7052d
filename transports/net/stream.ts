import type { Socket } from "node:net"
import { fromSystemError, ZmqError } from "../../src/base/errors.ts"
import { atExit, type ExitTask, isExiting, notAtExit } from "../../src/base/process-exit.ts"
import { afterMicrotasks, nextTurn } from "../../src/base/runtime.ts"
import { TimeLimit } from "../../src/base/time-limit.ts"
import { transitions } from "../../src/base/transitions.ts"
import type { ByteSink, ByteStream } from "../../src/contracts/connection.ts"
import { DirectWrites } from "./direct-writes.ts"
import { type Intake, OwnReads } from "./own-reads.ts"
import { adoptSocket, type SocketOwner } from "./stream-socket.ts"

/** The life of a stream. */
type State =
  | { readonly name: "open" }
  /** end() was called: what was written goes out; what comes in is dropped, unless the sink listens on. */
  | { readonly name: "ending" }
  /** The peer has been told that nothing follows, and is to close its side too. */
  | { readonly name: "ended" }
  /** Waits for the socket's close. */
  | { readonly name: "destroyed" }
  | { readonly name: "closed" }

const OPEN: State = { name: "open" }

const following = transitions<State["name"]>("a stream", {
  open: ["ending", "destroyed", "closed"],
  ending: ["ended", "destroyed", "closed"],
  ended: ["destroyed", "closed"],
  destroyed: ["closed"],
  closed: [],
})

/** After a failed write the rest of the peer's bytes is read for this many milliseconds. */
const LAST_READS = 1000

/** While we wait for the peer's end, its machine is probed after this many milliseconds of silence. */
const PROBE_AFTER = 10_000

/** Node's sockets have these members beyond their types. */
interface Inside {
  readonly _handle?: { readonly writeQueueSize?: number } | null
  readonly writableLength: number
}

/**
 * This is a byte stream over a connected socket of node:net, for tcp and ipc. The socket must have been created with
 * `allowHalfOpen`, and be paused. It doesn't keep the process running, except while the kernel has not taken all bytes.
 */
export class NetStream implements ByteStream, Intake, SocketOwner, ExitTask {
  readonly listensAfterEnd = true
  readonly local: string
  readonly remote: string
  readonly #socket: Socket
  readonly #reads: OwnReads
  #sink: ByteSink | undefined
  /** This is the sink while it takes input; undefined once input is dropped. */
  #receiver: ByteSink | undefined
  #state: State = OPEN
  #error: Error | undefined
  /** True when a write() returned false and no drain() has followed. */
  #owesDrain = false
  /** Holds the last chunks written, while the kernel has not taken all of them. */
  #recent: Uint8Array[] | undefined
  /** Is set when the process exits before the kernel has taken everything. */
  #direct: DirectWrites | undefined

  constructor(given: Socket, local: string, remote: string) {
    this.#reads = new OwnReads(given, this)
    this.#socket = this.#reads.socket
    this.local = local
    this.remote = remote
    adoptSocket(this.#socket, this)
    this.#socket.unref()
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
    if (chunks.length === 1) socket.write(chunks[0]!, () => this.#written())
    else this.#writeAll(chunks)
    if (socket.writableLength === 0) return true
    this.#recent ??= []
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
    if (this.#receiver !== undefined) this.#reads.pause()
  }

  resume(): void {
    if (this.#receiver !== undefined) this.#reads.resume()
  }

  probe(): void {
    this.#socket.setKeepAlive(true, PROBE_AFTER)
  }

  end(listening = false): void {
    if (this.#phase !== "open") return
    this.#become({ name: "ending" })
    if (!listening) this.#receiver = undefined
    // Unread input would turn our close into a reset, and the peer would lose what it has not read yet.
    this.#reads.resume()
    this.#endIfFlushed()
  }

  destroy(error?: Error): void {
    if (this.#phase === "destroyed" || this.#phase === "closed") return
    this.#become({ name: "destroyed" })
    this.#error ??= error
    this.#receiver = undefined
    this.#forgetRecent()
    this.#socket.destroy()
  }

  /** A getter, so that the compiler doesn't take for constant what a call may have changed. */
  get #phase(): State["name"] {
    return this.#state.name
  }

  #become(next: State): void {
    this.#state = following(this.#state, next)
  }

  #writeAll(chunks: readonly Uint8Array[]): void {
    const socket = this.#socket
    const last = chunks.length - 1
    socket.cork()
    for (let i = 0; i < last; i++) socket.write(chunks[i]!)
    socket.write(chunks[last]!, () => this.#written())
    socket.uncork()
  }

  #written(): void {
    if (this.#phase === "ending") this.#endIfFlushed()
    else this.#drainIfEmpty()
  }

  // Node's own 'drain' speaks of its high-water mark; ours means that the kernel has taken everything.
  #drainIfEmpty(): void {
    if (!this.#owesDrain || this.#sink === undefined || this.#phase !== "open") return
    if (this.#socket.writableLength > 0 || this.#error !== undefined) return
    this.#owesDrain = false
    this.#forgetRecent()
    this.#sink.drain()
  }

  /** Forgets the last chunks, because the kernel has taken them or will never get them. */
  #forgetRecent(): void {
    if (this.#recent === undefined) return
    this.#recent = undefined
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
    this.#direct ??= new DirectWrites(this.#socket, this.#recent ?? [])
    // The stream is destroyed, because it must send nothing twice when somebody only emitted the exit event.
    afterMicrotasks(() => this.destroy())
    return this.#direct
  }

  /**
   * Tells the peer that nothing follows. Before, whatever it has sent by now is read, so that an end of its own that came
   * earlier isn't taken for the answer: it takes two turns, because the first may have begun with reading.
   */
  #endIfFlushed(): void {
    if (this.#socket.writableLength > 0) return
    this.#forgetRecent()
    nextTurn(() => nextTurn(() => this.#end()))
  }

  #end(): void {
    if (this.#phase !== "ending") return
    // Else a machine that has vanished would never be noticed.
    this.probe()
    this.#socket.end()
  }

  // --- The socket's side

  /** Is called at the peer's end mark, which counts as a close, unless end() still has bytes to send. */
  peerEnded(): void {
    if (this.#phase === "ending")
      this.#error ??= new ZmqError("EPIPE", { reason: "the peer closed before it can have had everything" })
    if (this.#phase !== "open") return
    this.#become({ name: "destroyed" })
    this.#socket.destroy()
  }

  flushed(): void {
    if (this.#phase === "ending") this.#become({ name: "ended" })
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
    const limit = new TimeLimit(LAST_READS, () => socket.destroy())
    socket.once("close", () => limit.stop())
    // The sink hears of it later, because it must not be called inside its own write().
    afterMicrotasks(() => {
      if (this.#phase === "open") this.#sink?.writeFailed?.()
    })
  }

  closed(): void {
    if (this.#phase === "closed") return
    this.#become({ name: "closed" })
    this.#forgetRecent()
    this.#sink?.closed(this.#reason())
  }

  #reason(): Error | undefined {
    return this.#error && fromSystemError(this.#error)
  }
}
