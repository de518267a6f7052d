/** What belongs to single socket types. */
import { bool } from "../option-spec.ts"

export const PATTERNS = {
  /** Send a request id along, and take only the reply that carries it. */
  correlate: bool({
    id: 52,
    libzmq: "ZMQ_REQ_CORRELATE",
    default: false,
    sockets: ["REQ"],
    live: true,
    help: "Send an id with each request, and take only the reply that carries it back.",
  }),
  /** Allow a new request while a reply is still awaited. */
  relaxed: bool({
    id: 53,
    libzmq: "ZMQ_REQ_RELAXED",
    default: false,
    sockets: ["REQ"],
    live: true,
    help: "Allow a new request while a reply is still awaited; the old one is given up. Use with `correlate`.",
  }),
  /** Wait for subscribers at their high-water mark instead of dropping messages for them. */
  noDrop: bool({
    id: 69,
    libzmq: "ZMQ_XPUB_NODROP",
    default: false,
    sockets: ["PUB", "XPUB"],
    live: true,
    help: "When a matching subscriber is at its high-water mark, wait instead of dropping the message for it.",
  }),
  /** Deliver what does not match the subscriptions. Set it on both ends. */
  invertMatching: bool({
    id: 74,
    libzmq: "ZMQ_INVERT_MATCHING",
    default: false,
    sockets: ["PUB", "SUB", "XPUB"],
    live: true,
    help: "Deliver the messages that match no subscription. To be set on both ends.",
  }),
} as const
