/** Peers that speak bytes by hand, well or badly: nothing here is made by the library's own ZMTP code. */
import { once } from "node:events"
import { type NetConnectOpts, Server, Socket } from "node:net"
import { until } from "./events.ts"

/** Bytes from hex digits and "quoted text", with any spaces. */
export function bytes(notation: string): Buffer {
  const pieces = notation.match(/"[^"]*"|[0-9a-fA-F]{2}/g) ?? []
  return Buffer.concat(
    pieces.map(piece =>
      piece[0] === '"' ? Buffer.from(piece.slice(1, -1), "latin1") : Buffer.from(piece, "hex"),
    ),
  )
}

/** What an anonymous libzmq 4.3.4 peer opens with. */
export const GREETING = bytes(`FF 00000000 00000001 7F 03 01 "NULL" ${"00".repeat(16)} 00 ${"00".repeat(31)}`)

/** A frame; the long form when the body needs it. */
export function frame(flags: number, body: Uint8Array): Buffer {
  if (body.length > 255) return Buffer.concat([longHeader(flags, BigInt(body.length)), body])
  return Buffer.concat([Buffer.of(flags, body.length), body])
}

/** Only the header of a long frame, whatever size it claims. */
export function longHeader(flags: number, size: bigint): Buffer {
  const header = Buffer.alloc(9)
  header[0] = flags | 0x02
  header.writeBigUInt64BE(size, 1)
  return header
}

/** A command frame: name and data. */
export function command(name: string, data: Uint8Array = Buffer.alloc(0)): Buffer {
  return frame(0x04, Buffer.concat([Buffer.of(name.length), Buffer.from(name, "latin1"), data]))
}

/** A property of READY's metadata. */
export function property(name: string, value: string): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(value.length)
  return Buffer.concat([
    Buffer.of(name.length),
    Buffer.from(name, "latin1"),
    size,
    Buffer.from(value, "latin1"),
  ])
}

export const ready = (socketType: string): Buffer => command("READY", property("Socket-Type", socketType))

/** Everything that a peer of a type says before traffic. */
export const handshake = (socketType: string): Buffer => Buffer.concat([GREETING, ready(socketType)])

function place(endpoint: string): NetConnectOpts {
  if (endpoint.startsWith("ipc://")) return { path: endpoint.slice("ipc://".length) }
  const { hostname, port } = new URL(endpoint)
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port) }
}

/** One connection, half-open as long as it likes. What it receives is kept, unless it doesn't read. */
export class RawPeer {
  readonly socket: Socket
  readonly #received: Buffer[] = []
  /** Settles once the other side has closed the connection: in an orderly way, or not. */
  readonly closed: Promise<void>
  #over = false

  constructor(socket: Socket) {
    this.socket = socket
    socket.on("error", () => {})
    socket.on("data", chunk => this.#received.push(chunk))
    this.closed = new Promise(resolve => {
      const over = () => {
        this.#over = true
        socket.destroy()
        resolve()
      }
      socket.once("end", over).once("close", over)
    })
  }

  /** Connected, and nothing said yet. */
  static async connect(endpoint: string): Promise<RawPeer> {
    const socket = new Socket({ allowHalfOpen: true })
    socket.connect(place(endpoint))
    await once(socket, "connect")
    return new RawPeer(socket)
  }

  /** True when the other side has closed. */
  get over(): boolean {
    return this.#over
  }

  get received(): Buffer {
    return Buffer.concat(this.#received)
  }

  /** Says something; may be called long after the other side has gone. */
  write(...chunks: readonly Uint8Array[]): this {
    for (const chunk of chunks) if (!this.socket.destroyed) this.socket.write(chunk)
    return this
  }

  /** Says as much as the other side takes, or until it closes. */
  async pour(chunk: Uint8Array, times: number): Promise<void> {
    for (let n = 0; n < times && !this.#over; n++) {
      if (!this.socket.write(chunk))
        await Promise.race([once(this.socket, "drain").catch(() => {}), this.closed])
    }
  }

  /** Waits until so many bytes have come, or the other side has closed. */
  async heard(count: number): Promise<void> {
    await until(() => this.received.length >= count || this.#over)
  }

  /** Has nothing more to say, but listens on. */
  end(): this {
    this.socket.end()
    return this
  }

  /** Leaves without a word; over tcp with a reset. */
  reset(): void {
    if (this.socket.remoteFamily === undefined) this.socket.destroy()
    else this.socket.resetAndDestroy()
  }

  destroy(): void {
    this.socket.destroy()
  }
}

/** Listens, and hands over who comes. */
export class RawServer {
  readonly peers: RawPeer[] = []
  readonly #server: Server

  private constructor(greet: (peer: RawPeer) => void) {
    this.#server = new Server({ allowHalfOpen: true }, socket => {
      const peer = new RawPeer(socket)
      this.peers.push(peer)
      greet(peer)
    })
  }

  /** @param greet is called for each that comes */
  static async listen(endpoint: string, greet: (peer: RawPeer) => void = () => {}): Promise<RawServer> {
    const raw = new RawServer(greet)
    raw.#server.listen(place(endpoint))
    await once(raw.#server, "listening")
    return raw
  }

  /** The n-th connection, from 1 on; waits for it. */
  async peer(n: number): Promise<RawPeer> {
    await until(() => this.peers.length >= n)
    return this.peers[n - 1]!
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close")
    this.#server.close()
    for (const peer of this.peers) peer.destroy()
    await closed
  }
}
