/**
 * The one table of options. The properties of sockets, their types, defaults and checks, and the README's table are
 * made from it. Names are those of the native package, meanings those of zmq_setsockopt(3).
 */
import { bool, bytes, int32, int64, type OptionSpec } from "./option-spec.ts"
import { SOCKET_TYPES, type SocketTypeName } from "./socket-types.ts"

const ALL = ["ALL"] as const
/** Sockets that can send, and that can receive. */
const SENDERS = ["PAIR", "PUB", "REQ", "REP", "DEALER", "ROUTER", "PUSH", "XPUB", "XSUB"] as const
const RECEIVERS = ["PAIR", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "XPUB", "XSUB"] as const

export const SOCKET_OPTIONS = {
  /** Milliseconds that queued messages are still delivered for after close() or disconnect(); -1 for ever, 0 not at all. */
  linger: int32({
    id: 17,
    libzmq: "ZMQ_LINGER",
    default: -1,
    min: -1,
    unit: "ms",
    sockets: ALL,
    live: true,
    help: "How long queued messages are still delivered after `close()` or `disconnect()`, and at the end of the process: -1 for ever, 0 not at all. SUB and XSUB start with 0.",
  }),
  /** Milliseconds until a send() that isn't possible rejects with EAGAIN; -1 never, 0 at once. */
  sendTimeout: int32({
    id: 28,
    libzmq: "ZMQ_SNDTIMEO",
    default: -1,
    min: -1,
    unit: "ms",
    sockets: SENDERS,
    live: true,
    help: "How long `send()` waits for room before it rejects with EAGAIN: -1 for ever, 0 not at all. Read at each call.",
  }),
  /** Milliseconds until a receive() rejects with EAGAIN; -1 never, 0 at once. */
  receiveTimeout: int32({
    id: 27,
    libzmq: "ZMQ_RCVTIMEO",
    default: -1,
    min: -1,
    unit: "ms",
    sockets: RECEIVERS,
    live: true,
    help: "How long `receive()` waits for a message before it rejects with EAGAIN: -1 for ever, 0 not at all. Read at each call.",
  }),
  /** Most messages queued for one peer that can't take them now; 0 for no limit. */
  sendHighWaterMark: int32({
    id: 23,
    libzmq: "ZMQ_SNDHWM",
    default: 1000,
    min: 0,
    unit: "messages",
    sockets: SENDERS,
    live: true,
    help: "Most messages queued for one peer that can't take them now; 0 for no limit.",
  }),
  /** Most messages of one peer that wait to be received; 0 for no limit. */
  receiveHighWaterMark: int32({
    id: 24,
    libzmq: "ZMQ_RCVHWM",
    default: 1000,
    min: 0,
    unit: "messages",
    sockets: RECEIVERS,
    live: true,
    help: "Most messages of one peer that wait to be received; the peer is then held back. 0 for no limit.",
  }),
  /** Queue for connect() endpoints only while they are connected. */
  immediate: bool({
    id: 39,
    libzmq: "ZMQ_IMMEDIATE",
    default: false,
    sockets: ALL,
    help: "Queue messages for a `connect()` endpoint only while it is connected; its queue is dropped with the connection.",
  }),
  /** Keep only the newest message of each queue. Set before bind() or connect(). */
  conflate: bool({
    id: 54,
    libzmq: "ZMQ_CONFLATE",
    default: false,
    sockets: ["PUB", "SUB", "DEALER", "PULL", "PUSH"],
    help: "Keep only the newest message of each queue, whatever the high-water marks. Multipart messages stay whole.",
  }),
  /** Largest part a peer may send, in bytes; -1 for no limit. */
  maxMessageSize: int64({
    id: 22,
    libzmq: "ZMQ_MAXMSGSIZE",
    default: -1,
    unit: "bytes",
    sockets: ALL,
    help: "Largest message part that a peer may send; one that sends more is disconnected. -1 for no limit but the fixed one: a whole message may take 2 GiB and 1,048,576 parts.",
  }),
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
    sockets: ["REQ", "REP", "DEALER", "ROUTER"],
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
  /** TCP keep-alive: -1 as the operating system does, 0 off, 1 on. */
  tcpKeepalive: int32({
    id: 34,
    libzmq: "ZMQ_TCP_KEEPALIVE",
    default: -1,
    min: -1,
    max: 1,
    sockets: ALL,
    help: "TCP keep-alive: 1 on, 0 off, -1 as the operating system does.",
  }),
  /** Seconds of silence before the first keep-alive probe; -1 as the operating system does. */
  tcpKeepaliveIdle: int32({
    id: 36,
    libzmq: "ZMQ_TCP_KEEPALIVE_IDLE",
    default: -1,
    min: -1,
    unit: "s",
    sockets: ALL,
    help: "Silence before the first keep-alive probe; -1 as the operating system does.",
  }),
  /** Send a request id along, and take only the reply that carries it. */
  correlate: bool({
    id: 52,
    libzmq: "ZMQ_REQ_CORRELATE",
    default: false,
    sockets: ["REQ"],
    live: true,
    help: "Send an id with each request, and take only the reply that carries it back.",
  }),
  /** Allow a new request while a reply is still awaited. */
  relaxed: bool({
    id: 53,
    libzmq: "ZMQ_REQ_RELAXED",
    default: false,
    sockets: ["REQ"],
    live: true,
    help: "Allow a new request while a reply is still awaited; the old one is given up. Use with `correlate`.",
  }),
  /** Wait for subscribers at their high-water mark instead of dropping messages for them. */
  noDrop: bool({
    id: 69,
    libzmq: "ZMQ_XPUB_NODROP",
    default: false,
    sockets: ["PUB", "XPUB"],
    live: true,
    help: "When a matching subscriber is at its high-water mark, wait instead of dropping the message for it.",
  }),
  /** Deliver what does not match the subscriptions. Set it on both ends. */
  invertMatching: bool({
    id: 74,
    libzmq: "ZMQ_INVERT_MATCHING",
    default: false,
    sockets: ["PUB", "SUB", "XPUB"],
    live: true,
    help: "Deliver the messages that match no subscription. To be set on both ends.",
  }),
} as const satisfies Record<
  string,
  OptionSpec<never> | OptionSpec<number> | OptionSpec<boolean> | OptionSpec<Buffer>
