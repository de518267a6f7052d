/** Brokers and forwarders: proxies of one library between the sockets of the other, each in a process of its own. */
import { describe, expect, it, onTestFinished } from "vitest"
import {
  Dealer,
  // biome-ignore lint/suspicious/noShadowRestrictedNames: this is about the library's Proxy
  Proxy,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  XPublisher,
  XSubscriber,
} from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { Peer } from "../support/peer.ts"

function run(proxy: Proxy): void {
  const ended = proxy.run()
  onTestFinished(() => {
    proxy.terminate()
    return ended
  })
}

async function bound<S extends Socket>(socket: S, scheme: "inproc" | "ipc" | "tcp" = "tcp"): Promise<S> {
  onTestFinished(() => socket.close())
  await socket.bind(await freeEndpoint(scheme))
  return socket
}

const endpointOf = (socket: Socket): string => socket.lastEndpoint as string

/** A broker's two endpoints. */
type Broker = { readonly front: string; readonly back: string }

async function brokerHere(): Promise<Broker> {
  const front = await bound(new Router())
  const back = await bound(new Dealer())
  run(new Proxy(front, back))
  return { front: endpointOf(front), back: endpointOf(back) }
}

async function brokerAt(peer: Peer): Promise<Broker> {
  const front = await peer.call("open", "Router")
  const back = await peer.call("open", "Dealer")
  const endpoints = {
    front: await peer.call("bind", front, await freeEndpoint("tcp")),
    back: await peer.call("bind", back, await freeEndpoint("tcp")),
  }
  await peer.call("proxy", front, back)
  return endpoints
}

async function startWorkers(peer: Peer, endpoint: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const worker = await peer.call("open", "Reply")
    await peer.call("connect", worker, endpoint)
    peer.call("echo", worker).catch(() => {})
  }
}

const CLIENTS = 50
/** Of each client, before the workers die and after. */
const REQUESTS = 20

/** Every request gets its own reply, once; one whose worker has died is asked again. */
async function askFromAllClients(library: "native" | "ours", { front, back }: Broker): Promise<void> {
  await using clients = await Peer.start(library)
  await using steady = await Peer.start(library)
  await using mortal = await Peer.start(library)
  await startWorkers(steady, back, 3)
  await startWorkers(mortal, back, 2)
  const sockets: string[] = []
  for (let n = 0; n < CLIENTS; n++) {
    const options = { relaxed: true, correlate: true, receiveTimeout: 500, linger: 0 }
    const client = await clients.call("open", "Request", options)
    await clients.call("connect", client, front)
    sockets.push(client)
  }
  const ask = (half: 0 | 1) => {
    const asking = sockets.map((client, n) => {
      const from = (2 * n + half) * REQUESTS
      return clients.call("askAgainNumbered", client, from, from + REQUESTS, { parts: "mixed" })
    })
    return Promise.all(asking)
  }
  await ask(0)
  const rest = ask(1)
  await mortal.kill()
  await using successor = await Peer.start(library)
  await startWorkers(successor, back, 2)
  await rest
}

describe("a ROUTER–DEALER broker between 50 clients and 5 workers, two of which die and are replaced", () => {
  it("of ours, between native peers", async () => {
    await askFromAllClients("native", await brokerHere())
  })

  it("of the native package, between peers of ours", async () => {
    await using broker = await Peer.start("native")
    await askFromAllClients("ours", await brokerAt(broker))
  })

  it("of ours, all within one process", async () => {
    const front = await bound(new Router(), "inproc")
    const back = await bound(new Dealer(), "inproc")
    run(new Proxy(front, back))
    const reply = new Reply()
    const request = new Request()
    onTestFinished(() => {
      reply.close()
      request.close()
    })
    reply.connect(endpointOf(back))
    request.connect(endpointOf(front))
    await request.send(["a", "b"])
    await reply.send(await reply.receive())
    expect((await request.receive()).map(String)).toEqual(["a", "b"])
  })
})

describe("an XSUB–XPUB forwarder between native peers", () => {
  it("passes subscriptions up and messages down, and cancellations up", async () => {
    const front = await bound(new XSubscriber({ receiveHighWaterMark: 0 }))
    const back = await bound(new XPublisher({ sendHighWaterMark: 0 }))
    run(new Proxy(front, back))
    await using peer = await Peer.start("native")
    const root = await peer.call("open", "XPublisher", { sendHighWaterMark: 0 })
    await peer.call("connect", root, endpointOf(front))
    const leaf = await peer.call("open", "Subscriber", { receiveHighWaterMark: 0 })
    await peer.call("connect", leaf, endpointOf(back))
    const notification = async () =>
      (await peer.call("receive", root)).map(part => Buffer.from(part, "base64"))

    await peer.call("subscribe", leaf, "news.")
    expect(await notification()).toEqual([Buffer.from("\x01news.")])
    const receiving = peer.call("receiveNumbered", leaf, 0, 5000, { topic: "news.", parts: "mixed" })
    await peer.call("sendNumbered", root, 0, 1, { topic: "other." })
    await peer.call("sendNumbered", root, 0, 5000, { topic: "news.", parts: "mixed" })
    await receiving

    await peer.call("unsubscribe", leaf, "news.")
    expect(await notification()).toEqual([Buffer.from("\x00news.")])
  })
})

describe("a mandatory ROUTER as back end", () => {
  it("costs only the messages that it can't route; the proxy goes on", async () => {
    const front = await bound(new Pull(), "inproc")
    const back = await bound(new Router({ mandatory: true }), "inproc")
    run(new Proxy(front, back))
    const known = new Dealer({ routingId: "known" })
    const source = new Push()
    onTestFinished(() => {
      known.close()
      source.close()
    })
    known.connect(endpointOf(back))
    source.connect(endpointOf(front))
    await known.send("to be known by")
    await source.send(["nobody", "lost"])
    await source.send(["known", "arrives"])
    expect((await known.receive()).map(String)).toEqual(["arrives"])
  })

  it("keeps nobody waiting for a peer that is full, and keeps for that as much as two high-water marks", async () => {
    const front = await bound(new Pull(), "inproc")
    const back = await bound(new Router({ mandatory: true, sendHighWaterMark: 5 }), "inproc")
    run(new Proxy(front, back))
    const full = new Dealer({ routingId: "full", receiveHighWaterMark: 1 })
    const idle = new Dealer({ routingId: "idle" })
    const source = new Push()
    onTestFinished(() => {
      for (const socket of [full, idle, source]) socket.close()
    })
    full.connect(endpointOf(back))
    idle.connect(endpointOf(back))
    source.connect(endpointOf(front))
    for (let n = 0; n < 50; n++) await source.send(["full", String(n)])
    await source.send(["idle", "last"])
    expect(String(await idle.receive())).toBe("last")
    // One that its queue has, then those of the two queues here; the rest is dropped.
    const kept: string[] = []
    while (kept.length < 11) kept.push(String(await full.receive()))
    expect(kept).toEqual(Array.from({ length: 11 }, (_, n) => String(n)))
    await source.send(["full", "after the loss"])
    expect(String(await full.receive())).toBe("after the loss")
  })
})
