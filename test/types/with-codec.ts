/** What must compile with a codec, and what must not: `tsc` is the test. Nothing of this is run. */
import { byTopic, type Codec, json, raw, withCodec } from "zeromq-ts/codec"
import { msgpack } from "zeromq-ts/msgpack"
import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Stream,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../src/index.ts"

interface Order {
  readonly id: number
}

/** Fails to compile unless both are the same type. */
declare function same<Expected>(): <Actual>(
  value: Actual,
  ...proof: (<T>() => T extends Actual ? 1 : 2) extends <T>() => T extends Expected ? 1 : 2 ? [] : [never]
) => void

const order = json<Order>()
const quote = byTopic(order, ({ id }) => String(id))

export async function push(): Promise<void> {
  const socket = withCodec(new Push(), order)
  await socket.send({ id: 1 }, { signal: AbortSignal.timeout(1) })
  same<boolean>()(socket.trySend({ id: 1 }))
  same<Push>()(socket.socket)
  // @ts-expect-error another value
  await socket.send({ id: "1" })
  // @ts-expect-error bytes
  await socket.send(Buffer.alloc(1))
  // @ts-expect-error a Push receives nothing
  await socket.receive()
  // @ts-expect-error nor does it iterate
  for await (const _ of socket) return
  // @ts-expect-error it has no topics
  withCodec(new Push(), quote)
}

export async function pull(): Promise<void> {
  const socket = withCodec(new Pull(), order)
  same<Order>()(await socket.receive())
  same<Order | undefined>()(socket.tryReceive())
  for await (const value of socket) same<Order>()(value)
  for await (const value of socket.messages({ signal: AbortSignal.timeout(1) })) same<Order>()(value)
  for await (const values of socket.batches()) same<Order[]>()(values)
  // @ts-expect-error a Pull sends nothing
  await socket.send({ id: 1 })
  // @ts-expect-error it has no topics
  withCodec(new Pull(), quote)
  // @ts-expect-error there is no such policy
  withCodec(new Pull(), order, { onInvalid: "drop" })
  // @ts-expect-error it has no envelope
  withCodec(new Pull(), order, { delimiter: true })
}

export async function both(): Promise<void> {
  for (const socket of [withCodec(new Pair(), order), withCodec(new Request(), order)]) {
    await socket.send({ id: 1 })
    same<Order>()(await socket.receive())
  }
  const dealer = withCodec(new Dealer(), order, { delimiter: true })
  await dealer.send({ id: 1 })
  same<Order>()(await dealer.receive())
  // @ts-expect-error it has no topics
  withCodec(new Pair(), quote)
  // @ts-expect-error it has no topics
  withCodec(new Dealer(), quote)
}

export async function reply(): Promise<void> {
  const socket = withCodec(new Reply(), order, { onInvalid: () => ({ id: 0 }) })
  same<Order>()(await socket.receive())
  await socket.send({ id: 1 })
  // @ts-expect-error the reply is another value
  withCodec(new Reply(), order, { onInvalid: () => "sorry" })
  withCodec(new Reply(), order, { onInvalid: error => console.error(error.parts.length, error.issues) })
}

export async function publisher(): Promise<void> {
  const socket = withCodec(new Publisher(), quote)
  await socket.send({ id: 1 })
  // @ts-expect-error a Publisher receives nothing
  await socket.receive()
  // @ts-expect-error it needs to know the topic
  withCodec(new Publisher(), order)
}

export async function subscriber(): Promise<void> {
  const socket = withCodec(new Subscriber(), quote)
  socket.socket.subscribe("1")
  same<Order>()(await socket.receive())
  // @ts-expect-error a Subscriber sends nothing
  await socket.send({ id: 1 })
  // @ts-expect-error it needs to know that there is a topic
  withCodec(new Subscriber(), order)
}

export async function xpubAndXsub(): Promise<void> {
  const xpub = withCodec(new XPublisher(), quote)
  await xpub.send({ id: 1 })
  same<Buffer[]>()(await xpub.receive())
  const xsub = withCodec(new XSubscriber(), quote)
  same<Order>()(await xsub.receive())
  await xsub.send(Buffer.of(1))
  // @ts-expect-error it sends subscriptions
  await xsub.send({ id: 1 })
  // @ts-expect-error it needs to know the topic
  withCodec(new XPublisher(), order)
  // @ts-expect-error it needs to know that there is a topic
  withCodec(new XSubscriber(), order)
}

export async function router(): Promise<void> {
  const socket = withCodec(new Router(), order)
  const [id, value] = await socket.receive()
  same<Buffer>()(id)
  same<Order>()(value)
  await socket.send([id, { id: 1 }])
  await socket.send(["name", { id: 1 }])
  // @ts-expect-error to whom?
  await socket.send({ id: 1 })

  const server = withCodec(new Router(), order, { delimiter: true })
  for await (const [envelope, request] of server) {
    same<Buffer[]>()(envelope)
    await server.send([envelope, request])
  }
}

export async function stream(): Promise<void> {
  const socket = withCodec(new Stream(), raw())
  const [id, bytes] = await socket.receive()
  same<Buffer>()(id)
  same<Buffer[]>()(bytes)
  await socket.send([id, "GET / HTTP/1.0"])
  // @ts-expect-error there are no delimiters on a bare connection
  withCodec(new Stream(), raw(), { delimiter: true })
}

export async function codecs(): Promise<void> {
  same<Codec<unknown>>()(json())
  same<Codec<Order>>()(msgpack<Order>({ records: true }))
  same<Buffer[]>()(await withCodec(new Pull(), raw()).receive())
  await withCodec(new Push(), raw()).send(["a", Buffer.alloc(1)])
  // @ts-expect-error there is no such option
  msgpack({ useRecords: true })
  // @ts-expect-error encode() makes frames
  withCodec(new Push(), { encode: () => 5, decode: () => 5 })
  // @ts-expect-error a socket it must be
  withCodec({}, order)
  await using disposed = withCodec(new Push(), order)
  same<Promise<{ readonly address: string; readonly messages: number }[]>>()(
    disposed.drain({ timeout: 1 }).then(left => [...left]),
  )
}
