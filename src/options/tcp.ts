/** What concerns tcp alone. */
import { int32 } from "../option-spec.ts"
import { ALL } from "./applies.ts"

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
} as const
