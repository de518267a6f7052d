/**
 * This file joins each type's class with its pattern. A bundler drops the classes that a program doesn't import, and
 * their patterns with them, because what stands beside a class is marked as free of side effects.
 */
import { DealerPattern } from "../patterns/dealer.ts"
import { PairPattern } from "../patterns/pair.ts"
import { PubPattern } from "../patterns/pub.ts"
import { PullPattern } from "../patterns/pull.ts"
import { PushPattern } from "../patterns/push.ts"
import { RepPattern } from "../patterns/rep.ts"
import { ReqPattern } from "../patterns/req.ts"
import { RouterPattern } from "../patterns/router.ts"
import { StreamPattern } from "../patterns/stream.ts"
import { SubPattern } from "../patterns/sub.ts"
import { XPubPattern } from "../patterns/xpub.ts"
import { XSubPattern } from "../patterns/xsub.ts"
import { type MessageLike, toOwnBytes } from "./base/parts.ts"
import type { OptionProperties } from "./options/table.ts"
import { type ConnectOptions, connectNamed, patternOf } from "./socket/socket.ts"
import type { Readable, Writable } from "./socket/transfer.ts"
import { kindOf, Socket, type SocketOptions, withTypes } from "./socket.ts"

/**
 * A PAIR socket exchanges messages with exactly one peer (zmq_socket(3), ZMQ_PAIR). It accepts no second peer, and doesn't
 * reconnect.
 *
 * @example
 * ```ts
 * const left = new Pair()
 * await left.bind("inproc://between-us")
 * const right = new Pair()
 * right.connect("inproc://between-us")
 * await right.send("hello")
 * ```
 */
export class Pair extends Socket {
  constructor(options?: SocketOptions<Pair>) {
    super(PAIR, options)
  }
}
export interface Pair extends Writable, Readable, OptionProperties<"PAIR"> {}
const PAIR = /* @__PURE__ */ kindOf(Pair, "PAIR", () => new PairPattern())

/**
 * A PUB socket sends to all peers with a subscription that matches the first part (ZMQ_PUB). It drops messages for peers
 * that can't keep up.
 *
 * @example
 * ```ts
 * const publisher = new Publisher()
 * await publisher.bind("tcp://127.0.0.1:5556")
 * await publisher.send(["weather.oslo", "-3"])
 * ```
 */
export class Publisher extends Socket {
  constructor(options?: SocketOptions<Publisher>) {
    super(PUB, options)
  }
}
export interface Publisher extends Writable, OptionProperties<"PUB"> {}
const PUB = /* @__PURE__ */ kindOf(Publisher, "PUB", live => new PubPattern(live))

/**
 * A SUB socket receives the messages whose first part begins with a subscribed prefix (ZMQ_SUB). It receives nothing before
 * the first subscribe().
 *
 * @example
 * ```ts
 * const subscriber = new Subscriber()
 * subscriber.connect("tcp://127.0.0.1:5556")
 * subscriber.subscribe("weather.")
 * for await (const [topic, temperature] of subscriber) console.log(`${topic}: ${temperature}`)
 * ```
 */
export class Subscriber extends Socket {
  constructor(options?: SocketOptions<Subscriber>) {
    super(SUB, options)
  }

  /**
   * Subscribes to messages whose first part begins with one of the prefixes; without any, to all messages. A prefix that
   * is subscribed to twice must be unsubscribed from twice.
   *
   * @example
   * ```ts
   * const subscriber = new Subscriber()
   * subscriber.subscribe("weather.", "traffic.")
   * ```
   */
  subscribe(...prefixes: (Buffer | string)[]): void {
    subscribe(this, prefixes)
  }

  /** Undoes one subscribe() per prefix. Unknown prefixes are ignored. */
  unsubscribe(...prefixes: (Buffer | string)[]): void {
    unsubscribe(this, prefixes)
  }
}
export interface Subscriber extends Readable, OptionProperties<"SUB"> {}
const SUB = /* @__PURE__ */ kindOf(Subscriber, "SUB", live => new SubPattern(live))

/**
 * A REQ socket sends a request and receives its reply, in strict turn (ZMQ_REQ). Requests go to the peers round robin.
 *
 * @example
 * ```ts
 * const request = new Request({ receiveTimeout: 1000 })
 * request.connect("tcp://127.0.0.1:5557")
 * await request.send("what time is it")
 * const [answer] = await request.receive()
 * ```
 */
export class Request extends Socket {
  constructor(options?: SocketOptions<Request>) {
    super(REQ, options)
  }
}
export interface Request extends Writable, Readable, OptionProperties<"REQ"> {}
const REQ = /* @__PURE__ */ kindOf(Request, "REQ", live => new ReqPattern(live))

