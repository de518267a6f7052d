/** What concerns tcp alone. */
import { ZmqError } from "../../base/errors.ts"
import { canSetTypeOfService } from "../../base/runtime.ts"
import { int32, uint32 } from "../kinds/integers.ts"
import { ranges, text } from "../kinds/kinds.ts"
import { ALL, RECEIVERS, SENDERS } from "./socket-groups.ts"

/** What Node can't do and what must not be taken as done. */
function unsupported(reason: string): never {
  throw new ZmqError("ENOTSUP", { reason })
}

export const TCP = {
  /** TCP keep-alive: -1 as the operating system does, 0 off, 1 on. */
  tcpKeepalive: int32({
    id: 34,
    default: -1,
    min: -1,
    max: 1,
    sockets: ALL,
  }),
  /** Seconds of silence before the first keep-alive probe; -1 as the operating system does. */
  tcpKeepaliveIdle: int32({
    id: 36,
    default: -1,
    min: -1,
    sockets: ALL,
  }),
  /** Seconds between keep-alive probes; -1 for Node's default of 1. */
  tcpKeepaliveInterval: int32({
    id: 37,
    default: -1,
    min: -1,
    sockets: ALL,
  }),
  /** Unanswered keep-alive probes after which the connection is lost; -1 for Node's default of 10. */
  tcpKeepaliveCount: int32({
    id: 35,
    default: -1,
    min: -1,
    sockets: ALL,
  }),
  /** Milliseconds; without effect. */
  tcpMaxRetransmitTimeout: int32({
    id: 80,
    default: 0,
    min: 0,
    sockets: ALL,
  }),
  /** Ranges of addresses that may connect to a bind(), such as "10.0.0.0/8"; each assignment adds one, null clears. */
  tcpAcceptFilter: ranges({
    id: 38,
    sockets: ALL,
  }),
  /** "host:port" of a SOCKS5 proxy that connects for us; null for none. */
  socksProxy: text({
    id: 68,
    nullable: true,
    sockets: ALL,
  }),
  /** The IP header's type of service, 0 to 255. Throws ENOTSUP where Node can't set it. */
  typeOfService: uint32({
    id: 57,
    default: 0,
    max: 255,
    sockets: ALL,
    check: value => {
      if (value !== 0 && !canSetTypeOfService) unsupported("this version of Node can't set a type of service")
    },
  }),
  /** Can only be null: Node can't bind to a network device. Throws ENOTSUP. */
  interface: text({
    id: 92,
    nullable: true,
    sockets: ALL,
    check: () => unsupported("Node can't bind a socket to a network device; bind to its address instead"),
  }),
  /** Bytes; without effect. */
  sendBufferSize: int32({
    id: 11,
    default: -1,
    min: -1,
    sockets: SENDERS,
    byNumber: ALL,
  }),
  /** Bytes; without effect. */
  receiveBufferSize: int32({
    id: 12,
    default: -1,
    min: -1,
    sockets: RECEIVERS,
    byNumber: ALL,
  }),
} as const
