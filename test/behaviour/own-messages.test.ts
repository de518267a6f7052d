/** A message is its receiver's: what he does with its list of parts is nobody else's business, whatever their size. */
import { describe, expect, it } from "vitest"
import {
  Dealer,
  // biome-ignore lint/suspicious/noShadowRestrictedNames: this is about the library's Proxy
  Proxy,
  Pull,
  Push,
  type Socket,
  Subscriber,
  XPublisher,
} from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { open } from "../support/open.ts"

const endpoint = await freeEndpoint("inproc")
let names = 0

async function pair<A extends Socket, B extends Socket>(binds: A, connects: B): Promise<readonly [A, B]> {
  const address = `${endpoint}-${++names}`
  await open(binds).bind(address)
  open(connects).connect(address)
  return [binds, connects]
}

async function takeApart(socket: { receive(): Promise<Buffer[]> }): Promise<string[]> {
  const parts = await socket.receive()
  const texts = parts.map(part => part.toString())
  parts.length = 0
  return texts
}

describe.each([
  ["small", 10],
  ["large", 1000],
])("a list of %s parts", (_, size) => {
  const sent = [Buffer.alloc(size, "a"), Buffer.alloc(size, "b")]
  const texts = sent.map(part => part.toString())

  it("of a message that is published to several", async () => {
    const publisher = open(new XPublisher())
    const [, first] = await pair(publisher, new Subscriber())
    const second = open(new Subscriber())
    second.connect(publisher.lastEndpoint as string)
    // Two of the same would be told but once.
    first.subscribe("")
    second.subscribe("a")
    for (let known = 0; known < 2; known++) await publisher.receive()
    await publisher.send(sent)
    for (const subscriber of [first, second]) expect(await takeApart(subscriber)).toEqual(texts)
    expect(sent.length).toBe(2)
  })

  it("of a message that is captured", async () => {
    const [front, source] = await pair(new Pull(), new Push())
    const [back, sink] = await pair(new Push(), new Pull())
    const [capture, log] = await pair(new Push(), new Pull())
    const proxy = new Proxy(front, back, { capture })
    const ended = proxy.run()
    await source.send(sent)
    for (const pull of [log, sink]) expect(await takeApart(pull)).toEqual(texts)
    expect(sent.length).toBe(2)
    proxy.terminate()
    await ended
  })
})

it("the list of a probe's parts", async () => {
  const receiver = open(new Dealer())
  await receiver.bind(`${endpoint}-probes`)
  for (let n = 0; n < 2; n++) {
    open(new Dealer({ probeRouter: true })).connect(`${endpoint}-probes`)
    expect(await takeApart(receiver)).toEqual([""])
  }
})
