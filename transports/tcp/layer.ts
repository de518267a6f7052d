import type { ByteStream } from "../../src/contracts/connection.ts"
import type { TransportOptions } from "../../src/contracts/transport.ts"
import type { HostPort } from "./address.ts"

/** A layer is the protocol between TCP and ZMTP. The transport `tcp` has none, and passes its streams on as they are. */
export interface Layer {
  /** The endpoints begin with this scheme. */
  readonly scheme: string
  /** Throws EINVAL when the layer can't listen at any address. */
  checkBind?(endpoint: string): void
  /** Takes the stream of a connection to the target, and returns the one that ZMTP gets. */
  dialled(stream: ByteStream, target: HostPort, options: TransportOptions): ByteStream
  /** Takes the stream of an accepted connection, and returns the one that ZMTP gets. */
  accepted(stream: ByteStream, options: TransportOptions): ByteStream
}
