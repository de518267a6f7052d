/** The options of a context (zmq_ctx_set(3)), by the rules of those of sockets. Their numbers are a series of their own. */

import { int32 } from "../option-integers.ts"
import { bool } from "../option-kinds.ts"
import { ALL } from "./applies.ts"

export const CONTEXT_OPTIONS = {
  /** False: new sockets start with `linger` 0, and the end of the process waits for nothing. */
  blocky: bool({
    id: 70,
    libzmq: "ZMQ_BLOCKY",
    default: true,
    sockets: ALL,
    help: "False: new sockets start with `linger` 0, and the end of the process waits for nothing.",
  }),
  /** What the `ipv6` option of new sockets starts with. */
  ipv6: bool({
    id: 42,
    libzmq: "ZMQ_IPV6",
    default: false,
    sockets: ALL,
    help: "What the option `ipv6` of new sockets starts with.",
  }),
  /** Most sockets open at a time; EMFILE beyond. */
  maxSockets: int32({
    id: 2,
    libzmq: "ZMQ_MAX_SOCKETS",
    default: 1023,
    min: 1,
    unit: "sockets",
    sockets: ALL,
    live: true,
    help: "Most sockets open at a time; one more throws EMFILE.",
  }),
  /** The largest value of `maxSockets` in libzmq; not enforced there either. */
  maxSocketsLimit: int32({
    id: 3,
    libzmq: "ZMQ_SOCKET_LIMIT",
    default: 65_535,
    unit: "sockets",
    sockets: ALL,
    access: "read",
    help: "What libzmq says of `maxSockets`; not enforced, there or here.",
  }),
  /** Without effect. */
  ioThreads: int32({
    id: 1,
    libzmq: "ZMQ_IO_THREADS",
    default: 1,
    min: 0,
    sockets: ALL,
    inert: true,
    help: "There are no I/O threads.",
  }),
  /** Without effect. */
  threadPriority: int32({
    id: 3,
    libzmq: "ZMQ_THREAD_PRIORITY",
    default: 0,
    min: 0,
    sockets: ALL,
    access: "write",
    inert: true,
    help: "There are no I/O threads.",
  }),
  /** Without effect. */
  threadSchedulingPolicy: int32({
    id: 4,
    libzmq: "ZMQ_THREAD_SCHED_POLICY",
    default: 0,
    min: 0,
    sockets: ALL,
    access: "write",
    inert: true,
    help: "There are no I/O threads.",
  }),
  /** Bytes; without effect: in libzmq it limits what a program may allocate for one part. */
  maxMessageSize: int32({
    id: 5,
    libzmq: "ZMQ_MAX_MSGSZ",
    default: 2_147_483_647,
    min: 0,
    unit: "bytes",
    sockets: ALL,
    inert: true,
    help: "In libzmq it limits the memory that a program may ask for one part. The limit for what peers send is the socket's own `maxMessageSize`.",
  }),
} as const
