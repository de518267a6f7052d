/** One row per socket type: the rules that need no code (zmq_socket(3), RFC 37 for the legal pairs). */
export interface SocketType {
  readonly name: SocketTypeName
  /** libzmq's number. */
  readonly id: number
  /** What it speaks over byte streams: ZMTP, or nothing of its own, to peers that are no ZeroMQ sockets. */
  readonly wire: "zmtp" | "raw"
  /** Socket types that it may talk to. */
  readonly peers: readonly SocketTypeName[]
  /** How many peers it may have at a time. */
  readonly maxPipes: number
  /** False when a connection that was once established and then lost is not dialled again. */
  readonly redials: boolean
  /** True when messages are for one certain peer, so that what is queued for it must not reach another. */
  readonly addresses: boolean
  /** A second connect() to the same endpoint does nothing, instead of opening a further connection. */
  readonly sharesConnect: boolean
  /** Milliseconds; what the linger option starts with. */
  readonly linger: number
}

export type SocketTypeName =
  | "PAIR"
  | "PUB"
  | "SUB"
  | "REQ"
  | "REP"
  | "DEALER"
  | "ROUTER"
  | "PULL"
  | "PUSH"
  | "XPUB"
  | "XSUB"
  | "STREAM"

const usual = {
  wire: "zmtp",
  maxPipes: Number.POSITIVE_INFINITY,
  redials: true,
  addresses: false,
  sharesConnect: false,
  linger: -1,
} as const

export const SOCKET_TYPES: { readonly [N in SocketTypeName]: SocketType & { readonly name: N } } = {
  // PAIR's documented restrictions: one peer, and no reconnecting.
  PAIR: { ...usual, name: "PAIR", id: 0, peers: ["PAIR"], maxPipes: 1, redials: false },
  PUB: { ...usual, name: "PUB", id: 1, peers: ["SUB", "XSUB"], sharesConnect: true },
  SUB: { ...usual, name: "SUB", id: 2, peers: ["PUB", "XPUB"], sharesConnect: true, linger: 0 },
  REQ: { ...usual, name: "REQ", id: 3, peers: ["REP", "ROUTER"], sharesConnect: true },
  REP: { ...usual, name: "REP", id: 4, peers: ["REQ", "DEALER"], addresses: true },
  DEALER: { ...usual, name: "DEALER", id: 5, peers: ["REP", "DEALER", "ROUTER"], sharesConnect: true },
  ROUTER: { ...usual, name: "ROUTER", id: 6, peers: ["REQ", "DEALER", "ROUTER"], addresses: true },
  PULL: { ...usual, name: "PULL", id: 7, peers: ["PUSH"] },
  PUSH: { ...usual, name: "PUSH", id: 8, peers: ["PULL"] },
  XPUB: { ...usual, name: "XPUB", id: 9, peers: ["SUB", "XSUB"] },
  XSUB: { ...usual, name: "XSUB", id: 10, peers: ["PUB", "XPUB"], linger: 0 },
  STREAM: { ...usual, name: "STREAM", id: 11, peers: [], wire: "raw", addresses: true },
}
