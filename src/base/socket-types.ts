import { sharedSymbol } from "./copies.ts"

/**
 * One row per socket type: the rules that need no code (zmq_socket(3), RFC 37 for the legal pairs). No other file asks
 * which type a socket is.
 */
export interface SocketType {
  /** The name that the peer is told (ZMTP Socket-Type), of 1 to 255 printable ASCII characters. */
  readonly name: string
  /** libzmq's number; -1 for a type that libzmq doesn't have. */
  readonly id: number
  /** ZMTP, or the bare bytes of peers that are no ZeroMQ sockets. Transports of messages use neither. */
  readonly wire: "zmtp" | "raw"
  /** The names of the types that it may talk to. A peer that tells no type is let in, as by libzmq. */
  readonly peers: readonly string[]
  /** It has at most this many peers at a time. Usually there is no limit. */
  readonly maxPipes: number
  /** Usually true. False when a connection that was once established and then lost is not dialled again. */
  readonly redials: boolean
  /** Usually false. True when messages are for one certain peer: what is queued for it must not reach another. */
  readonly addresses: boolean
  /** Usually false. True when a second connect() to the same endpoint does nothing, instead of opening a further one. */
  readonly sharesConnect: boolean
  /** The `linger` option starts with so many milliseconds. Usually they are -1, which stands for ever. */
  readonly linger: number
  /** Usually true: the program may send, and has the options that go with it. */
  readonly sends: boolean
  /** Usually true: the program may receive, and has the options that go with it. */
  readonly receives: boolean
  /** Usually false. True when each received message must be answered before the next one can be received. */
  readonly replies: boolean
  /** Usually false. True when ZMTP peers are told the `routingId`, even an empty one (as libzmq does). */
  readonly tellsRoutingId: boolean
  /** The parts of a message in front of the value that it carries: none, a topic, or the routing id of the peer. */
  readonly envelope: "plain" | "topic" | "addressed"
  /**
   * A message has this many parts more on its way than the program has given it: a REQ's request id and delimiter, or
   * one less, because the first one says who gets the others.
   */
  readonly addedParts: number
  /** The direction in which subscriptions are messages of the program. */
  readonly subscriptions: "none" | "sent" | "received"
}

/** A socket has its row under this name. */
export const SOCKET_TYPE: unique symbol = sharedSymbol("socket-type") as never

/** The row of a socket's type. Throws TypeError for anything that is no socket. */
export function socketTypeOf(socket: unknown): SocketType {
  const type = (socket as { readonly [SOCKET_TYPE]?: SocketType } | null | undefined)?.[SOCKET_TYPE]
  if (type === undefined) throw new TypeError("Illegal invocation")
  return type
}

/** The columns that say yes or no of a type, and that options may go by. */
export type Trait = "sends" | "receives" | "tellsRoutingId"

/** Cells of the table that most rows have. */
export const USUAL = {
  id: -1,
  wire: "zmtp",
  maxPipes: Number.POSITIVE_INFINITY,
  redials: true,
  addresses: false,
  sharesConnect: false,
  linger: -1,
  sends: true,
  receives: true,
  replies: false,
  tellsRoutingId: false,
  envelope: "plain",
  addedParts: 0,
  subscriptions: "none",
} as const

const TOPIC = { ...USUAL, envelope: "topic" } as const
const ADDRESSED = { ...USUAL, envelope: "addressed", addresses: true, addedParts: -1 } as const

export const SOCKET_TYPES = {
  // PAIR's documented restrictions: one peer, and no reconnecting.
  PAIR: { ...USUAL, name: "PAIR", id: 0, peers: ["PAIR"], maxPipes: 1, redials: false },
  PUB: { ...TOPIC, name: "PUB", id: 1, peers: ["SUB", "XSUB"], receives: false, sharesConnect: true },
  SUB: { ...TOPIC, name: "SUB", id: 2, peers: ["PUB", "XPUB"], sends: false, sharesConnect: true, linger: 0 },
  REQ: {
    ...USUAL,
    name: "REQ",
    id: 3,
    peers: ["REP", "ROUTER"],
    tellsRoutingId: true,
    sharesConnect: true,
    addedParts: 2,
  },
  REP: { ...USUAL, name: "REP", id: 4, peers: ["REQ", "DEALER"], replies: true, addresses: true },
  DEALER: {
    ...USUAL,
    name: "DEALER",
    id: 5,
    peers: ["REP", "DEALER", "ROUTER"],
    tellsRoutingId: true,
    sharesConnect: true,
  },
  ROUTER: { ...ADDRESSED, name: "ROUTER", id: 6, peers: ["REQ", "DEALER", "ROUTER"], tellsRoutingId: true },
  PULL: { ...USUAL, name: "PULL", id: 7, peers: ["PUSH"], sends: false },
  PUSH: { ...USUAL, name: "PUSH", id: 8, peers: ["PULL"], receives: false },
  XPUB: { ...TOPIC, name: "XPUB", id: 9, peers: ["SUB", "XSUB"], subscriptions: "received" },
  XSUB: { ...TOPIC, name: "XSUB", id: 10, peers: ["PUB", "XPUB"], subscriptions: "sent", linger: 0 },
  STREAM: { ...ADDRESSED, name: "STREAM", id: 11, peers: [], wire: "raw" },
} as const satisfies Record<string, SocketType>

export type SocketTypeName = keyof typeof SOCKET_TYPES

/** The types of the table that have a trait. */
export type TypesWith<T extends Trait> = {
  [N in SocketTypeName]: (typeof SOCKET_TYPES)[N][T] extends true ? N : never
}[SocketTypeName]
