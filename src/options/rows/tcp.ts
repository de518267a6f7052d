/** These options concern tcp alone. */
import { ZmqError } from "../../base/errors.ts"
import { canSetTypeOfService } from "../../base/runtime.ts"
import { int32, uint32 } from "../kinds/integers.ts"
import { ranges, text } from "../kinds/kinds.ts"
import { ALL, RECEIVERS, SENDERS } from "./socket-groups.ts"

/** Throws ENOTSUP for a value that Node can't apply, because a program must not believe that it has an effect. */
function unsupported(reason: string): never {
  throw new ZmqError("ENOTSUP", { reason })
}

export const TCP = {
  /**
   * TCP keep-alive is on with 1, off with 0, and left to the operating system with -1.
   *
   * @defaultValue `-1`
   * @see ZMQ_TCP_KEEPALIVE in zmq_setsockopt(3)
   */
  tcpKeepalive: int32({
    id: 34,
    default: -1,
    min: -1,
    max: 1,
    sockets: ALL,
  }),
  /**
   * The first keep-alive probe is sent after this many seconds of silence. With -1 the operating system decides.
   *
   * @defaultValue `-1` s
   * @see ZMQ_TCP_KEEPALIVE_IDLE in zmq_setsockopt(3)
   */
  tcpKeepaliveIdle: int32({
    id: 36,
    default: -1,
    min: -1,
    sockets: ALL,
  }),
  /**
   * This many seconds lie between keep-alive probes. Node sets 1 s; later versions can set another.
   *
   * @defaultValue `-1` s
   * @see ZMQ_TCP_KEEPALIVE_INTVL in zmq_setsockopt(3)
   */
  tcpKeepaliveInterval: int32({
    id: 37,
    default: -1,
    min: -1,
    sockets: ALL,
  }),
  /**
   * After this many unanswered keep-alive probes the connection is lost. Node sets 10; later versions can set
   * another.
   *
   * @defaultValue `-1` probes
   * @see ZMQ_TCP_KEEPALIVE_CNT in zmq_setsockopt(3)
   */
  tcpKeepaliveCount: int32({
    id: 35,
    default: -1,
    min: -1,
    sockets: ALL,
  }),
  /**
   * This has no effect in JavaScript, because Node can't set TCP_USER_TIMEOUT. Use heartbeats to notice dead peers.
   *
   * @defaultValue `0` ms
   * @see ZMQ_TCP_MAXRT in zmq_setsockopt(3)
   */
  tcpMaxRetransmitTimeout: int32({
    id: 80,
    default: 0,
    min: 0,
    sockets: ALL,
  }),
  /**
   * Only these IPv4 or IPv6 addresses and ranges, such as `10.0.0.0/8`, may connect to a `bind()`. Each assignment
   * adds one, and null takes all away. Others are closed at once, with the event `accept:error`. It reads as the list
   * of all, or as null where everybody may connect.
   *
   * @defaultValue `null`
   * @see ZMQ_TCP_ACCEPT_FILTER in zmq_setsockopt(3)
   */
  tcpAcceptFilter: ranges({
    id: 38,
    sockets: ALL,
  }),
  /**
   * `connect()` goes through this SOCKS5 proxy, given as `host:port`, which also resolves the names. There is no
   * authentication; null stands for no proxy. With another form `connect()` throws EINVAL.
   *
   * @defaultValue `null`
   * @see ZMQ_SOCKS_PROXY in zmq_setsockopt(3)
   */
  socksProxy: text({
    id: 68,
    nullable: true,
    sockets: ALL,
  }),
  /**
   * The packets sent carry this type of service, or traffic class, of 0 to 255. Where Node can't set it, as in
   * version 20, anything but 0 throws ENOTSUP.
   *
   * @defaultValue `0`
   * @see ZMQ_TOS in zmq_setsockopt(3)
   */
  typeOfService: uint32({
    id: 57,
    default: 0,
    max: 255,
    sockets: ALL,
    check: value => {
      if (value !== 0 && !canSetTypeOfService) unsupported("this version of Node can't set a type of service")
    },
  }),
  /**
   * Node can't bind to a network device, so that anything but null throws ENOTSUP. Use `bind()` to an interface's
   * name or address, or `connect()` from one.
   *
   * @defaultValue `null`
   * @see ZMQ_BINDTODEVICE in zmq_setsockopt(3)
   */
  interface: text({
    id: 92,
    nullable: true,
    sockets: ALL,
    check: () => unsupported("Node can't bind a socket to a network device; bind to its address instead"),
  }),
  /**
   * This has no effect in JavaScript, because Node can't set the size of a connection's send buffer in the kernel.
   *
   * @defaultValue `-1` bytes
   * @see ZMQ_SNDBUF in zmq_setsockopt(3)
   */
  sendBufferSize: int32({
    id: 11,
    default: -1,
    min: -1,
    sockets: SENDERS,
    byNumber: ALL,
  }),
  /**
   * This has no effect in JavaScript, because Node can't set the size of a connection's receive buffer in the kernel.
   *
   * @defaultValue `-1` bytes
   * @see ZMQ_RCVBUF in zmq_setsockopt(3)
   */
  receiveBufferSize: int32({
    id: 12,
    default: -1,
    min: -1,
    sockets: RECEIVERS,
    byNumber: ALL,
  }),
} as const
