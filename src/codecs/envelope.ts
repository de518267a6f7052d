/** Where the frames of a value lie in a message, by socket type. */

import { toMessage } from "../base/parts.ts"
import type { SocketTypeName } from "../base/socket-types.ts"
import type { Message } from "../contracts/message.ts"
import type { Codec, Frame, TopicCodec } from "./codec.ts"

/** What a program sends and receives, as messages; both throw for what is none. */
export interface Framing<Out, In> {
  wrap(item: In): Message
  unwrap(message: Buffer[]): Out
}

/** Values with the id of the peer, or the whole envelope, in front. */
type Routed<T> = readonly [envelope: unknown, value: T]

type AnyFraming = Framing<unknown, never>

/** @param delimiter see `EnvelopeOptions` */
export function framingOf(
  type: SocketTypeName,
  codec: Codec<unknown, never> | TopicCodec<unknown, never>,
  delimiter: boolean,
): AnyFraming {
  switch (type) {
    case "PUB":
    case "SUB":
      return topical(codec as TopicCodec<unknown, never>)
    case "XPUB":
      return { ...topical(codec as TopicCodec<unknown, never>), unwrap: message => message }
    case "XSUB":
      return {
        ...topical(codec as TopicCodec<unknown, never>),
        wrap: message => toFrames(toMessage(message)),
      }
    case "ROUTER":
      return delimiter ? delimited(codec as Codec<unknown, never>) : addressed(codec as Codec<unknown, never>)
    case "STREAM":
      return addressed(codec as Codec<unknown, never>)
    case "DEALER":
      return delimiter ? anonymous(codec as Codec<unknown, never>) : plain(codec as Codec<unknown, never>)
    default:
      return plain(codec as Codec<unknown, never>)
  }
}

function plain<Out, In>(codec: Codec<Out, In>): Framing<Out, In> {
  return {
    wrap: value => toFrames(codec.encode(value)),
    unwrap: message => codec.decode(message),
  }
}

function topical<Out, In>(codec: TopicCodec<Out, In>): Framing<Out, In> {
  return {
    wrap(value) {
      const { topic, body } = codec.encode(value)
      if (topic === undefined) throw new TypeError("The codec tells no topic: use byTopic()")
      return [toBytes(topic), ...toFrames(body)]
    },
    unwrap([topic, ...body]) {
      if (topic === undefined || body.length === 0) throw new Error("nothing follows the topic")
      return codec.decode(body, topic)
    },
  }
}

/** ROUTER and STREAM: the peer's id, then the value. */
function addressed<Out, In>(codec: Codec<Out, In>): Framing<Routed<Out>, Routed<In>> {
  return {
    wrap: ([id, value]) => [...toMessage(id), ...toFrames(codec.encode(value))],
    unwrap([id, ...frames]) {
      if (id === undefined || frames.length === 0) throw new Error("nothing follows the routing id")
      return [id, codec.decode(frames)]
    },
  }
}

/** ROUTER with REQ peers, be it through others: ids, an empty delimiter, then the value. */
function delimited<Out, In>(codec: Codec<Out, In>): Framing<Routed<Out>, Routed<In>> {
  return {
    wrap([given, value]) {
      const envelope = toMessage(given)
      const rest = envelope.at(-1)?.length === 0 ? [] : [EMPTY]
      return [...envelope, ...rest, ...toFrames(codec.encode(value))]
    },
    unwrap(message) {
      const end = endOfEnvelope(message)
      return [message.slice(0, end), codec.decode(message.slice(end))]
    },
  }
}

/** DEALER with REP peers: an empty delimiter, then the value. */
function anonymous<Out, In>(codec: Codec<Out, In>): Framing<Out, In> {
  return {
    wrap: value => [EMPTY, ...toFrames(codec.encode(value))],
    unwrap: message => codec.decode(message.slice(endOfEnvelope(message))),
  }
}

const EMPTY = Buffer.alloc(0)

function endOfEnvelope(message: readonly Buffer[]): number {
  const end = message.findIndex(({ length }) => length === 0) + 1
  if (end === 0 || end === message.length) throw new Error("no empty delimiter before the value")
  return end
}

function toFrames(encoded: Frame | readonly Frame[]): Message {
  if (typeof encoded === "string" || encoded instanceof Uint8Array) return [toBytes(encoded)]
  if (encoded.length === 0) throw new TypeError("A value takes one frame at least")
  return encoded.map(toBytes)
}

function toBytes(frame: Frame): Uint8Array {
  return typeof frame === "string" ? Buffer.from(frame) : frame
}
