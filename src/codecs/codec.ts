/** One frame of a message as a codec makes it: bytes that nobody alters any more, or text, which is sent as UTF-8. */
export type Frame = Uint8Array | string

/**
 * How values become the frames of messages, and back. A value may take several frames; `In` is what is sent, `Out` what
 * is received, where a schema tells them apart.
 */
export interface Codec<Out, In = Out> {
  /** The frames of a value, at least one. Throws for a value that it has no frames for; nothing is sent then. */
  encode(value: In): Frame | readonly Frame[]
  /**
   * The value in these frames, of which there is at least one. They are views of received memory: what is kept for long
   * is better copied. Throws when they hold none, with the reason as the message.
   */
  decode(frames: Buffer[]): Out
}

/**
 * As {@link Codec}, for PUB and SUB and their kin: the topic, by which publishers filter, goes in front in a frame of its
 * own. See `byTopic()`.
 */
export interface TopicCodec<Out, In = Out> {
  /** The frames of a value. Throws for a value that it has no frames for; nothing is sent then. */
  encode(value: In): TopicFrames
  /** The value in the frames behind the topic. Throws when they hold none, with the reason as the message. */
  decode(body: Buffer[], topic: Buffer): Out
}

/** The frames of one value for PUB and SUB sockets. */
interface TopicFrames {
  /** Publishers filter by this frame, which goes in front. */
  readonly topic: Frame
  /** The value is in these. */
  readonly body: Frame | readonly Frame[]
}

/** As NoInfer, which TypeScript has from 5.4 on. */
type Uninferred<T> = [T][T extends unknown ? 0 : never]

/**
 * Makes a codec for PUB and SUB sockets, of one for the body and of a function that tells the topic of a value.
 *
 * @example
 * ```ts
 * const codec = byTopic(json<Quote>(), quote => quote.symbol)
 * const publisher = withCodec(new Publisher(), codec)
 * await publisher.send({ symbol: "ZMQ" })
 * ```
 */
export function byTopic<Out, In = Out>(
  codec: Codec<Out, In>,
  topicOf: (value: Uninferred<In>) => Frame,
): TopicCodec<Out, In> {
  return {
    encode: value => ({ topic: topicOf(value), body: codec.encode(value) }),
    decode: body => codec.decode(body),
  }
}

/** The frame of a message that must have exactly one. */
export function onlyFrame(frames: readonly Buffer[]): Buffer {
  const [frame] = frames
  if (frame === undefined || frames.length > 1) throw new Error(`${frames.length} frames instead of one`)
  return frame
}

/** Deepest nesting of arrays and objects that is decoded: deeper ones are meant to exhaust somebody's stack. */
export const MAX_DEPTH = 1000
