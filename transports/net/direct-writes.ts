import type { Socket } from "node:net"
import { fs } from "../common/builtins.ts"

/** What a connected socket is inside Node. */
interface Handle {
  /** Where the system has file descriptors; else -1, or nothing. */
  readonly fd?: number
  /** Bytes that were handed to the event loop. */
  readonly bytesWritten?: number
  /** Bytes of these that the kernel has not taken yet. */
  readonly writeQueueSize?: number
}

/**
 * Writes past Node and its event loop, which comes to nothing more once the process exits. From then on everything for
 * the socket has to go this way, because the event loop would send again what it still holds.
 */
export class DirectWrites {
  readonly #fd: number
  /** What the kernel has not taken yet. */
  readonly #rest: Uint8Array[]

  /** @param recent the last chunks that the socket was given, all that it still holds among them */
  constructor(socket: Socket, recent: readonly Uint8Array[]) {
    const handle = (socket as { _handle?: Handle | null })._handle ?? {}
    this.#fd = handle.fd ?? -1
    const inNode = socket.bytesWritten - (handle.bytesWritten ?? socket.bytesWritten)
    this.#rest = lastBytes(recent, inNode + (handle.writeQueueSize ?? 0))
  }

  /** True when the kernel has taken everything; else the rest waits for the next call. */
  write(chunks: readonly Uint8Array[] = []): boolean {
    const rest = this.#rest
    rest.push(...chunks)
    while (rest.length > 0) {
      const chunk = rest[0]!
      const count = this.#tryWrite(chunk)
      if (count === undefined) return false
      if (count < chunk.length) rest[0] = chunk.subarray(count)
      else rest.shift()
    }
    return true
  }

  /** Undefined when the kernel takes nothing: its memory is full, or the peer has left. */
  #tryWrite(chunk: Uint8Array): number | undefined {
    try {
      return fs.writeSync(this.#fd, chunk)
    } catch {
      return undefined
    }
  }
}

/** The end of what the chunks hold together. */
function lastBytes(chunks: readonly Uint8Array[], length: number): Uint8Array[] {
  const result: Uint8Array[] = []
  let missing = length
  for (let i = chunks.length - 1; i >= 0 && missing > 0; i--) {
    const chunk = chunks[i]!
    result.unshift(chunk.length > missing ? chunk.subarray(chunk.length - missing) : chunk)
    missing -= chunk.length
  }
  return result
}
