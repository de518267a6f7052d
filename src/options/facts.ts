/** What can only be read. */

import { int32 } from "../option-integers.ts"
import { bool, choice, text } from "../option-kinds.ts"
import { ALL } from "./applies.ts"

export const FACTS = {
  /** libzmq's number of the socket type. */
  type: int32({
    id: 16,
    libzmq: "ZMQ_TYPE",
    default: 0,
    sockets: ALL,
    access: "read",
    help: "The number of the socket type, such as 5 for a Dealer.",
  }),
  /** The resolved endpoint of the last bind(), or the given one of the last connect(); null before. */
  lastEndpoint: text({
    id: 32,
    libzmq: "ZMQ_LAST_ENDPOINT",
    sockets: ALL,
    access: "read",
    help: "The resolved endpoint of the last `bind()`, or the given one of the last `connect()`; null before.",
  }),
  /** How peers prove who they are; null for not at all. */
  securityMechanism: choice({
    id: 43,
    libzmq: "ZMQ_MECHANISM",
    values: [null, "plain", "curve", "gssapi"],
    default: null,
    sockets: ALL,
    access: "read",
    help: "How peers prove who they are; null for not at all.",
  }),
  threadSafe: bool({
    id: 81,
    libzmq: "ZMQ_THREAD_SAFE",
    default: false,
    sockets: ALL,
    access: "read",
    help: "False, as of all of libzmq's sockets but its drafts.",
  }),
} as const
