/** What concerns tcp alone. */
import { ZmqError } from "../errors.ts"
import { int32, uint32 } from "../option-integers.ts"
import { ranges, text } from "../option-kinds.ts"
import { canSetTypeOfService } from "../runtime.ts"
import { ALL, RECEIVERS, SENDERS } from "./applies.ts"

/** What Node can't do and what must not be taken as done. */
function unsupported(reason: string): never {
  throw new ZmqError("ENOTSUP", { reason })
}

export const TCP = {
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
  /** Seconds between keep-alive probes; -1 for Node's default of 1. */
  tcpKeepaliveInterval: int32({
    id: 37,
    libzmq: "ZMQ_TCP_KEEPALIVE_INTVL",
    default: -1,
    min: -1,
    unit: "s",
    sockets: ALL,
    help: "Time between keep-alive probes. Node sets 1 s; later versions can set another.",
  }),
  /** Unanswered keep-alive probes after which the connection is lost; -1 for Node's default of 10. */
  tcpKeepaliveCount: int32({
    id: 35,
    libzmq: "ZMQ_TCP_KEEPALIVE_CNT",
    default: -1,
    min: -1,
    sockets: ALL,
    help: "Unanswered keep-alive probes after which the connection is lost. Node sets 10; later versions can set another.",
  }),
  /** Milliseconds; without effect. */
  tcpMaxRetransmitTimeout: int32({
    id: 80,
    libzmq: "ZMQ_TCP_MAXRT",
    default: 0,
    min: 0,
    unit: "ms",
    sockets: ALL,
    inert: true,
    help: "Node can't set TCP_USER_TIMEOUT. Use heartbeats to notice dead peers.",
  }),
  /** Ranges of addresses that may connect to a bind(), such as "10.0.0.0/8"; each assignment adds one, null clears. */
  tcpAcceptFilter: ranges({
    id: 38,
    libzmq: "ZMQ_TCP_ACCEPT_FILTER",
    sockets: ALL,
    help: "Who may connect: an IPv4 or IPv6 address, or a range such as `10.0.0.0/8`. Each assignment adds one, null takes all away. Others are closed at once, with the event `accept:error`.",
  }),
  /** "host:port" of a SOCKS5 proxy that connects for us; null for none. */
  socksProxy: text({
    id: 68,
    libzmq: "ZMQ_SOCKS_PROXY",
    nullable: true,
    sockets: ALL,
    help: "A SOCKS5 proxy without authentication, as `host:port`, that `connect()` goes through and that resolves the names; null for none. With another form `connect()` throws EINVAL.",
  }),
  /** The IP header's type of service, 0 to 255. Throws ENOTSUP where Node can't set it. */
  typeOfService: uint32({
    id: 57,
    libzmq: "ZMQ_TOS",
    default: 0,
    max: 255,
    sockets: ALL,
    check: value => {
      if (value !== 0 && !canSetTypeOfService) unsupported("this version of Node can't set a type of service")
    },
    help: "Type of service, or traffic class, of what is sent: 0 to 255. Where Node can't set it, as in version 20, anything but 0 throws ENOTSUP.",
  }),
  /** Can only be null: Node can't bind to a network device. Throws ENOTSUP. */
  interface: text({
    id: 92,
    libzmq: "ZMQ_BINDTODEVICE",
    nullable: true,
    sockets: ALL,
    check: () => unsupported("Node can't bind a socket to a network device; bind to its address instead"),
    help: "Node can't bind to a network device: throws ENOTSUP for anything but null. `bind()` to an interface's name or address, or `connect()` from one, says most of it.",
  }),
  /** Bytes; without effect. */
  sendBufferSize: int32({
    id: 11,
    libzmq: "ZMQ_SNDBUF",
    default: -1,
    min: -1,
    unit: "bytes",
    sockets: SENDERS,
    byNumber: ALL,
    inert: true,
    help: "Node can't set the size of a connection's send buffer in the kernel.",
  }),
  /** Bytes; without effect. */
  receiveBufferSize: int32({
    id: 12,
    libzmq: "ZMQ_RCVBUF",
    default: -1,
    min: -1,
    unit: "bytes",
    sockets: RECEIVERS,
    byNumber: ALL,
    inert: true,
    help: "Node can't set the size of a connection's receive buffer in the kernel.",
  }),
} as const
