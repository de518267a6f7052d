/**
 * A program that keeps a small part of each message for ever, and prints by how many bytes it has grown:
 * `pinning.ts copies|views large|small`. Run with --expose-gc.
 */
import { withCodec } from "zeromq-ts/codec"
import { msgpack } from "zeromq-ts/msgpack"
import { Pull, Push } from "../../../src/index.ts"

interface Item {
  readonly key: Uint8Array
  readonly name: string
  readonly body: Uint8Array
}

const [fields, size] = process.argv.slice(2)
/** A message nearly as large as what is received at once, or so many small ones that they come by the chunk. */
const { bodySize, total, every } =
  size === "large"
    ? { bodySize: 60_000, total: 1000, every: 1 }
    : { bodySize: 64, total: 200_000, every: 200 }

function used(): number {
  global.gc?.()
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}

const turn = () => new Promise(resolve => setImmediate(resolve))

await using pull = withCodec(new Pull(), msgpack<Item>({ views: fields === "views" }))
await using push = withCodec(new Push(), msgpack<Item>())
await pull.bind("tcp://127.0.0.1:*")
push.connect(pull.lastEndpoint as string)

const sendAll = async () => {
  const body = new Uint8Array(bodySize)
  for (let n = 0; n < total; n++)
    await push.send({ key: Buffer.alloc(16, n), name: `the name of ${n}`, body })
}
const kept: { key: Uint8Array; name: string }[] = []
const before = used()
const sending = sendAll()
for (let n = 0; n < total; n++) {
  const { key, name } = await pull.receive()
  if (n % every === 0) kept.push({ key, name })
}
await sending
// Buffers are given back a turn after the collector has found them.
for (let n = 0; n < 5; n++) {
  used()
  await turn()
}
console.log(JSON.stringify({ kept: kept.length, grown: used() - before }))
