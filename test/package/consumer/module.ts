/** An ES module uses the built package. Its types are all checked. */
import zmq, { type Event, type Message, Pull, type SocketOptions } from "zeromq-ts"
import { type Codec, json, withCodec } from "zeromq-ts/codec"
import { msgpack } from "zeromq-ts/msgpack"
import { byteTransportSuite } from "zeromq-ts/testing"

const options: SocketOptions<zmq.Push> = { linger: 0 }
const push: zmq.Push = new zmq.Push(options)
const codecs: Codec<number>[] = [json<number>(), msgpack<number>()]
const numbers = codecs.map(codec => withCodec(new Pull(), codec))

export async function use(): Promise<[Message[], Event, number | undefined]> {
  return [await new zmq.Pull().receive(), await push.events.receive(), await numbers[0]?.receive()]
}

export const suite: typeof byteTransportSuite = byteTransportSuite
