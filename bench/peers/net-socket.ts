import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

/** Endpoints as the packages write them, so that the bench needs no others. */
export async function listen(endpoint: string, accepted: (socket: Socket) => void): Promise<string> {
  const server = createServer({ noDelay: true }, accepted)
  if (endpoint.startsWith("ipc://")) {
    await once(server.listen(endpoint.slice("ipc://".length)), "listening")
    return endpoint
  }
  await once(server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }), "listening")
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export async function dial(endpoint: string): Promise<Socket> {
  const path = endpoint.slice("ipc://".length)
  const socket = endpoint.startsWith("ipc://")
    ? connect(path)
    : connect({ host: "127.0.0.1", port: Number(endpoint.split(":").at(-1)), noDelay: true })
  await once(socket, "connect")
  return socket
}

/** Cuts frames of four bytes of length and a body out of a socket's chunks: slices of a chunk, where it has the whole. */
export function readFrames(socket: Socket, take: (body: Buffer) => void): void {
  let rest: Buffer | undefined
  let body: Buffer | undefined
  let filled = 0
  socket.on("data", (data: Buffer) => {
    let chunk = data
    let at = 0
    if (rest !== undefined) {
      chunk = Buffer.concat([rest, data])
      rest = undefined
    }
    if (body !== undefined) {
      at = chunk.copy(body, filled)
      filled += at
      if (filled < body.length) return
      take(body)
      body = undefined
    }
    while (at + 4 <= chunk.length) {
      const size = chunk.readUInt32BE(at)
      const end = at + 4 + size
      if (end > chunk.length) {
        body = Buffer.allocUnsafeSlow(size)
        filled = chunk.copy(body, 0, at + 4)
        return
      }
      take(chunk.subarray(at + 4, end))
      at = end
    }
    if (at < chunk.length) rest = chunk.subarray(at)
  })
}

/** A frame's length, then room for a small body. */
export function frameOf(body: Buffer): Buffer {
  const frame = Buffer.alloc(4 + body.length)
  frame.writeUInt32BE(body.length)
  frame.set(body, 4)
  return frame
}
