import { Socket as NetSocket, type Socket } from "node:net"

/** Hears what happens to its socket. */
export interface SocketOwner {
  /** The peer has closed its side, and all that it sent was read. */
  peerEnded(): void
  /** Our last byte and the end mark are with the kernel; the peer may still be sending. */
  flushed(): void
  failed(error: Error): void
  /** The peer takes nothing any more; what it has sent can still be read. */
  writeFailed(error: Error): void
  closed(): void
}

/** Where a socket's listeners find its owner: they are the same for all sockets, of which most are idle. */
const OWNER = Symbol("owner")

interface OwnedSocket extends Socket {
  [OWNER]: SocketOwner
}

type ErrorListener = (this: OwnedSocket, error: Error) => void

const LISTENERS: readonly (readonly [event: string, listener: ErrorListener])[] = [
  [
    "error",
    function (error) {
      this[OWNER].failed(error)
    },
  ],
  [
    "end",
    function () {
      this[OWNER].peerEnded()
    },
  ],
  [
    "finish",
    function () {
      this[OWNER].flushed()
    },
  ],
  [
    "close",
    function () {
      this[OWNER].closed()
    },
  ],
]

/**
 * Makes a socket tell its owner what happens to it, and survive writes that fail because the peer has left: Node would
 * destroy the socket, and with it all that the peer sent before. Here such a write counts as done, and reading goes on to
 * the end of the input, which closes the stream (libzmq's stream engine does the same).
 */
export function adoptSocket(given: Socket, owner: SocketOwner): void {
  const socket = Object.assign(given, { [OWNER]: owner })
  socket._write = survivingWrite
  if (socket._writev !== undefined) socket._writev = survivingWritev
  for (const [event, listener] of LISTENERS) socket.on(event, listener)
}

type Done = (error?: Error | null) => void

function survivingWrite(this: OwnedSocket, chunk: unknown, encoding: BufferEncoding, done: Done): void {
  NetSocket.prototype._write.call(this, chunk, encoding, forgiving(this, done))
}

function survivingWritev(this: OwnedSocket, chunks: Parameters<Writev>[0], done: Done): void {
  NetSocket.prototype._writev?.call(this, chunks, forgiving(this, done))
}

type Writev = NonNullable<Socket["_writev"]>

function forgiving(socket: OwnedSocket, done: Done): Done {
  return error => {
    if (!hasLeft(error)) return done(error)
    socket[OWNER].writeFailed(error)
    done()
  }
}

function hasLeft(error: Error | null | undefined): error is NodeJS.ErrnoException {
  const code = (error as NodeJS.ErrnoException | null | undefined)?.code
  return code === "EPIPE" || code === "ECONNRESET"
}
