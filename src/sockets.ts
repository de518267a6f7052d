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
 * Has one peer, both ways (zmq_socket(3), ZMQ_PAIR): as documented it takes one peer only, and doesn't reconnect.
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
 * Sends to all subscribers whose subscriptions match the first part; drops for those that can't keep up (ZMQ_PUB).
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
 * Receives what publishers send under the subscribed prefixes; nothing before the first subscribe() (ZMQ_SUB).
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
 * Sends a request, receives its reply, in strict turn; requests go round robin over the peers (ZMQ_REQ).
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
 * Receives a request, sends its reply, in strict turn (ZMQ_REP).
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
 * Sends to its peers in turn and receives from them in turn, as it pleases (ZMQ_DEALER). To a REP peer, send an empty
 * part before the message; its replies begin with one.
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
 * Knows its peers by their routing ids: the first part of each message is the id of the peer that it comes from or goes
 * to (ZMQ_ROUTER). What can't be delivered is dropped, unless `mandatory` is set.
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
 * Receives from all its peers, in fair turn (ZMQ_PULL).
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
 * Sends round robin to those of its peers that have room; waits when none has (ZMQ_PUSH).
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
 * A {@link Publisher} that receives its peers' subscriptions, as messages of one part: a byte 1 and the topic, or a
 * byte 0 and the topic when one ends; and what else XSUB peers send (ZMQ_XPUB).
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
   * In manual mode: subscribes the peer whose request was received last to prefixes of your choice; without any, to
   * all messages (zmq_setsockopt(3), ZMQ_XPUB_MANUAL). Nothing happens when it has left. Throws EINVAL in any other mode.
   */
  subscribe(...prefixes: (Buffer | string)[]): void {
    subscribe(this, prefixes)
  }

  /** The opposite of subscribe(). Unknown prefixes are ignored. */
  unsubscribe(...prefixes: (Buffer | string)[]): void {
    unsubscribe(this, prefixes)
  }
}
export interface XPublisher extends Writable, Readable, OptionProperties<"XPUB"> {}
const XPUB = /* @__PURE__ */ kindOf(XPublisher, "XPUB", live => new XPubPattern(live))

/**
 * A {@link Subscriber} that subscribes by sending messages, a byte 1 and the topic, or a byte 0 and the topic to undo
 * it; what else it sends goes to all its XPUB peers. Receives without a filter of its own (ZMQ_XSUB).
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
  /** (Only the compiler knows it: a Pair, which speaks of other things, has the same methods and options.) */
  declare protected readonly speaks: "subscriptions"

  constructor(options?: SocketOptions<XSubscriber>) {
    super(XSUB, options)
  }
}
export interface XSubscriber extends Writable, Readable, OptionProperties<"XSUB"> {}
const XSUB = /* @__PURE__ */ kindOf(XSubscriber, "XSUB", () => new XSubPattern())

/**
 * Exchanges bytes with peers that are no ZeroMQ sockets, over tcp or ipc (ZMQ_STREAM). Every message is `[id, bytes]`:
 * received as the bytes come, up to 8192 at a time, sent as they are. With `notify`, an empty `bytes` tells that a
 * connection began, and another that the peer has ended it.
 *
 * Sending empty `bytes` closes that connection: what was sent before is delivered within `linger`, half a minute at
 * most where that is for ever, and nothing more is received of it. send() rejects with EHOSTUNREACH for an unknown id,
 * with EINVAL for anything but two parts.
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

/** SUB's and XPUB's: no prefix is the empty one. */
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
