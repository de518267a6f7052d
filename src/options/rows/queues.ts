/** These options say what waits, how much of it, and for how long. */

import { int32, int64 } from "../kinds/integers.ts"
import { bool } from "../kinds/kinds.ts"
import { ALL, RECEIVERS, SENDERS } from "./socket-groups.ts"

export const QUEUES = {
  /**
   * Sent messages are still delivered for this long after `close()` or `disconnect()`, and when the process ends. The
   * wait ends earlier when the peers have them. With -1 there is no limit; with 0 it is dropped at once.
   *
   * @defaultValue `-1` ms; `0` for SUB and XSUB, and in a context that isn't `blocky`
   * @see ZMQ_LINGER in zmq_setsockopt(3)
   */
  linger: int32({
    id: 17,
    default: -1,
    min: -1,
    sockets: ALL,
    live: true,
  }),
  /**
   * A `send()` waits for room this long before it rejects with EAGAIN. With -1 there is no limit; with 0 it doesn't
   * wait. The value is read at each call.
   *
   * @defaultValue `-1` ms
   * @see ZMQ_SNDTIMEO in zmq_setsockopt(3)
   */
  sendTimeout: int32({
    id: 28,
    default: -1,
    min: -1,
    sockets: SENDERS,
    byNumber: ALL,
    live: true,
  }),
  /**
   * A `receive()` waits for a message this long before it rejects with EAGAIN. With -1 there is no limit; with 0 it
   * doesn't wait. The value is read at each call.
   *
   * @defaultValue `-1` ms
   * @see ZMQ_RCVTIMEO in zmq_setsockopt(3)
   */
  receiveTimeout: int32({
    id: 27,
    default: -1,
    min: -1,
    sockets: RECEIVERS,
    byNumber: ALL,
    live: true,
  }),
  /**
   * At most this many messages are queued for one peer that can't take them now. With 0 there is no limit. At the
   * limit `send()` waits, except where the socket type drops messages.
   *
   * @defaultValue `1000` messages
   * @see ZMQ_SNDHWM in zmq_setsockopt(3)
   */
  sendHighWaterMark: int32({
    id: 23,
    default: 1000,
    min: 0,
    sockets: SENDERS,
    byNumber: ALL,
    live: true,
  }),
  /**
   * At most this many messages of one peer wait to be received. The peer is then held back. With 0 there is no limit.
   *
   * @defaultValue `1000` messages
   * @see ZMQ_RCVHWM in zmq_setsockopt(3)
   */
  receiveHighWaterMark: int32({
    id: 24,
    default: 1000,
    min: 0,
    sockets: RECEIVERS,
    byNumber: ALL,
    live: true,
  }),
  /**
   * With `true`, messages are queued for a `connect()` endpoint only while it is connected. Its queue is dropped with
   * the connection.
   *
   * @defaultValue `false`
   * @see ZMQ_IMMEDIATE in zmq_setsockopt(3)
   */
  immediate: bool({
    id: 39,
    default: false,
    sockets: ALL,
  }),
  /**
   * With `true`, each queue keeps only its newest message, whatever the high-water marks. Messages of several parts
   * stay whole. It can be set but not read.
   *
   * @defaultValue `false`
   * @see ZMQ_CONFLATE in zmq_setsockopt(3)
   */
  conflate: bool({
    id: 54,
    default: false,
    sockets: ["PUB", "SUB", "DEALER", "PULL", "PUSH"],
    access: "write",
    byNumber: ALL,
  }),
  /**
   * A message part that a peer sends may have at most this many bytes. A message of several parts may take 16 times as
   * much, or 4 MiB if that is more, where each part counts for 128 bytes more than it has. A peer that sends more is
   * disconnected. With -1 only the fixed limits hold: 2 GiB and 1,048,576 parts for a whole message.
   *
   * @defaultValue `-1` bytes
   * @see ZMQ_MAXMSGSIZE in zmq_setsockopt(3)
   */
  maxMessageSize: int64({
    id: 22,
    default: -1,
    sockets: ALL,
  }),
} as const
