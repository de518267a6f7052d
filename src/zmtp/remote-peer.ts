import { SOCKET_TYPES } from "../base/socket-types.ts"
import type { RemotePeer } from "../contracts/connection.ts"
import { EMPTY } from "./frame.ts"

/** This describes a peer before its handshake. */
export const UNKNOWN_PEER: RemotePeer = { socketType: undefined, routingId: EMPTY }

/** Peers without a routing id share one description per socket type. There may be tens of thousands of idle ones. */
const UNNAMED: ReadonlyMap<string | undefined, RemotePeer> = new Map(
  Object.values(SOCKET_TYPES).map(({ name }) => [name, { socketType: name, routingId: EMPTY }]),
)

/** Describes a peer by its socket type and its routing id, which may be empty. */
export function remotePeer(socketType: string | undefined, routingId: Uint8Array): RemotePeer {
  return (routingId.length === 0 && UNNAMED.get(socketType)) || { socketType, routingId }
}
