/** What belongs to single socket types. */
import { bool, bytes, lenientChoice } from "../option-kinds.ts"
import { ALL } from "./applies.ts"

export const PATTERNS = {
  /** Send a request id along, and take only the reply that carries it. */
  correlate: bool({
    id: 52,
    libzmq: "ZMQ_REQ_CORRELATE",
    default: false,
    sockets: ["REQ"],
    access: "write",
    live: true,
    help: "Send an id with each request, and take only the reply that carries it back.",
  }),
  /** Allow a new request while a reply is still awaited. */
  relaxed: bool({
    id: 53,
    libzmq: "ZMQ_REQ_RELAXED",
    default: false,
    sockets: ["REQ"],
    access: "write",
    live: true,
    help: "Allow a new request while a reply is still awaited; the old one is given up. Use with `correlate`.",
  }),
  /** Begin each connection with an empty message, so that a ROUTER peer learns of this socket. */
  probeRouter: bool({
    id: 51,
    libzmq: "ZMQ_PROBE_ROUTER",
    default: false,
    sockets: ["REQ", "DEALER", "ROUTER"],
    access: "write",
    byNumber: ["REP"],
    live: true,
    help: "Begin each connection with an empty message, so that a ROUTER peer learns of this socket. For sockets whose peers are ROUTERs.",
  }),
  /** Refuse what can't be delivered, instead of dropping it. */
  mandatory: bool({
    id: 33,
    libzmq: "ZMQ_ROUTER_MANDATORY",
    default: false,
    sockets: ["ROUTER"],
    byNumber: ["REP"],
    live: true,
    help: "Refuse what can't be delivered instead of dropping it: EHOSTUNREACH for an unknown peer. `send()` waits for a peer at its high-water mark, and while no peer at all has room.",
  }),
  /** Let a new peer take the routing id of an old one. */
  handover: bool({
    id: 56,
    libzmq: "ZMQ_ROUTER_HANDOVER",
    default: false,
    sockets: ["ROUTER"],
    access: "write",
    byNumber: ["REP"],
    live: true,
    help: "When a new peer has the routing id of an old one, close the old one instead of the new one.",
  }),
  /** Wait for subscribers at their high-water mark instead of dropping messages for them. */
  noDrop: bool({
    id: 69,
    libzmq: "ZMQ_XPUB_NODROP",
    default: false,
    sockets: ["PUB", "XPUB"],
    access: "write",
    live: true,
    warns: true,
    help: "When a matching subscriber is at its high-water mark, wait instead of dropping the message for it.",
  }),
  /** Deliver what does not match the subscriptions. Set it on both ends. */
  invertMatching: bool({
    id: 74,
    libzmq: "ZMQ_INVERT_MATCHING",
    default: false,
    sockets: ["PUB", "SUB", "XPUB"],
    byNumber: ALL,
    live: true,
    warns: true,
    help: "Deliver the messages that match no subscription. To be set on both ends.",
  }),
  /** Which subscriptions are received: null for the first and last of each topic, all subscriptions, or all of both. */
  verbosity: lenientChoice({
    id: 40,
    libzmq: "ZMQ_XPUB_VERBOSE",
    default: null,
    values: [null, "allSubs", "allSubsUnsubs"],
    sockets: ["XPUB"],
    access: "write",
    live: true,
    help: "Which subscriptions are received as messages: with `null` the first of each topic and the end of its last one, with `allSubs` every subscription, with `allSubsUnsubs` (ZMQ_XPUB_VERBOSER) every end of one too. Other values are ignored.",
  }),
  /** Subscriptions are only received; the program makes them, with subscribe() and unsubscribe(). */
  manual: bool({
    id: 71,
    libzmq: "ZMQ_XPUB_MANUAL",
    default: false,
    sockets: ["XPUB"],
    access: "write",
    live: true,
    warns: true,
    help: "Subscriptions take no effect but are all received; `subscribe()` and `unsubscribe()` then act for the peer whose request was received last.",
  }),
  /** Sent to each new subscriber, whatever it subscribes to; null or nothing for none. */
  welcomeMessage: bytes({
    id: 72,
    libzmq: "ZMQ_XPUB_WELCOME_MSG",
    sockets: ["XPUB"],
    nullable: true,
    emptyUnsets: true,
    access: "write",
    live: true,
    warns: true,
    help: "A message of one part that is sent to each new peer, whatever it subscribes to (a SUB drops it unless it matches); null or an empty one for none.",
  }),
  /** Tell of each connection's begin and end by an empty message. */
  notify: bool({
    id: 73,
    libzmq: "ZMQ_STREAM_NOTIFY",
    default: true,
    sockets: ["STREAM"],
    access: "write",
    help: "Receive an empty message when a connection begins and when its peer has ended it.",
  }),
} as const
