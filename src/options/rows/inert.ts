/**
 * These options have no effect here. Most are checked and stored, as in the native package. The others throw, as in the
 * native package's builds.
 */

import { int32, uint64 } from "../kinds/integers.ts"
import { bool, unavailable } from "../kinds/kinds.ts"
import { ALL, SENDERS } from "./socket-groups.ts"

export const INERT = {
  /**
   * This has no effect in JavaScript, because there are no I/O threads. In libzmq it is the set of threads, as bits,
   * that handle the connections.
   *
   * @defaultValue `0`
   * @see ZMQ_AFFINITY in zmq_setsockopt(3)
   */
  affinity: uint64({
    id: 4,
    default: 0,
    sockets: ALL,
  }),
  /**
   * This has no effect in JavaScript, because there is no multicast. In libzmq it is the rate of pgm.
   *
   * @defaultValue `100` kbit/s
   * @see ZMQ_RATE in zmq_setsockopt(3)
   */
  rate: int32({
    id: 8,
    default: 100,
    min: 1,
    sockets: ALL,
  }),
  /**
   * This has no effect in JavaScript, because there is no multicast. In libzmq it is the time that a pgm receiver may
   * be away.
   *
   * @defaultValue `10000` ms
   * @see ZMQ_RECOVERY_IVL in zmq_setsockopt(3)
   */
  recoveryInterval: int32({
    id: 9,
    default: 10_000,
    min: 0,
    sockets: ALL,
  }),
  /**
   * This has no effect in JavaScript, because there is no multicast. In libzmq it is the number of hops that its
   * packets may go.
   *
   * @defaultValue `1` hops
   * @see ZMQ_MULTICAST_HOPS in zmq_setsockopt(3)
   */
  multicastHops: int32({
    id: 25,
    default: 1,
    min: 1,
    sockets: SENDERS,
    byNumber: ALL,
  }),
  /**
   * This has no effect in JavaScript, because there is no multicast. In libzmq it is the size of its packets.
   *
   * @defaultValue `1500` bytes
   * @see ZMQ_MULTICAST_MAXTPDU in zmq_setsockopt(3)
   */
  multicastMaxTransportDataUnit: int32({
    id: 84,
    default: 1500,
    min: 1,
    sockets: ALL,
  }),
  /**
   * This has no effect in JavaScript, because Node can't set SIO_LOOPBACK_FAST_PATH, which only old versions of
   * Windows know.
   *
   * @defaultValue `false`
   * @see ZMQ_LOOPBACK_FASTPATH in zmq_setsockopt(3)
   */
  loopbackFastPath: bool({
    id: 94,
    default: false,
    sockets: ALL,
  }),
  /**
   * This is the size of VMCI's buffer. It is not supported: it throws EINVAL, read or set, as in the native package's
   * builds.
   *
   * @see ZMQ_VMCI_BUFFER_SIZE in zmq_setsockopt(3)
   */
  vmciBufferSize: unavailable({
    id: 85,
    type: "uint64",
    sockets: ALL,
  }),
  /**
   * This is the least size of VMCI's buffer. It is not supported: it throws EINVAL, read or set.
   *
   * @see ZMQ_VMCI_BUFFER_MIN_SIZE in zmq_setsockopt(3)
   */
  vmciBufferMinSize: unavailable({
    id: 86,
    type: "uint64",
    sockets: ALL,
  }),
  /**
   * This is the largest size of VMCI's buffer. It is not supported: it throws EINVAL, read or set.
   *
   * @see ZMQ_VMCI_BUFFER_MAX_SIZE in zmq_setsockopt(3)
   */
  vmciBufferMaxSize: unavailable({
    id: 87,
    type: "uint64",
    sockets: ALL,
  }),
  /**
   * This is the time that connecting over VMCI may take. It is not supported: it throws EINVAL, read or set.
   *
   * @see ZMQ_VMCI_CONNECT_TIMEOUT in zmq_setsockopt(3)
   */
  vmciConnectTimeout: unavailable({
    id: 88,
    type: "int32",
    sockets: ALL,
  }),
} as const
