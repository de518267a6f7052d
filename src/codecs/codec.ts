/** A codec makes frames: bytes, which must not be altered any more, or text, which is sent as UTF-8. */
export type Frame = Uint8Array | string

/**
 * A codec makes frames of values, and values of frames. A value may take several frames. `In` is the type of the values
 * that are sent, and `Out` of those that are received. They differ when a schema transforms values.
 */
export interface Codec<Out, In = Out> {
  /** Returns the frames of a value, at least one. Throws for a value that it can't encode; nothing is sent then. */
  encode(value: In): Frame | readonly Frame[]
  /**
   * Returns the value in these frames, of which there is at least one. The frames are views of received memory, which may
   * be large, so copy the bytes that you keep for long. Throws when there is no valid value; the error's message is the
   * reason.
   */
  decode(frames: Buffer[]): Out
}

/**
 * A topic codec is for PUB, SUB, XPUB and XSUB sockets. It differs from a {@link Codec} by the topic, by which publishers
 * filter, and which is the first frame of each message. See `byTopic()`.
 */
export interface TopicCodec<Out, In = Out> {
  /** Returns the frames of a value. Throws for a value that it can't encode; nothing is sent then. */
  encode(value: In): TopicFrames
  /** Returns the value in the frames after the topic. Throws when there is no valid value, with the reason as message. */
  decode(body: Buffer[], topic: Buffer): Out
}

/** A topic codec makes these frames of a value. */
interface TopicFrames {
  /** This is the first frame. Publishers filter by it. */
  readonly topic: Frame
  /** These frames have the value. */
  readonly body: Frame | readonly Frame[]
}

/** This type does the same as NoInfer, which TypeScript has only from version 5.4 on. */
type Uninferred<T> = [T][T extends unknown ? 0 : never]

/**
 * Makes a codec for PUB, SUB, XPUB and XSUB sockets.
 *
 * @param codec makes the frames after the topic
 * @param topicOf returns the topic of a value
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

/** Returns the only frame of a message. Throws when there are none or several. */
export function onlyFrame(frames: readonly Buffer[]): Buffer {
  const [frame] = frames
  if (frame === undefined || frames.length > 1) throw new Error(`${frames.length} frames instead of one`)
  return frame
}

/** Arrays and objects are decoded up to this depth, because deeper ones could exhaust the stack of the program. */
export const MAX_DEPTH = 1000
