/** These options belong to single socket types. */
import { bool, bytes, lenientChoice } from "../kinds/kinds.ts"
import { ALL } from "./socket-groups.ts"

export const PATTERNS = {
  /**
   * With `true`, each request carries an id, and only the reply that carries it back is received. It can be set but
   * not read.
   *
   * @defaultValue `false`
   * @see ZMQ_REQ_CORRELATE in zmq_setsockopt(3)
   */
  correlate: bool({
    id: 52,
    default: false,
    sockets: ["REQ"],
    access: "write",
    live: true,
  }),
  /**
   * With `true`, a new request may be sent while a reply is still awaited. The old request is given up. Use it with
   * `correlate`. It can be set but not read.
   *
   * @defaultValue `false`
   * @see ZMQ_REQ_RELAXED in zmq_setsockopt(3)
   */
  relaxed: bool({
    id: 53,
    default: false,
    sockets: ["REQ"],
    access: "write",
    live: true,
  }),
  /**
   * With `true`, each connection begins with an empty message, so that a ROUTER peer learns of this socket. It is for
   * sockets whose peers are ROUTERs. It can be set but not read.
   *
   * @defaultValue `false`
   * @see ZMQ_PROBE_ROUTER in zmq_setsockopt(3)
   */
  probeRouter: bool({
    id: 51,
    default: false,
    sockets: ["REQ", "DEALER", "ROUTER"],
    access: "write",
    byNumber: ["REP"],
    live: true,
  }),
  /**
   * With `true`, messages that can't be delivered are refused instead of dropped. `send()` rejects with EHOSTUNREACH
   * for an unknown peer, and waits for a peer at its high-water mark, and while there is no peer at all.
   *
   * @defaultValue `false`
   * @see ZMQ_ROUTER_MANDATORY in zmq_setsockopt(3)
   */
  mandatory: bool({
    id: 33,
    default: false,
    sockets: ["ROUTER"],
    byNumber: ["REP"],
    live: true,
  }),
  /**
   * With `true`, a new peer takes the routing id of an old one, and the old one is closed. Otherwise the new one waits
   * until the old one has left. It can be set but not read.
   *
   * @defaultValue `false`
   * @see ZMQ_ROUTER_HANDOVER in zmq_setsockopt(3)
   */
  handover: bool({
    id: 56,
    default: false,
    sockets: ["ROUTER"],
    access: "write",
    byNumber: ["REP"],
    live: true,
  }),
  /**
   * With `true`, `send()` waits for a matching subscriber at its high-water mark instead of dropping the message for
   * it. It can be set but not read.
   *
   * @defaultValue `false`
   * @see ZMQ_XPUB_NODROP in zmq_setsockopt(3)
   */
  noDrop: bool({
    id: 69,
    default: false,
    sockets: ["PUB", "XPUB"],
    access: "write",
    live: true,
    warns: true,
  }),
  /**
   * With `true`, the messages that match no subscription are delivered. It is to be set on both ends.
   *
   * @defaultValue `false`
   * @see ZMQ_INVERT_MATCHING in zmq_setsockopt(3)
   */
  invertMatching: bool({
    id: 74,
    default: false,
    sockets: ["PUB", "SUB", "XPUB"],
    byNumber: ALL,
    live: true,
    warns: true,
  }),
  /**
   * This chooses which subscriptions are received as messages. With null they are the first of each topic and the end
   * of its last one, with `"allSubs"` every subscription, with `"allSubsUnsubs"` (ZMQ_XPUB_VERBOSER) every end of one
   * too. Other values are ignored. It can be set but not read.
   *
   * @defaultValue `null`
   * @see ZMQ_XPUB_VERBOSE in zmq_setsockopt(3)
   */
  verbosity: lenientChoice({
    id: 40,
    default: null,
    values: [null, "allSubs", "allSubsUnsubs"],
    sockets: ["XPUB"],
    access: "write",
    live: true,
  }),
  /**
   * With `true`, subscriptions take no effect but are all received. `subscribe()` and `unsubscribe()` then act for
   * the peer whose request was received last. It can be set but not read.
   *
   * @defaultValue `false`
   * @see ZMQ_XPUB_MANUAL in zmq_setsockopt(3)
   */
  manual: bool({
    id: 71,
    default: false,
    sockets: ["XPUB"],
    access: "write",
    live: true,
    warns: true,
  }),
  /**
   * This message of one part is sent to each new peer, whatever it subscribes to. A SUB drops it unless it matches.
   * With null or an empty string none is sent. It can be set but not read.
   *
   * @defaultValue `null`
   * @see ZMQ_XPUB_WELCOME_MSG in zmq_setsockopt(3)
   */
  welcomeMessage: bytes({
    id: 72,
    sockets: ["XPUB"],
    nullable: true,
    emptyUnsets: true,
    access: "write",
    live: true,
    warns: true,
  }),
  /**
   * With `true`, an empty message is received when a connection begins and when its peer has ended it. It can be set
   * but not read.
   *
   * @defaultValue `true`
   * @see ZMQ_STREAM_NOTIFY in zmq_setsockopt(3)
   */
  notify: bool({
    id: 73,
    default: true,
    sockets: ["STREAM"],
    access: "write",
  }),
} as const
