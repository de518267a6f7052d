/** The options of a context (zmq_ctx_set(3)), by the rules of those of sockets. Their numbers are a series of their own. */

import { int32 } from "../kinds/integers.ts"
import { bool } from "../kinds/kinds.ts"
import { ALL } from "./socket-groups.ts"

export const CONTEXT_OPTIONS = {
  /** False: new sockets start with `linger` 0, and the end of the process waits for nothing. */
  blocky: bool({
    id: 70,
    default: true,
    sockets: ALL,
  }),
  /** What the `ipv6` option of new sockets starts with. */
  ipv6: bool({
    id: 42,
    default: false,
    sockets: ALL,
  }),
  /** Most sockets open at a time; EMFILE beyond. */
  maxSockets: int32({
    id: 2,
    default: 1023,
    min: 1,
    sockets: ALL,
    live: true,
  }),
  /** The largest value of `maxSockets` in libzmq; not enforced there either. */
  maxSocketsLimit: int32({
    id: 3,
    default: 65_535,
    sockets: ALL,
    access: "read",
  }),
  /** Without effect. */
  ioThreads: int32({
    id: 1,
    default: 1,
    min: 0,
    sockets: ALL,
  }),
  /** Without effect. */
  threadPriority: int32({
    id: 3,
    default: 0,
    min: 0,
    sockets: ALL,
    access: "write",
  }),
  /** Without effect. */
  threadSchedulingPolicy: int32({
    id: 4,
    default: 0,
    min: 0,
    sockets: ALL,
    access: "write",
  }),
  /** Bytes; without effect: in libzmq it limits what a program may allocate for one part. */
  maxMessageSize: int32({
    id: 5,
    default: 2_147_483_647,
    min: 0,
    sockets: ALL,
  }),
} as const
