/** These options can only be read. */

import { int32 } from "../kinds/integers.ts"
import { bool, choice, text } from "../kinds/kinds.ts"
import { ALL } from "./socket-groups.ts"

export const FACTS = {
  /**
   * This is libzmq's number of the socket type, such as 5 for a Dealer.
   *
   * @see ZMQ_TYPE in zmq_getsockopt(3)
   */
  type: int32({
    id: 16,
    default: 0,
    sockets: ALL,
    access: "read",
  }),
  /**
   * This is the resolved endpoint of the last `bind()`, or the given one of the last `connect()`. It is null before.
   *
   * @see ZMQ_LAST_ENDPOINT in zmq_getsockopt(3)
   */
  lastEndpoint: text({
    id: 32,
    sockets: ALL,
    access: "read",
  }),
  /**
   * This tells how peers prove who they are. It is null where they don't.
   *
   * @see ZMQ_MECHANISM in zmq_getsockopt(3)
   */
  securityMechanism: choice({
    id: 43,
    values: [null, "plain", "curve", "gssapi"],
    default: null,
    sockets: ALL,
    access: "read",
  }),
  /**
   * This is false, as for all of libzmq's sockets but its drafts.
   *
   * @see ZMQ_THREAD_SAFE in zmq_getsockopt(3)
   */
  threadSafe: bool({
    id: 81,
    default: false,
    sockets: ALL,
    access: "read",
  }),
} as const
