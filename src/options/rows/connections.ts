/** How connections are made, kept alive and made again. */

import { int32 } from "../kinds/integers.ts"
import { bool, bytes } from "../kinds/kinds.ts"
import { ALL } from "./socket-groups.ts"

export const CONNECTIONS = {
  /** Milliseconds from the transport's connection to the end of the handshake; 0 for no limit. */
  handshakeInterval: int32({
    id: 66,
    default: 30_000,
    min: 0,
    sockets: ALL,
  }),
  /** Milliseconds that one attempt to connect may take; 0 leaves it to the operating system. */
  connectTimeout: int32({
    id: 79,
    default: 0,
    min: 0,
    sockets: ALL,
  }),
  /** Milliseconds before a lost or refused connection is dialled again; 0 or -1 for never. */
  reconnectInterval: int32({
    id: 18,
    default: 100,
    min: -1,
    sockets: ALL,
  }),
  /** Milliseconds that the growing wait between attempts may reach; 0 for no growth. */
  reconnectMaxInterval: int32({
    id: 21,
    default: 0,
    min: 0,
    sockets: ALL,
  }),
  /** Longest queue of incoming connections. */
  backlog: int32({
    id: 19,
    default: 100,
    min: 0,
    sockets: ALL,
  }),
  /** Milliseconds between PINGs; 0 for none. */
  heartbeatInterval: int32({
    id: 75,
    default: 0,
    min: 0,
    sockets: ALL,
  }),
  /** Milliseconds of silence after a PING until the connection is closed; -1 for the interval, 0 for never. */
  heartbeatTimeout: int32({
    id: 77,
    default: -1,
    min: 0,
    sockets: ALL,
  }),
  /** Milliseconds of silence after which the peer shall close the connection; in steps of 100. */
  heartbeatTimeToLive: int32({
    id: 76,
    default: 0,
    // libzmq rounds towards zero before it looks at the sign.
    min: -99,
    max: 6_553_599,
    step: 100,
    sockets: ALL,
  }),
  /** The name under which the peer's ROUTER knows this socket: 1 to 255 bytes. */
  routingId: bytes({
    id: 5,
    max: 255,
    sockets: ["REQ", "REP", "DEALER", "ROUTER"],
    byNumber: ALL,
  }),
  /** Allow IPv6 addresses and names. */
  ipv6: bool({
    id: 42,
    default: false,
    sockets: ALL,
  }),
} as const