/**
 * A REP socket receives a request and sends its reply, in strict turn (ZMQ_REP).
 *
 * @example
 * ```ts
 * const reply = new Reply()
 * await reply.bind("tcp://127.0.0.1:5557")
 * for await (const [question] of reply) await reply.send(`${question}? ${new Date().toISOString()}`)
 * ```
 */
export class Reply extends Socket {
  constructor(options?: SocketOptions<Reply>) {
    super(REP, options)
  }
}
export interface Reply extends Writable, Readable, OptionProperties<"REP"> {}
const REP = /* @__PURE__ */ kindOf(Reply, "REP", () => new RepPattern())

/**
 * A DEALER socket sends to its peers in turn and receives from them in turn, at any time (ZMQ_DEALER). For a REP peer, put
 * an empty part before the message; its replies begin with one too.
 *
 * @example
 * ```ts
 * const dealer = new Dealer({ routingId: "worker-1" })
 * dealer.connect("tcp://127.0.0.1:5558")
 * await dealer.send("job 1")
 * await dealer.send("job 2")
 * for await (const [answer] of dealer) console.log(`${answer}`)
 * ```
 */
export class Dealer extends Socket {
  constructor(options?: SocketOptions<Dealer>) {
    super(DEALER, options)
  }
}
export interface Dealer extends Writable, Readable, OptionProperties<"DEALER"> {}
const DEALER = /* @__PURE__ */ kindOf(Dealer, "DEALER", live => new DealerPattern(live))

/**
 * A ROUTER socket addresses its peers by their routing ids (ZMQ_ROUTER). The first part of each message is the id of the
 * peer that it comes from or goes to. Messages that can't be delivered are dropped, unless `mandatory` is set.
 *
 * @example
 * ```ts
 * const router = new Router({ mandatory: true })
 * await router.bind("tcp://127.0.0.1:5558")
 * // Not awaited, because one peer that reads nothing would stop the loop for all others.
 * for await (const [id, job] of router) router.send([id, `${job} done`]).catch(error => console.log(error.code))
 * ```
 */
export class Router extends Socket {
  constructor(options?: SocketOptions<Router>) {
    super(ROUTER, options)
  }

  /** Connects as {@link Socket.connect} does. A peer that is given a routing id can be sent to at once. */
  override connect(address: string, options: ConnectOptions = {}): void {
    connectNamed(this, address, options)
  }
}
export interface Router extends Writable, Readable, OptionProperties<"ROUTER"> {}
const ROUTER = /* @__PURE__ */ kindOf(Router, "ROUTER", live => new RouterPattern(live))

/**
 * A PULL socket receives from all its peers, in fair turn (ZMQ_PULL).
 *
 * @example
 * ```ts
 * const pull = new Pull({ receiveHighWaterMark: 100 })
 * pull.connect("tcp://127.0.0.1:5555")
 * for await (const [task] of pull) work(task)
 * ```
 */
export class Pull extends Socket {
  constructor(options?: SocketOptions<Pull>) {
    super(PULL, options)
  }
}
export interface Pull extends Readable, OptionProperties<"PULL"> {}
const PULL = /* @__PURE__ */ kindOf(Pull, "PULL", () => new PullPattern())

/**
 * A PUSH socket sends round robin to those of its peers that have room (ZMQ_PUSH). send() waits when none has.
 *
 * @example
 * ```ts
 * const push = new Push({ sendHighWaterMark: 100 })
 * await push.bind("tcp://127.0.0.1:5555")
 * for (const task of tasks) await push.send(task)
 * ```
 */
export class Push extends Socket {
  constructor(options?: SocketOptions<Push>) {
    super(PUSH, options)
  }
}
export interface Push extends Writable, OptionProperties<"PUSH"> {}
const PUSH = /* @__PURE__ */ kindOf(Push, "PUSH", () => new PushPattern())

/**
 * An XPUB socket is a {@link Publisher} that also receives its peers' subscriptions (ZMQ_XPUB). Each is a message of one
 * part: a byte 1 and the topic, or a byte 0 and the topic when a subscription ends. It also receives the other messages
 * that XSUB peers send.
 *
 * @example
 * ```ts
 * const publisher = new XPublisher({ verbosity: "allSubs" })
 * await publisher.bind("tcp://127.0.0.1:5556")
 * for await (const [subscription] of publisher) {
 *   const topic = subscription.subarray(1)
 *   if (subscription[0] === 1) await publisher.send([topic, "the last value"])
 * }
 * ```
 */
export class XPublisher extends Socket {
  constructor(options?: SocketOptions<XPublisher>) {
    super(XPUB, options)
  }

  /**
   * Subscribes the peer whose request was received last to these prefixes, in manual mode (zmq_setsockopt(3),
   * ZMQ_XPUB_MANUAL). Without any prefix the peer gets all messages. Nothing happens when the peer has left. Throws EINVAL
   * in any other mode.
   */
  subscribe(...prefixes: (Buffer | string)[]): void {
    subscribe(this, prefixes)
  }

