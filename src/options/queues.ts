/** What waits, how much of it, and for how long. */

import { int32, int64 } from "../option-integers.ts"
import { bool } from "../option-kinds.ts"
import { ALL, RECEIVERS, SENDERS } from "./applies.ts"

export const QUEUES = {
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
    byNumber: ALL,
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
    byNumber: ALL,
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
    byNumber: ALL,
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
    byNumber: ALL,
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
    access: "write",
    byNumber: ALL,
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
} as const
