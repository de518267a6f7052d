import type { MessageLike } from "../base/parts.ts"
import { socketTypeOf } from "../base/socket-types.ts"
import type {
  ConnectOptions,
  Dealer,
  DrainOptions,
  MessageIterator,
  Observer,
  OperationOptions,
  Publisher,
  Readable,
  Router,
  Socket,
  Stream,
  Subscriber,
  Undelivered,
  Writable,
  XPublisher,
  XSubscriber,
} from "../index.ts"
import type { Codec, TopicCodec } from "./codec.ts"
import { type Envelope, envelopeOf } from "./envelope.ts"
import type { InvalidMessageError } from "./invalid-message.ts"
import { ValueSocket } from "./value-socket.ts"

export interface CodecOptions<Reply = void> {
  /**
   * What becomes of a message that is not valid, in `for await`, messages() and batches(). receive() and tryReceive()
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

/** For ROUTER and DEALER sockets. */
export interface EnvelopeOptions {
  /**
   * True where the peers are REQ or REP sockets, whose messages have an empty frame in front of the body (RFC 28), be it
   * that others forward them. A ROUTER's envelope is then all that is in front of the body, and a DEALER puts the frame
   * there and takes it away. Default false: the envelope is the routing id alone, and a DEALER has none.
   */
  delimiter?: boolean
}

/** What a socket with a codec has of the socket. Everything else, the options and its bytes, is in `socket`. */
export interface Coded<S extends Socket> extends AsyncDisposable, Disposable {
  readonly socket: S
  readonly closed: boolean
  readonly lastEndpoint: string | null
  readonly events: Observer
  bind(address: string, options?: OperationOptions): Promise<void>
  unbind(address: string): Promise<void>
  connect(address: string, options?: ConnectOptions): void
  disconnect(address: string): void
  close(): void
  drain(options?: DrainOptions): Promise<Undelivered[]>
}

/** What can be sent: as `Writable`, with values for messages. */
export interface ValueWriter<In> {
  /** Rejects also, with whatever the codec threw, for a value that it can't encode. */
  send(value: In, options?: OperationOptions): Promise<void>
  trySend(value: In): boolean
}

/** What can be received: as `Readable`, with values for messages. */
export interface ValueReader<Out> {
  /** Rejects also, with InvalidMessageError, when the next message is not valid; that one is taken. */
  receive(options?: OperationOptions): Promise<Out>
  /** Throws as receive() rejects. (Where undefined is a value of the codec's, it says nothing.) */
  tryReceive(): Out | undefined
  [Symbol.asyncIterator](): MessageIterator<Out>
  messages(options?: OperationOptions): MessageIterator<Out>
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

/** What XSUB sends and XPUB receives are subscriptions: messages as they are. */
type TopicWriter<S, In> = S extends XSubscriber ? ValueWriter<MessageLike | MessageLike[]> : Writer<S, In>
type TopicReader<S, Out> = S extends XPublisher ? ValueReader<Buffer[]> : Reader<S, Out>

/** The envelope of a reply is that of the request; where it is made by hand, the routing id will do. */
type Ids = MessageLike | readonly MessageLike[]

/**
 * A socket that sends and receives values. The socket goes on being one: its options, and messages as they are, are in
 * `socket`. What is sent is encoded before send() returns; what is received is decoded when it is taken.
 */
export function withCodec<S extends WithTopics, Out, In = Out>(
  socket: S,
  codec: TopicCodec<Out, In>,
  options?: CodecOptions,
): Coded<S> & TopicWriter<S, In> & TopicReader<S, Out>
export function withCodec<S extends Router, Out, In = Out>(
  socket: S,
  codec: Codec<Out, In>,
  options: CodecOptions & { delimiter: true },
): Coded<S> & Writer<S, readonly [envelope: Ids, value: In]> & Reader<S, [envelope: Buffer[], value: Out]>
export function withCodec<S extends WithEnvelope, Out, In = Out>(
  socket: S,
  codec: Codec<Out, In>,
  options?: CodecOptions & { delimiter?: false },
): Coded<S> & Writer<S, readonly [id: MessageLike, value: In]> & Reader<S, [id: Buffer, value: Out]>
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