  /** Undoes subscribe(). Unknown prefixes are ignored. */
  unsubscribe(...prefixes: (Buffer | string)[]): void {
    unsubscribe(this, prefixes)
  }
}
export interface XPublisher extends Writable, Readable, OptionProperties<"XPUB"> {}
const XPUB = /* @__PURE__ */ kindOf(XPublisher, "XPUB", live => new XPubPattern(live))

/**
 * An XSUB socket is a {@link Subscriber} that subscribes by sending messages (ZMQ_XSUB). Such a message is a byte 1 and the
 * topic, or a byte 0 and the topic to undo that. Other messages go to all its XPUB peers. It doesn't filter the messages
 * that it receives.
 *
 * @example
 * ```ts
 * const subscriber = new XSubscriber()
 * subscriber.connect("tcp://127.0.0.1:5556")
 * await subscriber.send(Buffer.from("\x01weather."))
 * for await (const [topic, temperature] of subscriber) console.log(`${topic}: ${temperature}`)
 * ```
 */
export class XSubscriber extends Socket {
  /** This exists for the compiler only, because a Pair has the same methods and options but is another type. */
  declare protected readonly speaks: "subscriptions"

  constructor(options?: SocketOptions<XSubscriber>) {
    super(XSUB, options)
  }
}
export interface XSubscriber extends Writable, Readable, OptionProperties<"XSUB"> {}
const XSUB = /* @__PURE__ */ kindOf(XSubscriber, "XSUB", () => new XSubPattern())

/**
 * A STREAM socket exchanges bytes with peers that are no ZeroMQ sockets, over tcp or ipc (ZMQ_STREAM). Every message is
 * `[id, bytes]`. Bytes are received as they come, up to 8192 at a time, and sent as they are. With `notify`, an empty
 * `bytes` says that a connection began, and another that the peer has ended it.
 *
 * Sending empty `bytes` closes that connection, and nothing more is received from it. Earlier messages are delivered within
 * `linger`, or within half a minute if that is unlimited. send() rejects with EHOSTUNREACH for an unknown id, and with
 * EINVAL for a message that doesn't have two parts.
 *
 * @example
 * ```ts
 * const stream = new Stream({ notify: false })
 * await stream.bind("tcp://127.0.0.1:8080")
 * const gone = () => {} // or reads nothing: that must not keep the others waiting, so the sends aren't awaited
 * for await (const [id] of stream) {
 *   stream.send([id, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello\n"]).catch(gone)
 *   stream.send([id, ""]).catch(gone)
 * }
 * ```
 */
export class Stream extends Socket {
  constructor(options?: SocketOptions<Stream>) {
    super(STREAM, options)
  }

  /** Connects as {@link Socket.connect} does. A peer that is given a routing id can be sent to at once. */
  override connect(address: string, options: ConnectOptions = {}): void {
    connectNamed(this, address, options)
  }
}
export interface Stream
  extends Writable<[id: MessageLike, bytes: MessageLike]>,
    Readable<[id: Buffer, bytes: Buffer]>,
    OptionProperties<"STREAM"> {}
const STREAM = /* @__PURE__ */ kindOf(Stream, "STREAM", () => new StreamPattern())

type Prefixes = readonly (Buffer | string)[]

/** Subscribes a SUB or XPUB. Without any prefix it subscribes to the empty one. */
function subscribe(socket: Subscriber | XPublisher, prefixes: Prefixes): void {
  const pattern = patternOf(socket) as SubPattern | XPubPattern
  for (const prefix of prefixes.length > 0 ? prefixes : [""]) pattern.subscribe(toOwnBytes(prefix))
}

function unsubscribe(socket: Subscriber | XPublisher, prefixes: Prefixes): void {
  const pattern = patternOf(socket) as SubPattern | XPubPattern
  for (const prefix of prefixes.length > 0 ? prefixes : [""]) pattern.unsubscribe(toOwnBytes(prefix))
}

const KINDS = [PAIR, PUB, SUB, REQ, REP, DEALER, ROUTER, PULL, PUSH, XPUB, XSUB, STREAM]

/**
 * All sockets are instances of this class: they are bound, connected and closed, and have options and events. Unlike
 * the class of one type, it knows all types by their numbers.
 *
 * @example
 * ```ts
 * import { Pull, Push, type Socket } from "zeromq-ts"
 * const sockets: Socket[] = [new Pull(), new Push()]
 * for (const socket of sockets) socket.close()
 * ```
 */
const AnySocket: typeof Socket = /* @__PURE__ */ withTypes(Socket, KINDS)
type AnySocket = Socket

export { AnySocket as Socket, type SocketOptions }
