/** What can only be read. */

import { int32 } from "../kinds/integers.ts"
import { bool, choice, text } from "../kinds/kinds.ts"
import { ALL } from "./socket-groups.ts"

export const FACTS = {
  /** libzmq's number of the socket type. */
  type: int32({
    id: 16,
    default: 0,
    sockets: ALL,
    access: "read",
  }),
  /** The resolved endpoint of the last bind(), or the given one of the last connect(); null before. */
  lastEndpoint: text({
    id: 32,
    sockets: ALL,
    access: "read",
  }),
  /** How peers prove who they are; null for not at all. */
  securityMechanism: choice({
    id: 43,
    values: [null, "plain", "curve", "gssapi"],
    default: null,
    sockets: ALL,
    access: "read",
  }),
  threadSafe: bool({
    id: 81,
    default: false,
    sockets: ALL,
    access: "read",
  }),
} as const
