/**
 * A ROUTER–DEALER broker between 50 REQ clients and 5 REP workers, ours and libzmq's in either role. A worker stops with
 * requests in hand, is killed and comes back; every request is answered, and once.
 */
import { describe, it } from "vitest"
import { Dealer, Reply, Request, Router } from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { askAgain } from "../support/numbered.ts"
import { open } from "../support/open.ts"
import { Peer } from "../support/peer.ts"

const CLIENTS = 50
const WORKERS = 5
const REQUESTS = 200
const MIXED = { parts: "mixed" } as const
/** The client's part of reliability (ZeroMQ guide, chapter 4, "lazy pirate"). */
const PATIENCE = { relaxed: true, correlate: true, receiveTimeout: 2000 }
const QUICK = { reconnectInterval: 5, linger: 0 }

async function passOn(from: Router | Dealer, to: Router | Dealer): Promise<void> {
  for await (const message of from) await to.send(message)
}

async function work(worker: Reply): Promise<void> {
  for await (const request of worker) await worker.send(request)
}

/** One worker in a process of its own. */
async function startWorker(library: "native" | "ours", endpoint: string): Promise<Peer> {
  const peer = await Peer.start(library)
  const worker = await peer.call("open", "Reply", QUICK)
  await peer.call("connect", worker, endpoint)
  void peer.call("echo", worker).catch(() => {})
  return peer
}

/** Asks all questions; half-way through, a worker stops, dies with what it has, and is replaced. */
async function serve(
  ask: (from: number, to: number) => Promise<unknown>,
  worker: Peer,
  startNext: () => Promise<Peer>,
): Promise<void> {
  await ask(0, REQUESTS / 2)
  worker.freeze()
  const answered = ask(REQUESTS / 2, REQUESTS)
  await worker.kill()
  await using _next = await startNext()
  await answered
}

describe.each(["ipc", "tcp"] as const)("over %s", scheme => {
  it("our broker, native clients and workers", async () => {
    const [front, back] = [await freeEndpoint(scheme), await freeEndpoint(scheme)]
    const [router, dealer] = [open(new Router(QUICK)), open(new Dealer(QUICK))]
    await router.bind(front)
    await dealer.bind(back)
    void passOn(router, dealer)
    void passOn(dealer, router)
    await using peer = await Peer.start("native")
    for (let i = 1; i < WORKERS; i++) {
      const worker = await peer.call("open", "Reply")
      await peer.call("connect", worker, back)
      void peer.call("echo", worker).catch(() => {})
    }
    const clients: string[] = []
    for (let i = 0; i < CLIENTS; i++) {
      const client = await peer.call("open", "Request", PATIENCE)
      await peer.call("connect", client, front)
      clients.push(client)
    }
    const startNext = () => startWorker("native", back)
    const ask = (from: number, to: number) =>
      Promise.all(clients.map(client => peer.call("askAgainNumbered", client, from, to, MIXED)))
    await serve(ask, await startNext(), startNext)
  })

  it("native broker, our clients and workers", async () => {
    const [front, back] = [await freeEndpoint(scheme), await freeEndpoint(scheme)]
    await using broker = await Peer.start("native")
    const [router, dealer] = [await broker.call("open", "Router"), await broker.call("open", "Dealer")]
    await broker.call("bind", router, front)
    await broker.call("bind", dealer, back)
    void broker.call("passOn", router, dealer).catch(() => {})
    void broker.call("passOn", dealer, router).catch(() => {})
    for (let i = 1; i < WORKERS; i++) {
      const worker = open(new Reply(QUICK))
      worker.connect(back)
      void work(worker)
    }
    const clients = Array.from({ length: CLIENTS }, () => open(new Request({ ...QUICK, ...PATIENCE })))
    for (const client of clients) client.connect(front)
    const startNext = () => startWorker("ours", back)
    const ask = (from: number, to: number) =>
      Promise.all(clients.map(client => askAgain(client, from, to, MIXED)))
    await serve(ask, await startNext(), startNext)
  })
})

describe("requests through three brokers, ours and native in turn", () => {
  it("find their way there, and the replies back", async () => {
    await using peer = await Peer.start("native")
    const endpoints = await Promise.all(Array.from({ length: 4 }, () => freeEndpoint("ipc")))
    const [first, second, third, last] = endpoints as [string, string, string, string]
    await using _worker = await startWorker("native", last)
    const ours = async (front: string, back: string, bindBack: boolean) => {
      const [router, dealer] = [open(new Router(QUICK)), open(new Dealer(QUICK))]
      await router.bind(front)
      if (bindBack) await dealer.bind(back)
      else dealer.connect(back)
      void passOn(router, dealer)
      void passOn(dealer, router)
    }
    await ours(first, second, false)
    const [router, dealer] = [await peer.call("open", "Router"), await peer.call("open", "Dealer")]
    await peer.call("bind", router, second)
    await peer.call("connect", dealer, third)
    void peer.call("passOn", router, dealer).catch(() => {})
    void peer.call("passOn", dealer, router).catch(() => {})
    await ours(third, last, true)
    const clients = Array.from({ length: CLIENTS }, () => open(new Request({ ...QUICK, ...PATIENCE })))
    for (const client of clients) client.connect(first)
    await Promise.all(clients.map(client => askAgain(client, 0, REQUESTS / 4, MIXED)))
  })
})
