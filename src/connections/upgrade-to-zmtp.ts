import type { ByteStream, Connection, LocalPeer } from "../contracts/connection.ts"
import type { Handshake } from "./handshake.ts"
import { Upgrade } from "./upgrade.ts"
import type { ZmtpOptions } from "./zmtp-options.ts"

/**
 * Makes a ZMTP connection of a new byte stream, by greeting and handshake (RFC 37). The version is 3.1 or an older one.
 * When that fails it destroys the stream and rejects. The error is
 *
 * - a protocol error when the peer breaks the protocol
 * - EPIPE, or the stream's own error, when the peer closes the stream
 * - EAGAIN when the peer is too slow
 * - EACCES, with the status, when the peer is refused or refuses us
 * - the gate's obstacle when the peer has waited too long, or the gate's failure when it refuses the peer
 * - the error of the mechanism's code, when that can't be loaded
 * - the signal's reason when the signal is aborted
 */
export function upgradeToZmtp(
  stream: ByteStream,
  local: LocalPeer,
  options: ZmtpOptions,
  handshake: Handshake = {},
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    new Upgrade(stream, local, options, handshake, resolve, reject).begin()
  })
}
