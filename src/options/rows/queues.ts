/** What waits, how much of it, and for how long. */

import { int32, int64 } from "../kinds/integers.ts"
import { bool } from "../kinds/kinds.ts"
import { ALL, RECEIVERS, SENDERS } from "./socket-groups.ts"

export const QUEUES = {
  /** Milliseconds that queued messages are still delivered for after close() or disconnect(); -1 for ever, 0 not at all. */
  linger: int32({
    id: 17,
    default: -1,
    min: -1,
    sockets: ALL,
    live: true,
  }),
  /** Milliseconds until a send() that isn't possible rejects with EAGAIN; -1 never, 0 at once. */
  sendTimeout: int32({
    id: 28,
    default: -1,
    min: -1,
    sockets: SENDERS,
    byNumber: ALL,
    live: true,
  }),
  /** Milliseconds until a receive() rejects with EAGAIN; -1 never, 0 at once. */
  receiveTimeout: int32({
    id: 27,
    default: -1,
    min: -1,
    sockets: RECEIVERS,
    byNumber: ALL,
    live: true,
  }),
  /** Most messages queued for one peer that can't take them now; 0 for no limit. */
  sendHighWaterMark: int32({
    id: 23,
    default: 1000,
    min: 0,
    sockets: SENDERS,
    byNumber: ALL,
    live: true,
  }),
  /** Most messages of one peer that wait to be received; 0 for no limit. */
  receiveHighWaterMark: int32({
    id: 24,
    default: 1000,
    min: 0,
    sockets: RECEIVERS,
    byNumber: ALL,
    live: true,
  }),
  /** Queue for connect() endpoints only while they are connected. */
  immediate: bool({
    id: 39,
    default: false,
    sockets: ALL,
  }),
  /** Keep only the newest message of each queue. Set before bind() or connect(). */
  conflate: bool({
    id: 54,
    default: false,
    sockets: ["PUB", "SUB", "DEALER", "PULL", "PUSH"],
    access: "write",
    byNumber: ALL,
  }),
  /** Largest part a peer may send, in bytes; -1 for no limit. */
  maxMessageSize: int64({
    id: 22,
    default: -1,
    sockets: ALL,
  }),
} as const
