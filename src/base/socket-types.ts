import { sharedSymbol } from "./copies.ts"

/**
 * Each socket type has one row, with the rules that need no code (zmq_socket(3), RFC 37). No other file asks which type a
 * socket is.
 */
export interface SocketType {
  /** The peer is told this name (ZMTP Socket-Type). It has 1 to 255 printable ASCII characters. */
  readonly name: string
  /** This is libzmq's number of the type. It is -1 for a type that libzmq doesn't have. */
  readonly id: number
  /** Byte transports speak "zmtp", or with "raw" carry the bytes of peers that are no ZeroMQ sockets. */
  readonly wire: "zmtp" | "raw"
  /** The socket may talk to peers of these types. A peer that tells no type is accepted too, as in libzmq. */
  readonly peers: readonly string[]
  /** The socket has at most this many peers at a time. Usually there is no limit. */
  readonly maxPipes: number
  /** Usually true. False when a connection that was once established and then lost is not dialled again. */
  readonly redials: boolean
  /** Usually false. True when each message is for one certain peer, so that its queued messages must not reach another. */
  readonly addresses: boolean
  /** Usually false. True when a second connect() to the same endpoint does nothing, instead of opening a further one. */
  readonly sharesConnect: boolean
  /** The `linger` option starts with this many milliseconds. Usually it is -1, which is without limit. */
  readonly linger: number
  /** Usually true. Then the program may send, and the socket has the options for sending. */
  readonly sends: boolean
  /** Usually true. Then the program may receive, and the socket has the options for receiving. */
  readonly receives: boolean
  /** Usually false. True when each received message must be answered before the next one can be received. */
  readonly replies: boolean
  /** Usually false. True when ZMTP peers are told the `routingId`, even an empty one (as libzmq does). */
  readonly tellsRoutingId: boolean
  /** A message begins with these parts, before its value: nothing, a topic, or the routing id of the peer. */
  readonly envelope: "plain" | "topic" | "addressed"
  /**
   * This many parts are added to a message that the program sends. A REQ adds a request id and a delimiter. It is -1 for
   * types whose first part is not sent, because it names the peer.
   */
  readonly addedParts: number
  /** Tells whether the program sends or receives subscriptions as messages. */
  readonly subscriptions: "none" | "sent" | "received"
  /** Usually false. True when the peers tell which topics they want. */
  readonly publishes: boolean
}

/** This is the key of a socket's property that holds the row of its type. */
export const SOCKET_TYPE: unique symbol = sharedSymbol("socket-type") as never

/** Returns the row of a socket's type. Throws TypeError for anything that is no socket. */
export function socketTypeOf(socket: unknown): SocketType {
  const type = (socket as { readonly [SOCKET_TYPE]?: SocketType } | null | undefined)?.[SOCKET_TYPE]
  if (type === undefined) throw new TypeError("Illegal invocation")
  return type
}

/** An option may apply to the socket types for which one of these columns is true. */
export type Trait = "sends" | "receives" | "tellsRoutingId"

/** Most rows of the table have these cells. */
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
  publishes: false,
} as const

const TOPIC = { ...USUAL, envelope: "topic" } as const
const ADDRESSED = { ...USUAL, envelope: "addressed", addresses: true, addedParts: -1 } as const

export const SOCKET_TYPES = {
  // PAIR's documented restrictions: one peer, and no reconnecting.
  PAIR: { ...USUAL, name: "PAIR", id: 0, peers: ["PAIR"], maxPipes: 1, redials: false },
  PUB: {
    ...TOPIC,
    name: "PUB",
    id: 1,
    peers: ["SUB", "XSUB"],
    receives: false,
    sharesConnect: true,
    publishes: true,
  },
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
  XPUB: { ...TOPIC, name: "XPUB", id: 9, peers: ["SUB", "XSUB"], subscriptions: "received", publishes: true },
  XSUB: { ...TOPIC, name: "XSUB", id: 10, peers: ["PUB", "XPUB"], subscriptions: "sent", linger: 0 },
  STREAM: { ...ADDRESSED, name: "STREAM", id: 11, peers: [], wire: "raw" },
} as const satisfies Record<string, SocketType>

export type SocketTypeName = keyof typeof SOCKET_TYPES

/** These are the types of the table for which the trait is true. */
export type TypesWith<T extends Trait> = {
  [N in SocketTypeName]: (typeof SOCKET_TYPES)[N][T] extends true ? N : never
}[SocketTypeName]

/** Authentication handlers are asked as by a socket of this type (RFC 27, "Socket Types"). */
export const ZAP_CLIENT: SocketType = SOCKET_TYPES.DEALER
