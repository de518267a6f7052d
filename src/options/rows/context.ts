/** These are the options of a context (zmq_ctx_set(3)). Their numbers are not those of the sockets' options. */

import { int32 } from "../kinds/integers.ts"
import { bool } from "../kinds/kinds.ts"
import { ALL } from "./socket-groups.ts"

export const CONTEXT_OPTIONS = {
  /**
   * With `false`, new sockets start with a `linger` of 0, and the end of the process waits for nothing.
   *
   * @defaultValue `true`
   * @see ZMQ_BLOCKY in zmq_ctx_set(3)
   */
  blocky: bool({
    id: 70,
    default: true,
    sockets: ALL,
  }),
  /**
   * New sockets start with this value of their option `ipv6`.
   *
   * @defaultValue `false`
   * @see ZMQ_IPV6 in zmq_ctx_set(3)
   */
  ipv6: bool({
    id: 42,
    default: false,
    sockets: ALL,
  }),
  /**
   * At most this many sockets may be open at a time. One more throws EMFILE.
   *
   * @defaultValue `1023` sockets
   * @see ZMQ_MAX_SOCKETS in zmq_ctx_set(3)
   */
  maxSockets: int32({
    id: 2,
    default: 1023,
    min: 1,
    sockets: ALL,
    live: true,
  }),
  /**
   * This is the largest `maxSockets` that libzmq speaks of. It is not enforced, there or here.
   *
   * @see ZMQ_SOCKET_LIMIT in zmq_ctx_get(3)
   */
  maxSocketsLimit: int32({
    id: 3,
    default: 65_535,
    sockets: ALL,
    access: "read",
  }),
  /**
   * This has no effect in JavaScript, because there are no I/O threads. In libzmq it is their number.
   *
   * @defaultValue `1`
   * @see ZMQ_IO_THREADS in zmq_ctx_set(3)
   */
  ioThreads: int32({
    id: 1,
    default: 1,
    min: 0,
    sockets: ALL,
  }),
  /**
   * This has no effect in JavaScript, because there are no I/O threads. In libzmq it is their priority. It can be set
   * but not read.
   *
   * @defaultValue `0`
   * @see ZMQ_THREAD_PRIORITY in zmq_ctx_set(3)
   */
  threadPriority: int32({
    id: 3,
    default: 0,
    min: 0,
    sockets: ALL,
    access: "write",
  }),
  /**
   * This has no effect in JavaScript, because there are no I/O threads. In libzmq it is their scheduling policy. It
   * can be set but not read.
   *
   * @defaultValue `0`
   * @see ZMQ_THREAD_SCHED_POLICY in zmq_ctx_set(3)
   */
  threadSchedulingPolicy: int32({
    id: 4,
    default: 0,
    min: 0,
    sockets: ALL,
    access: "write",
  }),
  /**
   * This has no effect in JavaScript. In libzmq it limits the memory that a program may ask for one part. The limit
   * for what peers send is the socket's own `maxMessageSize`.
   *
   * @defaultValue `2147483647` bytes
   * @see ZMQ_MAX_MSGSZ in zmq_ctx_set(3)
   */
  maxMessageSize: int32({
    id: 5,
    default: 2_147_483_647,
    min: 0,
    sockets: ALL,
  }),
} as const
