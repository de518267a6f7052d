/** These options say how connections are made, kept alive and made again. */

import { LONGEST_ROUTING_ID } from "../../base/limits.ts"
import { int32 } from "../kinds/integers.ts"
import { bool, bytes } from "../kinds/kinds.ts"
import { ALL } from "./socket-groups.ts"

export const CONNECTIONS = {
  /**
   * A new connection must finish its handshake within this time. With 0 there is no limit.
   *
   * @defaultValue `30000` ms
   * @see ZMQ_HANDSHAKE_IVL in zmq_setsockopt(3)
   */
  handshakeInterval: int32({
    id: 66,
    default: 30_000,
    min: 0,
    sockets: ALL,
  }),
  /**
   * One attempt to connect may take this long. With 0 the operating system decides.
   *
   * @defaultValue `0` ms
   * @see ZMQ_CONNECT_TIMEOUT in zmq_setsockopt(3)
   */
  connectTimeout: int32({
    id: 79,
    default: 0,
    min: 0,
    sockets: ALL,
  }),
  /**
   * A lost or refused connection is dialled again after this time, plus a random part of up to as much. With 0 or -1
   * it is never dialled again.
   *
   * @defaultValue `100` ms
   * @see ZMQ_RECONNECT_IVL in zmq_setsockopt(3)
   */
  reconnectInterval: int32({
    id: 18,
    default: 100,
    min: -1,
    sockets: ALL,
  }),
  /**
   * When this is set, the wait between attempts to connect doubles up to this time, without a random part. With 0 it
   * doesn't grow.
   *
   * @defaultValue `0` ms
   * @see ZMQ_RECONNECT_IVL_MAX in zmq_setsockopt(3)
   */
  reconnectMaxInterval: int32({
    id: 21,
    default: 0,
    min: 0,
    sockets: ALL,
  }),
  /**
   * The operating system queues at most this many incoming connections.
   *
   * @defaultValue `100` connections
   * @see ZMQ_BACKLOG in zmq_setsockopt(3)
   */
  backlog: int32({
    id: 19,
    default: 100,
    min: 0,
    sockets: ALL,
  }),
  /**
   * A PING is sent to each peer whenever this time has passed. With 0 none are sent.
   *
   * @defaultValue `0` ms
   * @see ZMQ_HEARTBEAT_IVL in zmq_setsockopt(3)
   */
  heartbeatInterval: int32({
    id: 75,
    default: 0,
    min: 0,
    sockets: ALL,
  }),
  /**
   * A connection is closed when its peer gives no sign of life for this long after a PING. A sign is any byte received,
   * or that the peer takes some of what waits to be sent. With 0 it is never closed. The default stands for
   * `heartbeatInterval`, and can't be set.
   *
   * @defaultValue `-1` ms
   * @see ZMQ_HEARTBEAT_TIMEOUT in zmq_setsockopt(3)
   */
  heartbeatTimeout: int32({
    id: 77,
    default: -1,
    min: 0,
    sockets: ALL,
  }),
  /**
   * The peer shall close the connection after this time of silence, which each PING tells it. With 0 it is told of no
   * limit. The value is rounded down to 100 ms, and sent as 65,500 ms at most, because libzmq misreads more.
   *
   * @defaultValue `0` ms
   * @see ZMQ_HEARTBEAT_TTL in zmq_setsockopt(3)
   */
  heartbeatTimeToLive: int32({
    id: 76,
    default: 0,
    // The minimum is negative, because libzmq rounds towards zero before it checks the sign.
    min: -99,
    max: 6_553_599,
    step: 100,
    sockets: ALL,
  }),
  /**
   * A ROUTER peer knows this socket by this name, of 1 to 255 bytes. It is assigned as a string or as bytes, and
   * reads as a string. Once set it can be changed, but not unset.
   *
   * @defaultValue `null`
   * @see ZMQ_ROUTING_ID in zmq_setsockopt(3)
   */
  routingId: bytes({
    id: 5,
    max: LONGEST_ROUTING_ID,
    sockets: ["tellsRoutingId", "REP"],
    byNumber: ALL,
  }),
  /**
   * With `true`, IPv6 addresses are allowed, and names that resolve to them.
   *
   * @defaultValue `false`, or what the context's `ipv6` was when the socket was made
   * @see ZMQ_IPV6 in zmq_setsockopt(3)
   */
  ipv6: bool({
    id: 42,
    default: false,
    sockets: ALL,
  }),
} as const
