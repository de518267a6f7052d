/** Subscriptions for a publisher that reads nothing: they fill no memory, and it has the right ones in the end. */
import { describe, expect, it, onTestFinished } from "vitest"
import { XPublisher, XSubscriber } from "../../src/index.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { recordEvents, turn, until } from "../support/events.ts"
import { heldMemory } from "../support/memory.ts"
import { open } from "../support/open.ts"
import { handshake, RawServer } from "../support/raw-peer.ts"

const MIB = 1024 * 1024
const COUNT = 80_000

const subscribe = (topic: string) => `\x01${topic}`
const cancel = (topic: string) => `\x00${topic}`
const passing = (n: number) => `passing ${n}`.padEnd(100)

/** Subscribes to very many topics, one after the other, and cancels each. */
async function change(xsub: XSubscriber): Promise<void> {
  for (let n = 0; n < COUNT; n++) {
    await xsub.send(subscribe(passing(n)))
    await xsub.send(cancel(passing(n)))
  }
}

/** The topics that a publisher knows after these commands. */
function subscribed(commands: Buffer): Set<string> {
  const topics = new Set<string>()
  for (let at = 0; at + 2 <= commands.length; at += 2 + commands[at + 1]!) {
    const body = commands.subarray(at + 2, at + 2 + commands[at + 1]!)
    const end = 1 + body[0]!
    const topic = body.toString("latin1", end)
    const name = body.toString("latin1", 1, end)
    if (name === "SUBSCRIBE") topics.add(topic)
    if (name === "CANCEL") topics.delete(topic)
  }
  return topics
}

describe.each<Scheme>(["tcp", "ipc"])("over %s", scheme => {
  it("an XSUB that changes its mind without end is bounded", async () => {
    const endpoint = await freeEndpoint(scheme)
    const server = await RawServer.listen(endpoint, peer => peer.socket.pause())
    onTestFinished(() => server.close())
    const xsub = open(new XSubscriber({ linger: 0 }))
    const events = recordEvents(xsub)
    xsub.connect(endpoint)
    await xsub.send(subscribe("first"))
    const publisher = await server.peer(1)
    publisher.write(handshake("XPUB"))
    await until(() => events.some(({ type }) => type === "handshake"))
    const before = heldMemory()
    await change(xsub)
    expect(heldMemory() - before).toBeLessThan(6 * MIB)
    await xsub.send(cancel("first"))
    await xsub.send(subscribe("last"))
    publisher.socket.resume()
    await until(() => publisher.received.subarray(-4).toString() === "last")
    const hello = publisher.received.indexOf("READY") + "READY".length
    const ready = publisher.received.indexOf("SUBSCRIBE", hello) - 3
    expect(subscribed(publisher.received.subarray(ready))).toEqual(new Set(["last"]))
  })
})

it("over inproc, an XSUB whose XPUB is full is bounded likewise", async () => {
  const xpub = open(new XPublisher({ receiveHighWaterMark: 1 }))
  await xpub.bind(await freeEndpoint("inproc"))
  const xsub = open(new XSubscriber())
  xsub.connect(xpub.lastEndpoint!)
  for (const text of ["1", "2", "3"]) await xsub.send(text)
  await turn()
  const before = heldMemory()
  await change(xsub)
  expect(heldMemory() - before).toBeLessThan(6 * MIB)
  await xsub.send(subscribe("last"))
  const received: string[] = []
  while (received.at(-1) !== subscribe("last")) received.push(String(await xpub.receive()))
  expect(received.filter(text => /^\d$/.test(text))).toEqual(["1", "2", "3"])
  await xpub.send("last")
  await xpub.send(passing(0))
  expect(String(await xsub.receive())).toBe("last")
  expect(xsub.readable).toBe(false)
})
