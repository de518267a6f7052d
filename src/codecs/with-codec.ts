import type { MessageLike } from "../base/parts.ts"
import { socketTypeOf } from "../base/socket-types.ts"
import type {
  ConnectOptions,
  Dealer,
  MessageIterator,
  OperationOptions,
  Publisher,
  Readable,
  Router,
  Socket,
  Stream,
  Subscriber,
  Writable,
  XPublisher,
  XSubscriber,
} from "../index.ts"
import type { Codec, TopicCodec } from "./codec.ts"
import { type Envelope, envelopeOf } from "./envelope.ts"
import type { InvalidMessageError } from "./invalid-message.ts"
import { ValueSocket } from "./value-socket.ts"

/** {@link withCodec} takes these options. */
export interface CodecOptions<Reply = void> {
  /**
   * This decides what happens with invalid messages in `for await`, messages() and batches(). receive() and tryReceive()
   * always throw the error, and their next call returns the next message.
   *
   * - A function is called with the error, which has the message, and the iteration goes on. On a REP socket it returns the
   *   reply. If it returns nothing, the reply is an empty frame, because each request needs a reply.
   * - "throw" ends the iteration with the error. The socket stays open, and another iteration begins with the next message.
   * - By default the iteration goes on, and the error is emitted as a warning of the process. Of many invalid messages of one
   *   socket only the 1st, 2nd, 4th, 8th, … are warned of.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a handler may return a reply, or nothing at all
  onInvalid?: "throw" | ((error: InvalidMessageError) => Reply | void)
}

/** {@link withCodec} takes these further options for ROUTER and DEALER sockets. */
export interface EnvelopeOptions {
  /**
   * True when the peers are REQ or REP sockets, directly or through proxies. Their messages have an empty frame before the
   * body (RFC 28). The envelope of a ROUTER is then everything before the body. A DEALER adds the empty frame to sent
   * messages, and removes it from received ones. With false the envelope of a ROUTER is the routing id alone, and a DEALER
   * has none.
   *
   * @defaultValue `false`
   */
  delimiter?: boolean
}

/** These members do the same as those of the socket. */
type OfTheSocket = "closed" | "lastEndpoint" | "events" | "bind" | "unbind" | "disconnect" | "close" | "drain"

/** A socket with a codec has these members. All others, such as the options, are in `socket`. */
export interface Coded<S extends Socket> extends AsyncDisposable, Disposable, Pick<Socket, OfTheSocket> {
  /** This is the socket itself, which sends and receives messages without the codec, and has the options. */
  readonly socket: S
  /**
   * Connects as the socket does.
   *
   * @param options only for sockets that address their peers
   */
  connect(address: string, options?: ConnectOptions): void
}

/** A value writer sends values, as a {@link Writable} sends messages. */
export interface ValueWriter<In> {
  /** Sends a value, as the socket sends a message. Rejects also with the codec's error, if it can't encode the value. */
  send(value: In, options?: OperationOptions): Promise<void>
  /** Sends a value if that is possible at once. Throws also the codec's error, if it can't encode the value. */
  trySend(value: In): boolean
}

/** A value reader receives values, as a {@link Readable} receives messages. */
export interface ValueReader<Out> {
  /**
   * Receives the next value. Rejects also with InvalidMessageError, when the next message is not valid. That message is
   * taken out of the queue.
   */
  receive(options?: OperationOptions): Promise<Out>
  /**
   * Receives the next value if its message is there, and returns undefined otherwise. Throws the errors with which receive()
   * rejects. A codec may also have undefined as a value.
   */
  tryReceive(): Out | undefined
  /** Iterates over the values until the socket is closed. `onInvalid` decides what happens with invalid messages. */
  [Symbol.asyncIterator](): MessageIterator<Out>
  /** Iterates over the values. When the signal in the options is aborted, the iteration ends with its reason. */
  messages(options?: OperationOptions): MessageIterator<Out>
  /** Iterates over the values that are queued at once, as arrays of 1 to 1,024. */
  batches(options?: OperationOptions): MessageIterator<Out[]>
}

type Writer<S, In> = S extends Writable ? ValueWriter<In> : unknown
type Reader<S, Out> = S extends Readable ? ValueReader<Out> : unknown

/** The messages of these sockets begin with a topic. */
type WithTopics = Publisher | Subscriber | XPublisher | XSubscriber
/** These sockets address their peers. */
type WithEnvelope = Router | Stream
/** This is never for sockets that need a topic codec, or whose values come with an envelope. */
type Plain<S> = S extends WithTopics | WithEnvelope ? never : S

/** An XSUB sends subscriptions, and an XPUB receives them. They are messages, not values. */
type TopicWriter<S, In> = S extends XSubscriber ? ValueWriter<MessageLike | MessageLike[]> : Writer<S, In>
type TopicReader<S, Out> = S extends XPublisher ? ValueReader<Buffer[]> : Reader<S, Out>

/** A reply has the envelope of the request. An envelope made by hand may be the routing id alone. */
type Ids = MessageLike | readonly MessageLike[]

/**
 * Makes a socket send and receive values instead of bytes, each with its topic first; see {@link byTopic}. The result's
 * `socket` is the socket itself, which has the options. A value is encoded before send() returns, and decoded when it is
 * received.
 *
 * @example
 * ```ts
 * const quotes = withCodec(
 *   new Subscriber(),
 *   byTopic(json<Quote>(), quote => quote.symbol),
 * )
 * quotes.socket.subscribe("ZMQ")
 * for await (const quote of quotes) console.log(quote.symbol)
 * ```
 */
export function withCodec<S extends WithTopics, Out, In = Out>(
  socket: S,
  codec: TopicCodec<Out, In>,
  options?: CodecOptions,
): Coded<S> & TopicWriter<S, In> & TopicReader<S, Out>
/**
 * Makes a ROUTER send and receive values together with the envelopes of REQ and REP peers, as `[envelope, value]`. A reply
 * has the envelope of its request.
 *
 * @example
 * ```ts
 * const router = withCodec(new Router(), json<Order>(), { delimiter: true })
 * for await (const [envelope, order] of router) await router.send([envelope, order])
 * ```
 */
export function withCodec<S extends Router, Out, In = Out>(
  socket: S,
  codec: Codec<Out, In>,
  options: CodecOptions & EnvelopeOptions & { delimiter: true },
): Coded<S> & Writer<S, readonly [envelope: Ids, value: In]> & Reader<S, [envelope: Buffer[], value: Out]>
/**
 * Makes a socket send and receive values together with the routing ids of the peers, as `[id, value]`.
 *
 * @example
 * ```ts
 * const router = withCodec(new Router(), json<Order>())
 * for await (const [id, order] of router) await router.send([id, order])
 * ```
 */
export function withCodec<S extends WithEnvelope, Out, In = Out>(
  socket: S,
  codec: Codec<Out, In>,
  options?: CodecOptions & EnvelopeOptions & { delimiter?: false },
): Coded<S> & Writer<S, readonly [id: MessageLike, value: In]> & Reader<S, [id: Buffer, value: Out]>
/**
 * Makes a socket send and receive values instead of bytes. The result's `socket` is the socket itself, which has the
 * options. A value is encoded before send() returns, and decoded when it is received.
 *
 * @example
 * ```ts
 * const push = withCodec(new Push(), json<Order>())
 * push.connect("tcp://127.0.0.1:5555")
 * await push.send({ id: 1, lines: ["tea"] })
 * ```
 */
export function withCodec<S extends Socket, Out, In = Out>(
  socket: Plain<S>,
  codec: Codec<Out, In>,
  options?: CodecOptions<In> & (S extends Dealer ? EnvelopeOptions : unknown),
): Coded<S> & Writer<S, In> & Reader<S, Out>
export function withCodec(
  socket: Socket,
  codec: Codec<unknown, never> | TopicCodec<unknown, never>,
  { onInvalid, delimiter = false }: CodecOptions<unknown> & EnvelopeOptions = {},
): unknown {
  const envelope = envelopeOf(socketTypeOf(socket), codec, delimiter) as Envelope<unknown, unknown>
  return new ValueSocket(socket, envelope, onInvalid)
}
