/** The types are exact in each version of TypeScript: what is wrong is refused, and nothing is `any`. */
import {
  Context,
  type Event,
  type MessageIterator,
  Pull,
  Push,
  Router,
  type SocketOptions,
  Subscriber,
} from "zeromq-ts"
import { byTopic, json, withCodec } from "zeromq-ts/codec"

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const is = <A, B>(..._: Same<A, B> extends true ? [] : [never]): void => {}

const push = new Push({ sendHighWaterMark: 5, linger: 0, context: new Context({ blocky: false }) })
// @ts-expect-error An option has a type.
push.sendHighWaterMark = "5"
// @ts-expect-error A PUSH receives nothing.
new Push({ receiveTimeout: 1 })
// @ts-expect-error There is no such option.
new Push({ highWaterMark: 1 })
// @ts-expect-error It can only be read.
push.lastEndpoint = "tcp://127.0.0.1:1"
// @ts-expect-error Only a ROUTER and a STREAM name their peers.
push.connect("tcp://127.0.0.1:1", { routingId: "a" })
new Router().connect("tcp://127.0.0.1:1", { routingId: "a" })
// @ts-expect-error Objects are no messages.
void push.send({ id: 1 })

is<Push["sendHighWaterMark"], number>()
is<Push["routingId" & keyof Push], never>()
is<Router["routingId"], string | null>()
is<SocketOptions<Push>["linger"], number | undefined>()
is<SocketOptions<Pull>["context"], Context | undefined>()

const pull = new Pull()
is<ReturnType<typeof pull.receive>, Promise<Buffer[]>>()
is<ReturnType<typeof pull.messages>, MessageIterator<Buffer[]>>()

export async function read(): Promise<number> {
  for await (const [first] of pull) return first === undefined ? 0 : first.readUInt8(0)
  for await (const batch of pull.batches()) return batch.length
  const last: IteratorResult<Buffer[], undefined> = await pull.messages().next()
  return last.done ? 0 : last.value.length
}

export async function observe(): Promise<string> {
  for await (const event of push.events) {
    is<typeof event, Event>()
    if (event.type === "connect:retry") return `${event.address} in ${event.interval} ms`
  }
  return ""
}

interface Quote {
  readonly symbol: string
}
const quotes = withCodec(
  new Subscriber(),
  byTopic(json<Quote>(), ({ symbol }) => symbol),
)
is<ReturnType<typeof quotes.receive>, Promise<Quote>>()
// @ts-expect-error A SUB socket needs a codec that tells topics.
withCodec(new Subscriber(), json<Quote>())
