/** As module.ts, as CommonJS. */
import zmq = require("zeromq-ts")
import codecs = require("zeromq-ts/codec")
import msgpacks = require("zeromq-ts/msgpack")

const push: zmq.Push = new zmq.Push({ linger: 0 })
const byDefault: zmq.Push = new zmq.default.Push()
const orders = codecs.withCodec(push, msgpacks.msgpack<{ id: number }>())

export const sent: Promise<void>[] = [orders.send({ id: 1 }), byDefault.send("1")]
