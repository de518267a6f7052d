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

/** Options of {@link withCodec}. */
export interface CodecOptions<Reply = void> {
  /**
   * This decides about messages that are not valid, in `for await`, messages() and batches(). receive() and tryReceive()
   * throw it in any case; the next one has the next message.
   *
   * - A function is handed the error, with the message in it, and the iteration goes on. On a REP socket what it returns
   *   is the reply; without a value an empty frame is, for there has to be one.
   * - "throw" ends the iteration with the error. The socket is as it was: another iteration has the next message.
   * - Without either the iteration goes on, and the error is emitted as a warning of the process: the first one of this
   *   socket, the second, the fourth, the eighth, …
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a handler may return a reply, or nothing at all
  onInvalid?: "throw" | ((error: InvalidMessageError) => Reply | void)
}

/** Further options of {@link withCodec} for ROUTER and DEALER sockets. */
export interface EnvelopeOptions {
  /**
   * True where the peers are REQ or REP sockets, whose messages have an empty frame in front of the body (RFC 28), be it
   * that others forward them. A ROUTER's envelope is then all that is in front of the body, and a DEALER puts the frame
   * there and takes it away. Default false: the envelope is the routing id alone, and a DEALER has none.
   */
  delimiter?: boolean
}

/** These are as of the socket itself. */
type OfTheSocket = "closed" | "lastEndpoint" | "events" | "bind" | "unbind" | "disconnect" | "close" | "drain"

/** A socket with a codec has these members of the socket. Everything else, the options and its bytes, is in `socket`. */
export interface Coded<S extends Socket> extends AsyncDisposable, Disposable, Pick<Socket, OfTheSocket> {
  /** This is the socket, which sends and receives messages as they are, and has the options. */
  readonly socket: S
  /** Connects as the socket does. `options` are for those that address their peers. */
  connect(address: string, options?: ConnectOptions): void
}

/** It sends values, as a {@link Writable} sends messages. */
export interface ValueWriter<In> {
  /** Sends a value, as the socket sends a message. Rejects also, with whatever the codec threw, for one that it can't encode. */
  send(value: In, options?: OperationOptions): Promise<void>
  /** Sends a value if that is possible at once. Throws also, whatever the codec threw, for one that it can't encode. */
  trySend(value: In): boolean
}

/** It receives values, as a {@link Readable} receives messages. */
export interface ValueReader<Out> {
  /** Receives the next value. Rejects also, with InvalidMessageError, when the next message is not valid; that one is taken. */
  receive(options?: OperationOptions): Promise<Out>
  /**
   * Receives the next value if its message is there, undefined otherwise. Throws as receive() rejects. (Where undefined
   * is a value of the codec's, it says nothing.)
   */
  tryReceive(): Out | undefined
  /** Iterates over the values until the socket is closed. `onInvalid` says what becomes of invalid messages. */
  [Symbol.asyncIterator](): MessageIterator<Out>
  /** Iterates over the values, with options: once the signal is aborted the iteration ends with its reason. */
  messages(options?: OperationOptions): MessageIterator<Out>
  /** Iterates over the values that are queued at once, as arrays of 1 to 1,024. */
  batches(options?: OperationOptions): MessageIterator<Out[]>
}

type Writer<S, In> = S extends Writable ? ValueWriter<In> : unknown
type Reader<S, Out> = S extends Readable ? ValueReader<Out> : unknown

/** The sockets whose messages begin with a topic. */
type WithTopics = Publisher | Subscriber | XPublisher | XSubscriber
/** The sockets that address their peers. */
type WithEnvelope = Router | Stream
/** Nothing for the sockets that need a codec or a shape of their own. */
type Plain<S> = S extends WithTopics | WithEnvelope ? never : S

/** An XSUB sends subscriptions and an XPUB receives them: messages as they are. */
type TopicWriter<S, In> = S extends XSubscriber ? ValueWriter<MessageLike | MessageLike[]> : Writer<S, In>
type TopicReader<S, Out> = S extends XPublisher ? ValueReader<Buffer[]> : Reader<S, Out>

/** The envelope of a reply is that of the request; where it is made by hand, the routing id will do. */
type Ids = MessageLike | readonly MessageLike[]

/**
 * Makes a socket send and receive values instead of bytes, each with its topic in front; see {@link byTopic}. The socket goes
 * on being one: its options, and messages as they are, are in `socket`. A value is encoded before send() returns, and
 * decoded when it is received.
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
 * Makes a ROUTER send and receive values with the envelopes of REQ and REP peers in front, as `[envelope, value]`. The
 * envelope of a reply is that of its request.
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
 * Makes a socket send and receive values with the routing ids of the peers in front, as `[id, value]`.
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
 * Makes a socket send and receive values instead of bytes. The socket goes on being one: its options, and messages as
 * they are, are in `socket`. A value is encoded before send() returns, and decoded when it is received.
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
