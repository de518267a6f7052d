import type { Socket } from "node:net"
import { fs } from "../common/builtins.ts"

/** This is Node's inner object of a connected socket. */
interface Handle {
  /** This is the file descriptor, where the system has such; otherwise -1, or absent. */
  readonly fd?: number
  /** This many bytes were handed to the event loop. */
  readonly bytesWritten?: number
  /** The kernel has not taken this many of them yet. */
  readonly writeQueueSize?: number
}

/**
 * This class writes to a socket without Node's event loop, because the loop has ended when the process exits.
 * From then on all bytes of the socket must be written here, because the event loop would send its own bytes twice.
 */
export class DirectWrites {
  readonly #fd: number
  /** Holds the bytes that the kernel has not taken yet. */
  readonly #rest: Uint8Array[]

  /** @param recent the last chunks given to the socket, among them all that the kernel has not taken */
  constructor(socket: Socket, recent: readonly Uint8Array[]) {
    const handle = (socket as { _handle?: Handle | null })._handle ?? {}
    this.#fd = handle.fd ?? -1
    const inNode = socket.bytesWritten - (handle.bytesWritten ?? socket.bytesWritten)
    this.#rest = lastBytes(recent, inNode + (handle.writeQueueSize ?? 0))
  }

  /** Writes the chunks. Returns true when the kernel has taken everything; otherwise the rest waits for the next call. */
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

  /** Returns how many bytes the kernel took; undefined when its memory is full, or the peer has left. */
  #tryWrite(chunk: Uint8Array): number | undefined {
    try {
      return fs.writeSync(this.#fd, chunk)
    } catch {
      return undefined
    }
  }
}

/** Returns the last `length` bytes of the chunks. */
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
