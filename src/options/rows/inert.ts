/** What is kept and checked, as natively, and does nothing here; or isn't there, as in the builds of the native package. */

import { int32, uint64 } from "../kinds/integers.ts"
import { bool, unavailable } from "../kinds/kinds.ts"
import { ALL, SENDERS } from "./socket-groups.ts"

export const INERT = {
  /** A set of I/O threads, as bits; without effect. */
  affinity: uint64({
    id: 4,
    default: 0,
    sockets: ALL,
  }),
  /** Kilobits per second; without effect. */
  rate: int32({
    id: 8,
    default: 100,
    min: 1,
    sockets: ALL,
  }),
  /** Milliseconds; without effect. */
  recoveryInterval: int32({
    id: 9,
    default: 10_000,
    min: 0,
    sockets: ALL,
  }),
  /** Without effect. */
  multicastHops: int32({
    id: 25,
    default: 1,
    min: 1,
    sockets: SENDERS,
    byNumber: ALL,
  }),
  /** Bytes; without effect. */
  multicastMaxTransportDataUnit: int32({
    id: 84,
    default: 1500,
    min: 1,
    sockets: ALL,
  }),
  /** Without effect. */
  loopbackFastPath: bool({
    id: 94,
    default: false,
    sockets: ALL,
  }),
  /** Throws EINVAL, read or set. */
  vmciBufferSize: unavailable({
    id: 85,
    type: "uint64",
    sockets: ALL,
  }),
  /** Throws EINVAL, read or set. */
  vmciBufferMinSize: unavailable({
    id: 86,
    type: "uint64",
    sockets: ALL,
  }),
  /** Throws EINVAL, read or set. */
  vmciBufferMaxSize: unavailable({
    id: 87,
    type: "uint64",
    sockets: ALL,
  }),
  /** Throws EINVAL, read or set. */
  vmciConnectTimeout: unavailable({
    id: 88,
    type: "int32",
    sockets: ALL,
  }),
} as const
