/** What belongs to single socket types. */
import { bool, bytes, lenientChoice } from "../kinds/kinds.ts"
import { ALL } from "./socket-groups.ts"

export const PATTERNS = {
  /** Send a request id along, and take only the reply that carries it. */
  correlate: bool({
    id: 52,
    default: false,
    sockets: ["REQ"],
    access: "write",
    live: true,
  }),
  /** Allow a new request while a reply is still awaited. */
  relaxed: bool({
    id: 53,
    default: false,
    sockets: ["REQ"],
    access: "write",
    live: true,
  }),
  /** Begin each connection with an empty message, so that a ROUTER peer learns of this socket. */
  probeRouter: bool({
    id: 51,
    default: false,
    sockets: ["REQ", "DEALER", "ROUTER"],
    access: "write",
    byNumber: ["REP"],
    live: true,
  }),
  /** Refuse what can't be delivered, instead of dropping it. */
  mandatory: bool({
    id: 33,
    default: false,
    sockets: ["ROUTER"],
    byNumber: ["REP"],
    live: true,
  }),
  /** Let a new peer take the routing id of an old one. */
  handover: bool({
    id: 56,
    default: false,
    sockets: ["ROUTER"],
    access: "write",
    byNumber: ["REP"],
    live: true,
  }),
  /** Wait for subscribers at their high-water mark instead of dropping messages for them. */
  noDrop: bool({
    id: 69,
    default: false,
    sockets: ["PUB", "XPUB"],
    access: "write",
    live: true,
    warns: true,
  }),
  /** Deliver what does not match the subscriptions. Set it on both ends. */
  invertMatching: bool({
    id: 74,
    default: false,
    sockets: ["PUB", "SUB", "XPUB"],
    byNumber: ALL,
    live: true,
    warns: true,
  }),
  /** Which subscriptions are received: null for the first and last of each topic, all subscriptions, or all of both. */
  verbosity: lenientChoice({
    id: 40,
    default: null,
    values: [null, "allSubs", "allSubsUnsubs"],
    sockets: ["XPUB"],
    access: "write",
    live: true,
  }),
  /** Subscriptions are only received; the program makes them, with subscribe() and unsubscribe(). */
  manual: bool({
    id: 71,
    default: false,
    sockets: ["XPUB"],
    access: "write",
    live: true,
    warns: true,
  }),
  /** Sent to each new subscriber, whatever it subscribes to; null or nothing for none. */
  welcomeMessage: bytes({
    id: 72,
    sockets: ["XPUB"],
    nullable: true,
    emptyUnsets: true,
    access: "write",
    live: true,
    warns: true,
  }),
  /** Tell of each connection's begin and end by an empty message. */
  notify: bool({
    id: 73,
    default: true,
    sockets: ["STREAM"],
    access: "write",
  }),
} as const
