/** An envelope puts the parts that a socket type needs, such as a topic, before the frames of a value. */

import { type MessageLike, toMessage } from "../base/parts.ts"
import type { SocketType } from "../base/socket-types.ts"
import type { Codec, Frame, TopicCodec } from "./codec.ts"

/** An envelope makes messages of the items that a program sends, and back. Both functions throw if that is impossible. */
export interface Envelope<Out, In> {
  /** Returns the message in the form that send() takes. */
  wrap(item: In): MessageLike | MessageLike[]
  unwrap(message: Buffer[]): Out
}

/** Before the value there is the id of the peer, or all ids and the empty delimiter. */
type Routed<T> = readonly [ids: unknown, value: T]

type AnyEnvelope = Envelope<unknown, never>
type AnyCodec = Codec<unknown, never> | TopicCodec<unknown, never>

/**
 * Returns the envelope for a type of socket.
 *
 * @param delimiter see `EnvelopeOptions`
 */
export function envelopeOf(
  { envelope, subscriptions }: SocketType,
  codec: AnyCodec,
  delimiter: boolean,
): AnyEnvelope {
  switch (envelope) {
    case "topic":
      return { ...topical(codec as TopicCodec<unknown, never>), ...SUBSCRIPTIONS[subscriptions] }
    case "addressed":
      return (delimiter ? delimited : addressed)(codec as Codec<unknown, never>)
    case "plain":
      return (delimiter ? anonymous : plain)(codec as Codec<unknown, never>)
  }
}

/** Subscriptions are sent and received as messages, without the codec. */
const SUBSCRIPTIONS: Readonly<Record<SocketType["subscriptions"], Partial<Envelope<unknown, unknown>>>> = {
  none: {},
  sent: { wrap: message => someOf(message as MessageLike | MessageLike[]) },
  received: { unwrap: message => message },
}

function plain<Out, In>(codec: Codec<Out, In>): Envelope<Out, In> {
  return {
    wrap: value => someOf(codec.encode(value)) as MessageLike | MessageLike[],
    unwrap: message => codec.decode(message),
  }
}

function topical<Out, In>(codec: TopicCodec<Out, In>): Envelope<Out, In> {
  return {
    wrap(value) {
      const { topic, body } = codec.encode(value)
      if (topic === undefined) throw new TypeError("The codec tells no topic: use byTopic()")
      return inFront([topic], body)
    },
    unwrap([topic, ...body]) {
      if (topic === undefined || body.length === 0) throw new Error("nothing follows the topic")
      return codec.decode(body, topic)
    },
  }
}

/** Makes the envelope of ROUTER and STREAM: the peer's id comes before the value. */
function addressed<Out, In>(codec: Codec<Out, In>): Envelope<Routed<Out>, Routed<In>> {
  return {
    wrap: ([id, value]) => inFront(toMessage(id), codec.encode(value)),
    unwrap([id, ...frames]) {
      if (id === undefined || frames.length === 0) throw new Error("nothing follows the routing id")
      return [id, codec.decode(frames)]
    },
  }
}

/** Makes the envelope of a ROUTER with REQ peers: ids and an empty delimiter come before the value. */
function delimited<Out, In>(codec: Codec<Out, In>): Envelope<Routed<Out>, Routed<In>> {
  return {
    wrap([given, value]) {
      const ids = toMessage(given)
      return inFront(ids.at(-1)?.length === 0 ? ids : [...ids, EMPTY], codec.encode(value))
    },
    unwrap(message) {
      const end = endOfEnvelope(message)
      return [message.slice(0, end), codec.decode(message.slice(end))]
    },
  }
}

/** Makes the envelope of a DEALER with REP peers: an empty delimiter comes before the value. */
function anonymous<Out, In>(codec: Codec<Out, In>): Envelope<Out, In> {
  return {
    wrap: value => inFront([EMPTY], codec.encode(value)),
    unwrap: message => codec.decode(message.slice(endOfEnvelope(message))),
  }
}

const EMPTY = Buffer.alloc(0)

function endOfEnvelope(message: readonly Buffer[]): number {
  const end = message.findIndex(({ length }) => length === 0) + 1
  if (end === 0 || end === message.length) throw new Error("no empty delimiter before the value")
  return end
}

function inFront(parts: readonly MessageLike[], encoded: Frame | readonly Frame[]): MessageLike[] {
  const frames: Frame | Frame[] = someOf(encoded) as Frame | Frame[]
  return Array.isArray(frames) ? [...parts, ...frames] : [...parts, frames]
}

/** Throws when there is no frame. Otherwise send() would send nothing, or the text "undefined". */
function someOf<T>(frames: T): T {
  if (frames === undefined || (Array.isArray(frames) && frames.length === 0))
    throw new TypeError("A value takes one frame at least")
  return frames
}
