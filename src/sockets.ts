import { Pair as PairPattern } from "../patterns/pair.ts"
import { Pub } from "../patterns/pub.ts"
import { Pull as PullPattern } from "../patterns/pull.ts"
import { Push as PushPattern } from "../patterns/push.ts"
import { Rep } from "../patterns/rep.ts"
import { Req } from "../patterns/req.ts"
import { Sub } from "../patterns/sub.ts"
import type { BaseContext } from "./context.ts"
import { context } from "./default-context.ts"
import { toOwnBytes } from "./message.ts"
import type { OptionProperties } from "./options.ts"
import { defineOptions, patternOf, Socket, type SocketRecipe } from "./socket.ts"
import type { SocketTypeName } from "./socket-types.ts"
import type { Readable, Writable } from "./transfer.ts"

/** The options that a constructor takes: those of every socket, those of the type, and the context. */
export type SocketOptions<T extends SocketTypeName> = Partial<
  OptionProperties<"ALL"> & OptionProperties<T>
> & {
  /** The context that the socket belongs to; default the library's own. */
  context?: BaseContext
}

function recipe(
  type: SocketTypeName,
  pattern: SocketRecipe["pattern"],
  options?: { context?: BaseContext },
): SocketRecipe {
  return { type, pattern, context: options?.context === undefined ? context : options.context }
}

/** One peer, both ways (zmq_socket(3), ZMQ_PAIR): as documented it takes one peer only, and doesn't reconnect. */
export class Pair extends Socket {
  constructor(options?: SocketOptions<"PAIR">) {
    super(
      recipe("PAIR", () => new PairPattern(), options),
      options,
    )
  }
}
export interface Pair extends Writable, Readable, OptionProperties<"PAIR"> {}
defineOptions(Pair, "PAIR")

/** Sends to all subscribers whose subscriptions match the first part; drops for those that can't keep up (ZMQ_PUB). */
export class Publisher extends Socket {
  constructor(options?: SocketOptions<"PUB">) {
    super(
      recipe("PUB", live => new Pub(live), options),
      options,
    )
  }
}
export interface Publisher extends Writable, OptionProperties<"PUB"> {}
defineOptions(Publisher, "PUB")

/** Receives what publishers send under the subscribed prefixes; nothing before the first subscribe() (ZMQ_SUB). */
export class Subscriber extends Socket {
  constructor(options?: SocketOptions<"SUB">) {
    super(
      recipe("SUB", live => new Sub(live), options),
      options,
    )
  }

  /** Subscribes to messages whose first part begins with one of the prefixes; without any, to all messages. Counted. */
  subscribe(...prefixes: (Buffer | string)[]): void {
    const pattern = patternOf(this) as Sub
    for (const prefix of prefixes.length > 0 ? prefixes : [""]) pattern.subscribe(toOwnBytes(prefix))
  }

  /** Undoes one subscribe() per prefix. Unknown prefixes are ignored. */
  unsubscribe(...prefixes: (Buffer | string)[]): void {
    const pattern = patternOf(this) as Sub
    for (const prefix of prefixes.length > 0 ? prefixes : [""]) pattern.unsubscribe(toOwnBytes(prefix))
  }
}
export interface Subscriber extends Readable, OptionProperties<"SUB"> {}
defineOptions(Subscriber, "SUB")

/** Sends a request, receives its reply, in strict turn; requests go round robin over the peers (ZMQ_REQ). */
export class Request extends Socket {
  constructor(options?: SocketOptions<"REQ">) {
    super(
      recipe("REQ", live => new Req(live), options),
      options,
    )
  }
}
export interface Request extends Writable, Readable, OptionProperties<"REQ"> {}
defineOptions(Request, "REQ")

/** Receives a request, sends its reply, in strict turn (ZMQ_REP). */
export class Reply extends Socket {
  constructor(options?: SocketOptions<"REP">) {
    super(
      recipe("REP", () => new Rep(), options),
      options,
    )
  }
}
export interface Reply extends Writable, Readable, OptionProperties<"REP"> {}
defineOptions(Reply, "REP")

/** Receives from all its peers, in fair turn (ZMQ_PULL). */
export class Pull extends Socket {
  constructor(options?: SocketOptions<"PULL">) {
    super(
      recipe("PULL", () => new PullPattern(), options),
      options,
    )
  }
}
export interface Pull extends Readable, OptionProperties<"PULL"> {}
defineOptions(Pull, "PULL")

/** Sends round robin to those of its peers that have room; waits when none has (ZMQ_PUSH). */
export class Push extends Socket {
  constructor(options?: SocketOptions<"PUSH">) {
    super(
      recipe("PUSH", () => new PushPattern(), options),
      options,
    )
  }
}
export interface Push extends Writable, OptionProperties<"PUSH"> {}
defineOptions(Push, "PUSH")
