/** What is kept and checked, as natively, and does nothing here; or isn't there, as in the builds of the native package. */

import { int32, uint64 } from "../option-integers.ts"
import { bool, unavailable } from "../option-kinds.ts"
import { ALL, SENDERS } from "./applies.ts"

export const INERT = {
  /** A set of I/O threads, as bits; without effect. */
  affinity: uint64({
    id: 4,
    libzmq: "ZMQ_AFFINITY",
    default: 0,
    sockets: ALL,
    inert: true,
    help: "There are no I/O threads.",
  }),
  /** Kilobits per second; without effect. */
  rate: int32({
    id: 8,
    libzmq: "ZMQ_RATE",
    default: 100,
    min: 1,
    unit: "kbit/s",
    sockets: ALL,
    inert: true,
    help: "There is no multicast: pgm's rate.",
  }),
  /** Milliseconds; without effect. */
  recoveryInterval: int32({
    id: 9,
    libzmq: "ZMQ_RECOVERY_IVL",
    default: 10_000,
    min: 0,
    unit: "ms",
    sockets: ALL,
    inert: true,
    help: "There is no multicast: how long a pgm receiver may be away.",
  }),
  /** Without effect. */
  multicastHops: int32({
    id: 25,
    libzmq: "ZMQ_MULTICAST_HOPS",
    default: 1,
    min: 1,
    unit: "hops",
    sockets: SENDERS,
    byNumber: ALL,
    inert: true,
    help: "There is no multicast: how far its packets go.",
  }),
  /** Bytes; without effect. */
  multicastMaxTransportDataUnit: int32({
    id: 84,
    libzmq: "ZMQ_MULTICAST_MAXTPDU",
    default: 1500,
    min: 1,
    unit: "bytes",
    sockets: ALL,
    inert: true,
    help: "There is no multicast: the size of its packets.",
  }),
  /** Without effect. */
  loopbackFastPath: bool({
    id: 94,
    libzmq: "ZMQ_LOOPBACK_FASTPATH",
    default: false,
    sockets: ALL,
    inert: true,
    help: "Node can't set SIO_LOOPBACK_FAST_PATH, which only old versions of Windows know.",
  }),
  /** Throws EINVAL, read or set. */
  vmciBufferSize: unavailable({
    id: 85,
    libzmq: "ZMQ_VMCI_BUFFER_SIZE",
    type: "uint64",
    sockets: ALL,
    help: "There is no VMCI: throws EINVAL, read or set, as in the native package's builds. Its buffer.",
  }),
  /** Throws EINVAL, read or set. */
  vmciBufferMinSize: unavailable({
    id: 86,
    libzmq: "ZMQ_VMCI_BUFFER_MIN_SIZE",
    type: "uint64",
    sockets: ALL,
    help: "Likewise: the least size of its buffer.",
  }),
  /** Throws EINVAL, read or set. */
  vmciBufferMaxSize: unavailable({
    id: 87,
    libzmq: "ZMQ_VMCI_BUFFER_MAX_SIZE",
    type: "uint64",
    sockets: ALL,
    help: "Likewise: the largest size of its buffer.",
  }),
  /** Throws EINVAL, read or set. */
  vmciConnectTimeout: unavailable({
    id: 88,
    libzmq: "ZMQ_VMCI_CONNECT_TIMEOUT",
    type: "int32",
    sockets: ALL,
    help: "Likewise: how long connecting may take.",
  }),
} as const
