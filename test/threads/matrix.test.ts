/** Every legal pair of types with its ends in two threads × in which × who binds × who comes first. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { SOCKET_TYPES } from "../../src/base/socket-types.ts"
import * as library from "../../src/index.ts"
import { turn } from "../support/events.ts"
import { PeerThread } from "../support/peer-thread.ts"

/** One end of a pair, wherever it is. */
interface End {
  bind(endpoint: string): Promise<unknown>
  connect(endpoint: string): Promise<void>
  subscribe(): Promise<void>
  send(message: Buffer[]): Promise<void>
  receive(): Promise<Buffer[]>
  close(): Promise<void>
}

type Options = Record<string, unknown>

const CLASSES = {
  PAIR: "Pair",
  PUB: "Publisher",
  SUB: "Subscriber",
  REQ: "Request",
  REP: "Reply",
  DEALER: "Dealer",
  ROUTER: "Router",
  PULL: "Pull",
  PUSH: "Push",
  XPUB: "XPublisher",
  XSUB: "XSubscriber",
} as const satisfies Record<string, keyof typeof library>

type Type = keyof typeof CLASSES

interface Row {
  readonly pair: readonly [Type, Type]
  /** What the first sends before the message, and how many parts the second sees before it. */
  readonly head?: readonly string[]
  readonly seen?: number
  /** The second sends it back. */
  readonly back?: true
  /** The second must have subscribed before; the first is told, or finds out by being heard. */
  readonly subscribes?: "told" | "heard"
  readonly options?: readonly [Options, Options]
}

const ROWS: readonly Row[] = [
  { pair: ["PAIR", "PAIR"], back: true },
  { pair: ["PUSH", "PULL"] },
  { pair: ["REQ", "REP"], back: true },
  { pair: ["REQ", "ROUTER"], seen: 2, back: true },
  { pair: ["DEALER", "REP"], head: [""], seen: 0, back: true },
  { pair: ["DEALER", "DEALER"], back: true },
  { pair: ["DEALER", "ROUTER"], seen: 1, back: true },
  {
    pair: ["ROUTER", "ROUTER"],
    head: ["second"],
    seen: 1,
    back: true,
    options: [
      { routingId: "first", mandatory: true },
      { routingId: "second", mandatory: true },
    ],
  },
  { pair: ["PUB", "SUB"], subscribes: "heard" },
  { pair: ["PUB", "XSUB"], subscribes: "heard" },
  { pair: ["XPUB", "SUB"], subscribes: "told" },
  { pair: ["XPUB", "XSUB"], subscribes: "told", back: true },
]

/** To everything, as XSUB says it and XPUB hears it. */
const SUBSCRIBE = Buffer.of(1)

// biome-ignore lint/suspicious/noExplicitAny: the types' different faces are no matter here
const classes: Record<string, any> = { ...library }

function inThisThread(type: Type, options: Options = {}): End {
  const socket = new classes[CLASSES[type]](options)
  return {
    bind: endpoint => socket.bind(endpoint),
    connect: async endpoint => socket.connect(endpoint),
    subscribe: async () => void (type === "XSUB" ? await socket.send(SUBSCRIBE) : socket.subscribe()),
    send: message => socket.send(message),
    receive: () => socket.receive(),
    close: async () => socket.close(),
  }
}

async function inWorker(worker: PeerThread, type: Type, options?: Options): Promise<End> {
  const socket = await worker.call("open", CLASSES[type], options)
  const send = (message: Buffer[]) =>
    worker.call(
      "send",
      socket,
      message.map(part => part.toString("base64")),
    )
  return {
    bind: endpoint => worker.call("bind", socket, endpoint),
    connect: endpoint => worker.call("connect", socket, endpoint),
    subscribe: () => (type === "XSUB" ? send([SUBSCRIBE]) : worker.call("subscribe", socket, "")),
    send,
    receive: async () => (await worker.call("receive", socket)).map(part => Buffer.from(part, "base64")),
    close: () => worker.call("close", socket),
  }
}

