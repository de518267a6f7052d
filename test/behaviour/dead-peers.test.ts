/**
 * A peer that dies while what it sent waits unread, and while somebody waits to send to it. The end is noticed though
 * nothing is read; who waited is told, or served by the next peer; and what had come is still received.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  Dealer,
  Pair,
  // biome-ignore lint/suspicious/noShadowRestrictedNames: this is about the library's Proxy
  Proxy,
  Router,
  type Socket,
  Stream,
} from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { nextEvent, turn, until } from "../support/events.ts"
import { open } from "../support/open.ts"
import { Peer } from "../support/peer.ts"
import { PeerThread } from "../support/peer-thread.ts"
import { RawPeer } from "../support/raw-peer.ts"
import type { RemotePeer } from "../support/remote-peer.ts"
import { THREADS_COUPLE } from "../support/runtime.ts"

const BODY = Buffer.alloc(64 * 1024)
const SMALL_MARKS = { receiveHighWaterMark: 1, sendHighWaterMark: 1 }

interface Sender {
  trySend(message: [Buffer, Buffer]): boolean
  send(message: [Buffer, Buffer]): Promise<void>
}

/** Sends until nothing more is taken. The send() that waits then is `sending`. */
async function sendUntilStuck(
  socket: Sender,
  message: [Buffer, Buffer],
): Promise<{ readonly sending: Promise<void> }> {
  for (;;) {
    for (let turns = 0; turns < 50; turns++) {
      if (socket.trySend(message)) turns = 0
      await turn()
    }
    let settled = false
    const sending = socket.send(message)
    sending.then(
      () => {
        settled = true
      },
      () => {},
    )
    for (let turns = 0; turns < 50; turns++) await turn()
    if (!settled) return { sending }
  }
}

const base64 = (...parts: string[]) => parts.map(part => Buffer.from(part).toString("base64"))

const WHERE = {
  "a process on libzmq, over tcp": { scheme: "tcp", start: () => Peer.start("native") },
  "a process on libzmq, over ipc": { scheme: "ipc", start: () => Peer.start("native") },
  "a process of this library, over tcp": { scheme: "tcp", start: () => Peer.start("ours") },
  "a thread": { scheme: "inproc", start: () => PeerThread.start() },
} as const

const places = Object.entries(WHERE).filter(
  ([, { scheme }]) => scheme !== "inproc" || !THREADS_COUPLE.missing,
)
if (THREADS_COUPLE.missing) console.log(`left out: ${THREADS_COUPLE.reason}`)

