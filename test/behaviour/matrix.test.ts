/** Every legal pair of types × transport × order of bind and connect × who binds × parts × sizes. */
import { describe, expect, it, onTestFinished } from "vitest"
import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../src/index.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"

interface Legal<A extends Socket, B extends Socket> {
  open(): readonly [A, B]
  /** Makes sure that what `a` sends next arrives at `b`. */
  settle?(a: A, b: B): Promise<void>
  /** Brings the message from `a` to `b`, and back if the types can; returns what came out at the end. */
  exchange(a: A, b: B, message: Buffer[]): Promise<Buffer[]>
}

const legal = <A extends Socket, B extends Socket>(row: Legal<A, B>) =>
  row as unknown as Legal<Socket, Socket>

const PAIRS = {
  "PAIR–PAIR": legal({
    open: () => [new Pair(), new Pair()],
    async exchange(a, b, message) {
      await a.send(message)
      await b.send(await b.receive())
      return a.receive()
    },
  }),
  "PUSH–PULL": legal({
    open: () => [new Push(), new Pull()],
    async exchange(a, b, message) {
      await a.send(message)
      return b.receive()
    },
  }),
  "REQ–REP": legal({
    open: () => [new Request(), new Reply()],
    async exchange(a, b, message) {
      await a.send(message)
      await b.send(await b.receive())
      return a.receive()
    },
  }),
  "REQ–ROUTER": legal({
    open: () => [new Request(), new Router()],
    async exchange(req, router, message) {
      await req.send(message)
      await router.send(await router.receive())
      return req.receive()
    },
  }),
  "DEALER–REP": legal({
    open: () => [new Dealer(), new Reply()],
    async exchange(dealer, rep, message) {
      await dealer.send(["id", "", ...message])
      await rep.send(await rep.receive())
      const [id, delimiter, ...body] = await dealer.receive()
      expect([String(id), delimiter?.length]).toEqual(["id", 0])
      return body
    },
  }),
  "DEALER–DEALER": legal({
    open: () => [new Dealer(), new Dealer()],
    async exchange(a, b, message) {
      await a.send(message)
      await b.send(await b.receive())
      return a.receive()
    },
  }),
  "DEALER–ROUTER": legal({
    open: () => [new Dealer(), new Router()],
    async exchange(dealer, router, message) {
      await dealer.send(message)
      await router.send(await router.receive())
      return dealer.receive()
    },
  }),
  // Somebody has to know somebody: whoever connects is introduced by its probe.
  "ROUTER–ROUTER": legal<Router, Router>({
    open: () => {
      const options = { mandatory: true, probeRouter: true }
      return [new Router({ routingId: "a", ...options }), new Router({ routingId: "b", ...options })]
    },
    async settle(a, b) {
      for (const router of [a, b]) expect((await router.receive()).length).toBe(2)
    },
    async exchange(a, b, message) {
      await a.send(["b", ...message])
      await b.send(await b.receive())
      const [id, ...body] = await a.receive()
      expect(String(id)).toBe("b")
      return body
    },
  }),
  "PUB–SUB": legal<Publisher, Subscriber>({
    open: () => [new Publisher(), subscribed()],
    settle: untilHeard,
    async exchange(pub, sub, message) {
      await pub.send(message)
      return sub.receive()
    },
  }),
  "PUB–XSUB": legal<Publisher, XSubscriber>({
    open: () => [new Publisher(), new XSubscriber()],
    async settle(pub, xsub) {
      await xsub.send(SUBSCRIBE)
      await untilHeard(pub, xsub)
    },
    async exchange(pub, xsub, message) {
      await pub.send(message)
      return xsub.receive()
    },
  }),
  "XPUB–SUB": legal<XPublisher, Subscriber>({
    open: () => [new XPublisher(), subscribed()],
    settle: isTold,
    async exchange(xpub, sub, message) {
      await xpub.send(message)
      return sub.receive()
    },
  }),
  "XPUB–XSUB": legal<XPublisher, XSubscriber>({
    open: () => [new XPublisher(), new XSubscriber()],
    async settle(xpub, xsub) {
      await xsub.send(SUBSCRIBE)
      await isTold(xpub)
    },
    async exchange(xpub, xsub, message) {
      await xpub.send(message)
      await xsub.send(await xsub.receive())
      return xpub.receive()
    },
  }),
}

/** To everything, as XSUB says it and XPUB hears it. */
const SUBSCRIBE = Buffer.of(1)

function subscribed(): Subscriber {
  const sub = new Subscriber()
  sub.subscribe()
  return sub
}

/** A subscription travels to the publisher; what is sent before it arrives is lost, by design. */
async function untilHeard(pub: Publisher, sub: Subscriber | XSubscriber): Promise<void> {
  const first = sub.receive()
  let there = false
  void first.then(() => {
    there = true
  })
  while (!there) {
    await pub.send("are you there?")
    await new Promise(resolve => setImmediate(resolve))
  }
  await pub.send("now")
  while ((await sub.receive())[0]?.toString() !== "now");
}

async function isTold(xpub: XPublisher): Promise<void> {
  expect(await xpub.receive()).toEqual([SUBSCRIBE])
}

const SIZES = { empty: 0, small: 5, "1 MiB": 1 << 20 }
const SCHEMES: Scheme[] = ["inproc", "ipc", "tcp"]

function messages(): Buffer[][] {
  return Object.values(SIZES).flatMap((size, n) => {
    const body = Buffer.alloc(size, n + 1)
    return [[body], [body, Buffer.alloc(0), Buffer.from("tail")], [Buffer.from("head"), body, body]]
  })
}

// (toEqual compares Buffers element by element, which takes seconds for a MiB.)
function expectSame(received: Buffer[], sent: Buffer[]): void {
  expect(received.map(part => part.length)).toEqual(sent.map(part => part.length))
  for (const [i, part] of sent.entries()) expect(part.equals(received[i] as Buffer)).toBe(true)
}

async function join(binder: Socket, connecter: Socket, endpoint: string, bindFirst: boolean): Promise<void> {
  if (!bindFirst) connecter.connect(endpoint)
  await binder.bind(endpoint)
  if (bindFirst) connecter.connect(endpoint)
}

describe.each(Object.entries(PAIRS))("%s", (_name, pair) => {
  describe.each(SCHEMES)("over %s", scheme => {
    it.each([
      ["the first binds, then the second connects", true, true],
      ["the second connects, then the first binds", true, false],
      ["the second binds, then the first connects", false, true],
      ["the first connects, then the second binds", false, false],
    ])("%s: messages of one and several parts, empty to 1 MiB", async (_order, firstBinds, bindFirst) => {
      const [a, b] = pair.open()
      onTestFinished(() => {
        a.close()
        b.close()
      })
      a.reconnectInterval = 5
      b.reconnectInterval = 5
      const endpoint = await freeEndpoint(scheme)
      await join(firstBinds ? a : b, firstBinds ? b : a, endpoint, bindFirst)
      await pair.settle?.(a, b)
      for (const message of messages()) expectSame(await pair.exchange(a, b, message), message)
    })
  })
})
