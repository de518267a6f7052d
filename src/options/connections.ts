/** How connections are made, kept alive and made again. */

import { int32 } from "../option-integers.ts"
import { bool, bytes } from "../option-kinds.ts"
import { ALL } from "./applies.ts"

export const CONNECTIONS = {
  /** Milliseconds from the transport's connection to the end of the handshake; 0 for no limit. */
  handshakeInterval: int32({
    id: 66,
    libzmq: "ZMQ_HANDSHAKE_IVL",
    default: 30_000,
    min: 0,
    unit: "ms",
    sockets: ALL,
    help: "Within this time a new connection must finish its handshake; 0 for no limit.",
  }),
  /** Milliseconds that one attempt to connect may take; 0 leaves it to the operating system. */
  connectTimeout: int32({
    id: 79,
    libzmq: "ZMQ_CONNECT_TIMEOUT",
    default: 0,
    min: 0,
    unit: "ms",
    sockets: ALL,
    help: "How long one attempt to connect may take; 0 leaves it to the operating system.",
  }),
  /** Milliseconds before a lost or refused connection is dialled again; 0 or -1 for never. */
  reconnectInterval: int32({
    id: 18,
    libzmq: "ZMQ_RECONNECT_IVL",
    default: 100,
    min: -1,
    unit: "ms",
    sockets: ALL,
    help: "Time before a lost or refused connection is dialled again, plus a random part of up to as much; 0 or -1 for never.",
  }),
  /** Milliseconds that the growing wait between attempts may reach; 0 for no growth. */
  reconnectMaxInterval: int32({
    id: 21,
    libzmq: "ZMQ_RECONNECT_IVL_MAX",
    default: 0,
    min: 0,
    unit: "ms",
    sockets: ALL,
    help: "When set, the wait doubles at each attempt up to this, without a random part.",
  }),
  /** Longest queue of incoming connections. */
  backlog: int32({
    id: 19,
    libzmq: "ZMQ_BACKLOG",
    default: 100,
    min: 0,
    unit: "connections",
    sockets: ALL,
    help: "Longest queue of incoming connections that the operating system keeps.",
  }),
  /** Milliseconds between PINGs; 0 for none. */
  heartbeatInterval: int32({
    id: 75,
    libzmq: "ZMQ_HEARTBEAT_IVL",
    default: 0,
    min: 0,
    unit: "ms",
    sockets: ALL,
    help: "Time between the PINGs sent to each peer; 0 for none.",
  }),
  /** Milliseconds of silence after a PING until the connection is closed; -1 for the interval, 0 for never. */
  heartbeatTimeout: int32({
    id: 77,
    libzmq: "ZMQ_HEARTBEAT_TIMEOUT",
    default: -1,
    min: 0,
    unit: "ms",
    sockets: ALL,
    help: "Silence after a PING that closes the connection: -1 (the default, can't be set) for `heartbeatInterval`, 0 for never. Any byte received counts.",
  }),
  /** Milliseconds of silence after which the peer shall close the connection; in steps of 100. */
  heartbeatTimeToLive: int32({
    id: 76,
    libzmq: "ZMQ_HEARTBEAT_TTL",
    default: 0,
    // libzmq rounds towards zero before it looks at the sign.
    min: -99,
    max: 6_553_599,
    step: 100,
    unit: "ms",
    sockets: ALL,
    help: "Silence after which the peer shall close the connection, told with each PING; 0 for none. Rounded down to 100 ms, and sent as 65,500 ms at most, since libzmq misreads more.",
  }),
  /** The name under which the peer's ROUTER knows this socket: 1 to 255 bytes. */
  routingId: bytes({
    id: 5,
    libzmq: "ZMQ_ROUTING_ID",
    max: 255,
    sockets: ["REQ", "REP", "DEALER", "ROUTER"],
    byNumber: ALL,
    help: "The name under which a ROUTER peer knows this socket: 1 to 255 bytes, as a string or bytes.",
  }),
  /** Allow IPv6 addresses and names. */
  ipv6: bool({
    id: 42,
    libzmq: "ZMQ_IPV6",
    default: false,
    sockets: ALL,
    help: "Allow IPv6 addresses, and names that resolve to them. Starts with the context's value.",
  }),
} as const