>

type Table = typeof SOCKET_OPTIONS
export type SocketOptionName = keyof Table

/** The options of a socket, as stored: read live by those who may, copied by bind() and connect() for the others. */
export type OptionValues = {
  -readonly [K in SocketOptionName]: Table[K] extends OptionSpec<infer Value, infer _> ? Value : never
}

type Shown<Value> = Value extends Buffer ? string | null : Value

/** The option properties that belong to every socket, or to the type named. */
export type OptionProperties<T extends SocketTypeName | "ALL"> = {
  -readonly [K in SocketOptionName as Table[K] extends OptionSpec<infer _, infer S>
    ? T extends S
      ? K
      : never
    : never]: Table[K] extends OptionSpec<infer Value, infer _> ? Shown<Value> : never
}

export const optionNames = Object.keys(SOCKET_OPTIONS) as SocketOptionName[]

export function optionApplies(name: SocketOptionName, type: SocketTypeName | "ALL"): boolean {
  return (SOCKET_OPTIONS[name].sockets as readonly string[]).includes(type)
}

/** The values that a new socket starts with. */
export function defaultOptions(
  type: SocketTypeName,
  context: { blocky: boolean; ipv6: boolean },
): OptionValues {
  const values = Object.fromEntries(
    optionNames.map(name => [name, SOCKET_OPTIONS[name].default]),
  ) as OptionValues
  values.linger = context.blocky ? SOCKET_TYPES[type].linger : 0
  values.ipv6 = context.ipv6
  return values
}
