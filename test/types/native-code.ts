/**
 * What code for the native package relies on at compile time (zeromqjs.md 3). Nothing here runs: `tsc` is the test, and
 * each line that must not compile says so, and why.
 */

import {
  type AuthError,
  Context,
  capability,
  context,
  curveKeyPair,
  Dealer,
  type Event,
  type EventOfType,
  type EventSubscriber,
  type EventType,
  Proxy as Forwarder,
  type Message,
  type MessageLike,
  Observer,
  Pair,
  type ProtoError,
  Publisher,
  Pull,
  Push,
  type Readable,
  Reply,
  Request,
  Router,
  type RouterConnectOptions,
  Socket,
  type SocketOptions,
  type StreamConnectOptions,
  Subscriber,
  type version,
  type Writable,
  XPublisher,
  XSubscriber,
} from "zeromq-ts"
import type { Expect, Same } from "./expect.ts"

// --- Each class takes exactly its options.

new Pair({ sendTimeout: 1, receiveTimeout: 1, linger: 0, context: new Context() })
new Publisher({ noDrop: true, conflate: true, invertMatching: true, sendHighWaterMark: 1, multicastHops: 1 })
new Subscriber({ invertMatching: true, receiveHighWaterMark: 1 })
new Request({ correlate: true, relaxed: true, probeRouter: true, routingId: "me" })
new Reply({ routingId: "me", sendBufferSize: 1, receiveBufferSize: 1 })
new Dealer({ conflate: true, routingId: null, plainUsername: "me", curveServer: false })
new Router({ mandatory: true, handover: true, probeRouter: true })
new Pull({ conflate: true, tcpAcceptFilter: "10.0.0.0/8" })
new Push({ conflate: true, affinity: 1, zapDomain: null })
new XPublisher({ manual: true, verbosity: "allSubsUnsubs", welcomeMessage: "hello", noDrop: true })
new XSubscriber({ sendTimeout: 1, receiveTimeout: 1 })
new Context({ ioThreads: 2, blocky: false, ipv6: true, maxSockets: 5, maxMessageSize: 5, threadPriority: 1 })

// @ts-expect-error only a ROUTER refuses what can't be delivered
new Dealer({ mandatory: true })
// @ts-expect-error a Publisher can't receive
new Publisher({ receiveTimeout: 1 })
// @ts-expect-error a Subscriber can't send
new Subscriber({ sendTimeout: 1 })
// @ts-expect-error a PULL has no routing id
new Pull({ routingId: "me" })
// @ts-expect-error only a REQ correlates
new Reply({ correlate: true })
// @ts-expect-error no such option
new Push({ lingre: 0 })
// @ts-expect-error can only be read
new Push({ lastEndpoint: "tcp://127.0.0.1:1" })
// @ts-expect-error is no option
new Push({ send: () => {} })
// @ts-expect-error is a number
new Push({ linger: "0" })
// @ts-expect-error no such verbosity
new XPublisher({ verbosity: "all" })
// @ts-expect-error can only be read
new Context({ maxSocketsLimit: 1 })
// @ts-expect-error made by its subclasses only
new Socket(5)

class Counting extends Dealer {
  extra = 0
}
export const ofSubclass: SocketOptions<Counting> = { extra: 1, linger: 0, context }
export const noOptions: SocketOptions<Pair> = {}

// --- What a class can do.

declare const pub: Publisher
declare const sub: Subscriber
declare const router: Router
declare const dealer: Dealer
declare const xpub: XPublisher

// @ts-expect-error it only sends
pub.receive()
// @ts-expect-error it only receives
sub.send("x")
// @ts-expect-error only ROUTER and STREAM address their peers
dealer.connect("tcp://127.0.0.1:1", { routingId: "you" })
router.connect("tcp://127.0.0.1:1", { routingId: "you" })
router.connect("tcp://127.0.0.1:1")
sub.subscribe("a", Buffer.from("b"))
xpub.verbosity = null
// @ts-expect-error can only be read
dealer.type = 5
// @ts-expect-error can only be read
dealer.closed = true

export const isOther: boolean = router.type !== 6
export const ofContext: boolean = dealer.context.blocky
export const limit: number = context.maxSocketsLimit
export const connectOptions: [RouterConnectOptions, StreamConnectOptions] = [{ routingId: "a" }, {}]

class Raw extends Push {
  get own(): number {
    return this.getInt32Option(17)
  }
}
export const raw = Raw

// --- Messages.

export async function receiving(socket: Readable): Promise<Message[]> {
  socket.receiveTimeout = 1
  const [first, second] = await socket.receive()
  for await (const [part] of socket) part?.toString()
  return [first as Message, second as Message]
}

export async function sending(socket: Writable, message: MessageLike): Promise<void> {
  socket.sendTimeout = socket.sendHighWaterMark + socket.sendBufferSize + socket.multicastHops
  await socket.send([message, "x", 1, null, new Uint8Array(1), new ArrayBuffer(1)])
  await socket.send(message)
}

export async function tuples(
  from: Readable<[Message, Message]>,
  to: Writable<[MessageLike, MessageLike], []>,
): Promise<void> {
  const [id, body] = await from.receive()
  await to.send([id, body])
  // @ts-expect-error two parts, not three
  await to.send([id, body, body])
}

void receiving(dealer)
void sending(pub, "x")
void sending(dealer, null)
// @ts-expect-error it only receives
void sending(sub, "x")

// --- Events.

export async function watching(socket: Socket): Promise<void> {
  const subscriber: EventSubscriber = socket.events
  subscriber.on("connect:retry", ({ interval, address }) => interval.toFixed() + address.length)
  socket.events.on("bind:error", ({ error, address }) => error.code + error.errno + address)
  const observer = new Observer(socket)
  // @ts-expect-error is no socket
  new Observer({})
  for await (const event of observer) addressOf(event)
  // @ts-expect-error no such event
  socket.events.on("connected", () => {})
}

export function addressOf(event: Event): string {
  switch (event.type) {
    case "end":
    case "unknown":
      return ""
    case "connect:retry":
      return event.address + event.interval
    case "accept:error":
      return event.error.code + event.error.errno
    case "handshake:error:protocol":
      return event.error.code
    case "handshake:error:auth":
      return String(event.error.status)
    default:
      return event.address
  }
}

// --- The rest.

export type Checks = [
  Expect<Same<Message, Buffer>>,
  Expect<Same<Event["type"], EventType>>,
  Expect<Same<EventOfType<"connect:retry">["interval"], number>>,
  Expect<Same<EventOfType<"handshake:error:protocol">["error"], ProtoError>>,
  Expect<Same<EventOfType<"handshake:error:auth">["error"], AuthError>>,
  Expect<Same<Awaited<ReturnType<Dealer["receive"]>>, Message[]>>,
  Expect<Same<Dealer["routingId"], string | null>>,
  Expect<Same<XPublisher["verbosity"], null | "allSubs" | "allSubsUnsubs">>,
  Expect<Same<Dealer["securityMechanism"], null | "plain" | "curve" | "gssapi">>,
  Expect<Same<typeof version, string>>,
]

export const hasCurve: boolean | undefined = capability.curve
export const keys: () => { publicKey: string; secretKey: string } = curveKeyPair
export const proxied: Router = new Forwarder(router, dealer).frontEnd