describe.each(places)("%s", (_, { scheme, start }) => {
  let first: RemotePeer
  let second: RemotePeer
  beforeAll(async () => {
    ;[first, second] = await Promise.all([start(), start()])
  })
  afterAll(() => Promise.all([first.kill(), second.kill()]))

  async function dies(socket: Socket): Promise<void> {
    const gone = nextEvent(socket, "disconnect")
    await first.kill()
    await gone
    first = await start()
  }

  it("leaves a mandatory ROUTER: who waits to send to it is told, others are served, all it sent is read", async () => {
    const router = open(new Router({ mandatory: true, ...SMALL_MARKS }))
    await router.bind(await freeEndpoint(scheme))
    const dealer = await first.call("open", "Dealer", { ...SMALL_MARKS, routingId: "dying" })
    await first.call("connect", dealer, router.lastEndpoint as string)
    void first.call("sendNumbered", dealer, 0, 100).catch(() => {})
    expect((await router.receive()).map(String)).toEqual(["dying", "0"])
    await until(() => router.readable)
    const { sending } = await sendUntilStuck(router, [Buffer.from("dying"), BODY])
    await dies(router)
    await expect(sending).rejects.toMatchObject({ code: "EHOSTUNREACH" })
    const next = await second.call("open", "Dealer", { routingId: "next" })
    await second.call("connect", next, router.lastEndpoint as string)
    await second.call("send", next, base64("hello"))
    let [id, body] = await router.receive()
    let count = 1
    while (String(id) === "dying") {
      expect(String(body)).toBe(String(count++))
      ;[id, body] = await router.receive()
    }
    expect(count).toBeGreaterThan(1)
    await expect(router.send(["dying", "again"])).rejects.toMatchObject({ code: "EHOSTUNREACH" })
    await router.send([id!, body!])
    expect(await second.call("receive", next)).toEqual(base64("hello"))
  })

  it("leaves a Proxy whose mandatory ROUTER waits to send to it: the others are served on", async () => {
    const [front, back] = [
      open(new Router({ mandatory: true, ...SMALL_MARKS })),
      open(new Dealer(SMALL_MARKS)),
    ]
    await front.bind(await freeEndpoint(scheme))
    await back.bind(await freeEndpoint("inproc"))
    const worker = open(new Router(SMALL_MARKS))
    worker.connect(back.lastEndpoint as string)
    const proxy = new Proxy(front, back)
    const proxied = proxy.run()
    let answered = 0
    const working = (async () => {
      for await (const [id, client, body] of worker) {
        await worker.send([id!, client!, body!, BODY])
        answered++
      }
    })()
    const dealer = await first.call("open", "Dealer", SMALL_MARKS)
    await first.call("connect", dealer, front.lastEndpoint as string)
    void first.call("sendNumbered", dealer, 0, 10_000).catch(() => {})
    // Its answers fill all queues up to the worker's, because it reads none of them.
    for (let seen = -1; answered === 0 || seen < answered; ) {
      seen = answered
      for (let turns = 0; turns < 100; turns++) await turn()
    }
    await dies(front)
    const next = await second.call("open", "Dealer", SMALL_MARKS)
    await second.call("connect", next, front.lastEndpoint as string)
    for (const text of ["one", "two"]) {
      await second.call("send", next, base64(text))
      expect((await second.call("receive", next))[0]).toBe(base64(text)[0])
    }
    proxy.terminate()
    await proxied
    worker.close()
    await working
  })

  it("leaves a bound PAIR: its place is free, and what waited goes to the next peer", async () => {
    const pair = open(new Pair(SMALL_MARKS))
    await pair.bind(await freeEndpoint(scheme))
    const dying = await first.call("open", "Pair", SMALL_MARKS)
    await first.call("connect", dying, pair.lastEndpoint as string)
    void first.call("sendNumbered", dying, 0, 100).catch(() => {})
    expect(String(await pair.receive())).toBe("0")
    await until(() => pair.readable)
    const { sending } = await sendUntilStuck(pair, [Buffer.from("for somebody"), BODY])
    await dies(pair)
    const next = await second.call("open", "Pair")
    await second.call("connect", next, pair.lastEndpoint as string)
    await sending
    expect((await second.call("receive", next))[0]).toEqual(base64("for somebody")[0])
    expect(String(await pair.receive())).toBe("1")
  })

  it("leaves a DEALER that is connected to it: that dials again, and what waited goes to who is there then", async () => {
    const endpoint = await freeEndpoint(scheme)
    const dealer = open(new Dealer({ ...SMALL_MARKS, reconnectInterval: 1 }))
    const there = await first.call("open", "Dealer", SMALL_MARKS)
    await first.call("bind", there, endpoint)
    dealer.connect(endpoint)
    void first.call("sendNumbered", there, 0, 100).catch(() => {})
    expect(String(await dealer.receive())).toBe("0")
    await until(() => dealer.readable)
    const { sending } = await sendUntilStuck(dealer, [Buffer.from("for somebody"), BODY])
    await dies(dealer)
    const next = await second.call("open", "Dealer")
    await second.call("bind", next, endpoint)
    await sending
    expect((await second.call("receive", next))[0]).toEqual(base64("for somebody")[0])
    expect(String(await dealer.receive())).toBe("1")
  })
})

describe("a socket of this thread that closes", () => {
  it("leaves a mandatory ROUTER over inproc likewise", async () => {
    const router = open(new Router({ mandatory: true, ...SMALL_MARKS }))
    await router.bind(await freeEndpoint("inproc"))
    const dealer = open(new Dealer({ ...SMALL_MARKS, routingId: "dying", linger: 0 }))
    dealer.connect(router.lastEndpoint as string)
    await dealer.send("0")
    await dealer.send("1")
    expect((await router.receive()).map(String)).toEqual(["dying", "0"])
    await until(() => router.readable)
    while (dealer.trySend("more"));
    const { sending } = await sendUntilStuck(router, [Buffer.from("dying"), BODY])
    dealer.close()
    await expect(sending).rejects.toMatchObject({ code: "EHOSTUNREACH" })
    expect((await router.receive()).map(String)).toEqual(["dying", "1"])
  })
})

describe.each(["tcp", "ipc"] as const)("a client of a STREAM over %s that reads nothing", scheme => {
  it("and is reset: who waits to send to it is told, and all it said is received, its end last", async () => {
    const stream = open(new Stream(SMALL_MARKS))
    await stream.bind(await freeEndpoint(scheme))
    const client = await RawPeer.connect(stream.lastEndpoint as string)
    client.socket.pause()
    client.write(Buffer.alloc(20_000, "x"))
    const [id] = await stream.receive()
    await until(() => stream.readable)
    const { sending } = await sendUntilStuck(stream, [id!, BODY])
    client.reset()
    await expect(sending).rejects.toMatchObject({ code: "EHOSTUNREACH" })
    let length = 0
    let ended = false
    while (!ended) {
      const [from, bytes] = await stream.receive()
      expect(from).toEqual(id)
      length += bytes!.length
      ended = bytes!.length === 0
    }
    expect(length).toBe(20_000)
  })
})
