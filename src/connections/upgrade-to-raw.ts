import type { ByteStream, Connection } from "../contracts/connection.ts"

/**
 * Makes a connection of bare bytes of a new stream. Its code is loaded only when it is needed, because few programs have
 * STREAM sockets. Destroys the stream and rejects when that fails.
 */
export async function upgradeToRaw(stream: ByteStream, notify: boolean): Promise<Connection> {
  try {
    const { RawConnection } = await import("./raw-connection.ts")
    return new RawConnection(stream, notify)
  } catch (error) {
    stream.destroy()
    throw error
  }
}