function messages(): Buffer[][] {
  return [0, 5, 1 << 20].flatMap((size, n) => {
    const body = Buffer.alloc(size, n + 1)
    return [[body], [body, Buffer.alloc(0), Buffer.from("tail")], [Buffer.from("head"), body, body]]
  })
}

// (toEqual compares Buffers element by element, which takes seconds for a MiB.)
function expectSame(received: Buffer[], sent: Buffer[]): void {
  expect(received.map(part => part.length)).toEqual(sent.map(part => part.length))
  for (const [i, part] of sent.entries()) expect(part.equals(received[i] as Buffer)).toBe(true)
}

async function isTold(publisher: End): Promise<void> {
  expect(await publisher.receive()).toEqual([SUBSCRIBE])
}

/** A subscription travels to the publisher; what is sent before it arrives is lost, by design. */
async function isHeard(publisher: End, subscriber: End): Promise<void> {
  let there = false
  const first = subscriber.receive().then(() => {
    there = true
  })
  while (!there) {
    await publisher.send([Buffer.from("are you there?")])
    await turn()
  }
  await first
  await publisher.send([Buffer.from("now")])
  while (String(await subscriber.receive()) !== "now");
}

/** A ROUTER refuses to send to whom it doesn't know yet. */
async function send(end: End, message: Buffer[]): Promise<void> {
  for (;;) {
    try {
      return await end.send(message)
    } catch (error) {
      if ((error as { code?: string }).code !== "EHOSTUNREACH") throw error
      await turn()
    }
  }
}

type Place = "main" | "one worker" | "another worker"

const workers = new Map<Place, PeerThread>()

beforeAll(async () => {
  const start = async (place: Place) => void workers.set(place, await PeerThread.start())
  await Promise.all([start("one worker"), start("another worker")])
})
afterAll(() => Promise.all([...workers.values()].map(worker => worker.kill())))

function open(place: Place, type: Type, options?: Options): Promise<End> | End {
  const worker = workers.get(place)
  return worker === undefined ? inThisThread(type, options) : inWorker(worker, type, options)
}

let names = 0

it("all legal pairs are tried", () => {
  const key = (a: string, b: string) => (a < b ? `${a},${b}` : `${b},${a}`)
  // (STREAM is paired with no other type, and does not go over inproc.)
  const legal = Object.values(SOCKET_TYPES).flatMap(({ name, peers }) => peers.map(peer => key(name, peer)))
  expect(new Set(ROWS.map(({ pair }) => key(...pair)))).toEqual(new Set(legal))
})

describe.each(ROWS.map(row => [row.pair.join("–"), row] as const))("%s", (_name, row) => {
  describe.each<[Place, Place]>([
    ["main", "one worker"],
    ["one worker", "main"],
    ["one worker", "another worker"],
  ])("the first in %s, the second in %s", (...where) => {
    it.each([
      ["the first binds, then the second connects", true, true],
      ["the second connects, then the first binds", true, false],
      ["the second binds, then the first connects", false, true],
      ["the first connects, then the second binds", false, false],
    ])("%s", async (_order, firstBinds, bindFirst) => {
      const [a, b] = [
        await open(where[0], row.pair[0], row.options?.[0]),
        await open(where[1], row.pair[1], row.options?.[1]),
      ]
      onTestFinished(async () => void (await Promise.all([a.close(), b.close()])))
      const [binder, connecter] = firstBinds ? [a, b] : [b, a]
      const endpoint = `inproc://matrix-${++names}`
      if (row.subscribes !== undefined) await b.subscribe()
      if (!bindFirst) await connecter.connect(endpoint)
      await binder.bind(endpoint)
      if (bindFirst) await connecter.connect(endpoint)
      if (row.subscribes === "told") await isTold(a)
      if (row.subscribes === "heard") await isHeard(a, b)

      for (const message of messages()) {
        const sent = [...(row.head ?? []).map(part => Buffer.from(part)), ...message]
        await send(a, sent)
        const received = await b.receive()
        expectSame(received.slice(row.seen ?? 0), message)
        if (!row.back) continue
        await send(b, received)
        expectSame(await a.receive(), sent)
      }
    })
  })
})
