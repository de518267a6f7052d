/** What all tests of bad input share: a socket of ours under attack, and an honest neighbour whose traffic goes on. */
import { afterEach, beforeAll, beforeEach, expect } from "vitest"
import {
  type Event,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Subscriber,
  ZmqError,
} from "../../src/index.ts"
import { compiled } from "../support/compiled.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { recordEvents, turn, until } from "../support/events.ts"
import { NumberedCheck, numbered } from "../support/numbered.ts"
import { Peer } from "../support/peer.ts"
import { RawPeer, RawServer } from "../support/raw-peer.ts"
import { openSockets } from "../support/resources.ts"

export { heldMemory } from "../support/memory.ts"

export const MIB = 1024 * 1024

/** Bytes that the operating system gave this process: memory that was only reserved doesn't count. */
export const residentMemory = (): number => process.memoryUsage.rss()

/** Around each test of a file: nothing goes unhandled, Node warns of nothing, and no socket stays open behind. */
export function watchProcess(): void {
  const surprises: unknown[] = []
  const surprised = (what: unknown): void => void surprises.push(what)
  let before: number | undefined
  // The first one compiled starts a process that the others use too, and that is no leak.
  beforeAll(() => void compiled(new URL("../support/peer-process.ts", import.meta.url)))
  beforeEach(() => {
    surprises.length = 0
    before = openSockets()
    process.on("unhandledRejection", surprised)
    process.on("uncaughtException", surprised)
    process.on("warning", surprised)
  })
  afterEach(async () => {
    if (before !== undefined) await until(() => openSockets()! <= before!)
    await turn()
    process.off("unhandledRejection", surprised)
    process.off("uncaughtException", surprised)
    process.off("warning", surprised)
    expect(surprises).toEqual([])
  })
}

/** Numbered messages without end, each checked to arrive once and in order. */
export class Neighbour {
  /** How many have arrived. */
  arrived = 0
  #leaving = false
  #failure: unknown
  readonly #running: Promise<void>

  /** @param round passes on some messages from number n on, and returns the number after the last one */
  constructor(round: (n: number) => Promise<number>) {
    this.#running = this.#run(round).catch(error => {
      this.#failure = error
    })
  }

  /** Waits until so many further messages have arrived. */
  async goesOn(count = 20): Promise<void> {
    const goal = this.arrived + count
    await until(() => this.arrived >= goal || this.#failure !== undefined)
    if (this.#failure !== undefined) throw this.#failure
  }

  async leave(): Promise<void> {
    this.#leaving = true
    await this.#running
    if (this.#failure !== undefined) throw this.#failure
  }

  async #run(round: (n: number) => Promise<number>): Promise<void> {
    while (!this.#leaving) {
      this.arrived = await round(this.arrived)
      await turn()
    }
  }
}

/** Where the neighbour lives: in this process, or in one of its own on libzmq. */
export type Library = "ours" | "native"

type Options = Record<string, number>

interface Cast<S extends Socket> {
  readonly ours: S
  /** The neighbour's socket, in each library. */
  readonly theirs: { readonly ours: () => Socket; readonly native: string }
  /** Prepares the neighbour's socket once it is made. */
  readonly prepare?: (call: Caller) => Promise<void>
  /** Passes on messages that don't count until all subscriptions have come. */
  readonly warmUp?: (socket: S, call: Caller) => Promise<void>
  readonly round: (socket: S, call: Caller) => (n: number) => Promise<number>
}

/** The neighbour's socket, whichever library it is of. */
interface Caller {
  send(n: number, to: number): Promise<void>
  receive(n: number, to: number): Promise<void>
  ask(n: number, to: number): Promise<void>
  /** To the numbers and to WARM, told in this order. */
  subscribe(): Promise<void>
  say(text: string): Promise<void>
  /** The first part of the next message. */
  hear(): Promise<string>
}

const WARM = "warm"
const TOPICS = [..."0123456789", WARM]
const BATCH = 10

/** What a REP answers beside the numbers. */
const STRANGER = "stranger"

/** PULL under attack; the neighbour pushes. */
export const pulling = (options: Options = {}): Cast<Pull> => ({
  ours: new Pull({ reconnectInterval: 5, ...options }),
  theirs: { ours: () => new Push({ reconnectInterval: 5, linger: 0 }), native: "Push" },
  round: (socket, call) => async n => {
    const check = new NumberedCheck(n)
    const sent = call.send(n, n + BATCH)
    while (check.next < n + BATCH) check.take(await socket.receive())
    await sent
    return check.next
  },
})

/** REP under attack; the neighbour asks. */
export const replying = (options: Options = {}): Cast<Reply> => ({
  ours: new Reply({ reconnectInterval: 5, linger: 0, ...options }),
  theirs: { ours: () => new Request({ reconnectInterval: 5, linger: 0 }), native: "Request" },
  round: (socket, call) => async n => {
    const asked = call.ask(n, n + BATCH)
    const check = new NumberedCheck(n)
    while (check.next < n + BATCH) {
      const request = await socket.receive()
      if (String(request[0]) !== STRANGER) check.take(request)
      await socket.send(request)
    }
    await asked
    return check.next
  },
})

/** ROUTER under attack; the neighbour asks. Everybody gets back what he sends. */
export const routing = (neighbourIds = new Set<string>(), options: Options = {}): Cast<Router> => ({
  ours: new Router({ reconnectInterval: 5, linger: 0, ...options }),
  theirs: { ours: () => new Request({ reconnectInterval: 5, linger: 0 }), native: "Request" },
  round: (socket, call) => async n => {
    const asked = call.ask(n, n + BATCH)
    const check = new NumberedCheck(n)
    while (check.next < n + BATCH) {
      const message = await socket.receive()
      const [id, , ...request] = message as [Buffer, Buffer, ...Buffer[]]
      if (String(request[0]) !== STRANGER) {
        check.take(request)
        neighbourIds.add(id.toString("latin1"))
      }
      await socket.send(message)
    }
    await asked
    return check.next
  },
})

/** PUB under attack; the neighbour has subscribed to all numbers. */
export const publishing = (options: Options = {}): Cast<Publisher> => ({
  ours: new Publisher({ reconnectInterval: 5, linger: 0, ...options }),
  theirs: { ours: () => new Subscriber({ reconnectInterval: 5 }), native: "Subscriber" },
  prepare: call => call.subscribe(),
  warmUp: (socket, call) => warmUp(text => socket.send(text), call.hear),
  round: (socket, call) => async n => {
    const received = call.receive(n, n + BATCH)
    for (let i = n; i < n + BATCH; i++) await socket.send(numbered(i))
    await received
    return n + BATCH
  },
})

/** SUB under attack, subscribed to numbers only; the neighbour publishes. */
export const subscribing = (options: Options = {}): Cast<Subscriber> => {
  const ours = new Subscriber({ reconnectInterval: 5, ...options })
  ours.subscribe(...TOPICS)
  return {
    ours,
    theirs: { ours: () => new Publisher({ reconnectInterval: 5, linger: 0 }), native: "Publisher" },
    warmUp: (socket, call) => warmUp(call.say, async () => String((await socket.receive())[0])),
    round: (socket, call) => async n => {
      const check = new NumberedCheck(n)
      const sent = call.send(n, n + BATCH)
      while (check.next < n + BATCH) check.take(await socket.receive())
      await sent
      return check.next
    },
  }
}

function callOurs(socket: Socket): Caller {
  return {
    async send(n, to) {
      for (let i = n; i < to; i++) await (socket as Push).send(numbered(i))
    },
    async receive(n, to) {
      const check = new NumberedCheck(n)
      while (check.next < to) check.take(await (socket as Subscriber).receive())
    },
    async ask(n, to) {
      const check = new NumberedCheck(n)
      for (let i = n; i < to; i++) {
        await (socket as Request).send(numbered(i))
        check.take(await (socket as Request).receive())
      }
    },
    async subscribe() {
      ;(socket as Subscriber).subscribe(...TOPICS)
    },
    say: text => (socket as Publisher).send(text),
    hear: async () => String((await (socket as Subscriber).receive())[0]),
  }
}

function callNative(peer: Peer, name: string): Caller {
  return {
    send: (n, to) => peer.call("sendNumbered", name, n, to),
    receive: (n, to) => peer.call("receiveNumbered", name, n, to),
    ask: (n, to) => peer.call("askNumbered", name, n, to),
    subscribe: () => peer.call("subscribe", name, ...TOPICS),
    say: text => peer.call("send", name, [Buffer.from(text).toString("base64")]),
    hear: async () => Buffer.from((await peer.call("receive", name))[0] ?? "", "base64").toString(),
  }
}

/** What we are told of a connection: type, and of its error the code and the reason. */
export interface Told {
  readonly type: string
  readonly code?: string
  readonly reason?: string
}

/** A socket under attack and its neighbour. Disposing checks that the neighbour missed nothing and all is closed. */
export class Stage<S extends Socket> implements AsyncDisposable {
  /** Where the attackers are, or come to. */
  readonly endpoint: string
  readonly socket: S
  readonly #neighbour: Neighbour
  readonly #leave: () => Promise<void>
  readonly #events: Event[]
  readonly #raw: { close(): void | Promise<void> }[] = []
  #looked = 0

  private constructor(
    endpoint: string,
    socket: S,
    neighbour: Neighbour,
    events: Event[],
    leave: () => Promise<void>,
  ) {
    this.endpoint = endpoint
    this.socket = socket
    this.#neighbour = neighbour
    this.#events = events
    this.#leave = leave
    this.#looked = events.length
  }

  /** Our socket is bound: attackers and neighbour come to it. */
  static bound<S extends Socket>(
    scheme: Scheme,
    cast: Cast<S>,
    library: Library = "ours",
  ): Promise<Stage<S>> {
    return Stage.#set(scheme, cast, library, async (endpoint, { bind }) => {
      await cast.ours.bind(endpoint)
      return bind
    })
  }

  /** Our socket connects: to the bound neighbour now, to attackers in the test. */
  static connecting<S extends Socket>(
    scheme: Scheme,
    cast: Cast<S>,
    library: Library = "ours",
  ): Promise<Stage<S>> {
    return Stage.#set(scheme, cast, library, async (_, { connect }) => connect)
  }

  static async #set<S extends Socket>(
    scheme: Scheme,
    cast: Cast<S>,
    library: Library,
    direct: (
      endpoint: string,
      ways: { bind: (join: Join) => Promise<void>; connect: (join: Join) => Promise<void> },
    ) => Promise<(join: Join) => Promise<void>>,
  ): Promise<Stage<S>> {
    const endpoint = await freeEndpoint(scheme)
    const home = await freeEndpoint(scheme)
    const events = recordEvents(cast.ours)
    const meet = await direct(endpoint, {
      bind: join => join.connect(endpoint),
      async connect(join) {
        await join.bind(home)
        cast.ours.connect(home)
      },
    })
    const { call, join, leave } = await neighbourOf(cast, library)
    await cast.prepare?.(call)
    await meet(join)
    await until(() => events.some(({ type }) => type === "handshake"))
    await cast.warmUp?.(cast.ours, call)
    const neighbour = new Neighbour(cast.round(cast.ours, call))
    await neighbour.goesOn()
    return new Stage(endpoint, cast.ours, neighbour, events, leave)
  }

  /** An attacker, connected to our bound socket. */
  async attacker(): Promise<RawPeer> {
    const peer = await RawPeer.connect(this.endpoint)
    this.#raw.push({ close: () => peer.destroy() })
    return peer
  }

  /** An attacker that we connect to; `greet` is called at each connection. */
  async ambush(greet?: (peer: RawPeer) => void): Promise<RawServer> {
    const server = await RawServer.listen(this.endpoint, greet)
    this.#raw.push(server)
    this.socket.connect(this.endpoint)
    return server
  }

  /** The events of the attackers since the last look, once there are so many. Each error has a reason. */
  async told(count: number): Promise<Told[]> {
    await until(() => this.#fresh.length >= count)
    const told = this.#fresh.map(event => {
      if (!("error" in event) || event.error === undefined) return { type: event.type }
      expect(event.error).toBeInstanceOf(ZmqError)
      const { code, reason = "" } = event.error as ZmqError
      return { type: event.type, code, reason }
    })
    this.#looked = this.#events.length
    return told
  }

  /** Waits for the next attempt to be announced. */
  willRetry(): Promise<void> {
    return until(() => this.#fresh.some(({ type }) => type === "connect:retry"))
  }

  /** Waits until the attacker's endpoint is given up. */
  ended(): Promise<void> {
    return until(() => this.#fresh.some(({ type }) => type === "connect:stop"))
  }

  /** Without "connect:delay", which tcp has and ipc hasn't. */
  get #fresh(): Event[] {
    return this.#events
      .slice(this.#looked)
      .filter(event => "address" in event && event.address === this.endpoint)
      .filter(({ type }) => type !== "connect:delay")
  }

  goesOn(count?: number): Promise<void> {
    return this.#neighbour.goesOn(count)
  }

  /** The endpoint was given up: it is not known any more. */
  expectGivenUp(): void {
    expect(() => this.socket.disconnect(this.endpoint)).toThrow(
      expect.objectContaining({ code: "ENOENT", address: this.endpoint }),
    )
  }

  /** The neighbour leaves, and our socket is closed; the attackers stay. */
  async close(): Promise<void> {
    await this.#neighbour.leave()
    this.socket.close()
    await until(() => this.#events.at(-1)?.type === "end")
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (!this.socket.closed) await this.goesOn()
      await this.#neighbour.leave()
    } finally {
      for (const raw of this.#raw) await raw.close()
      this.socket.close()
      await this.#leave()
    }
    await until(() => this.#events.at(-1)?.type === "end")
  }
}

interface Join {
  connect(endpoint: string): Promise<void>
  bind(endpoint: string): Promise<void>
}

async function neighbourOf<S extends Socket>(
  cast: Cast<S>,
  library: Library,
): Promise<{ call: Caller; join: Join; leave: () => Promise<void> }> {
  if (library === "ours") {
    const socket = cast.theirs.ours()
    return {
      call: callOurs(socket),
      join: {
        connect: async endpoint => socket.connect(endpoint),
        bind: endpoint => socket.bind(endpoint),
      },
      leave: async () => socket.close(),
    }
  }
  const peer = await Peer.start("native")
  const name = await peer.call("open", cast.theirs.native)
  return {
    call: callNative(peer, name),
    join: {
      connect: endpoint => peer.call("connect", name, endpoint),
      bind: async endpoint => void (await peer.call("bind", name, endpoint)),
    },
    leave: () => peer.kill(),
  }
}

/** Publishes until something arrives, and then nothing more is on its way. */
async function warmUp(say: (text: string) => Promise<void>, hear: () => Promise<string>): Promise<void> {
  let there = false
  const first = hear().then(() => {
    there = true
  })
  while (!there) {
    await say(WARM)
    await turn()
  }
  await first
  const last = `${WARM} enough`
  await say(last)
  while ((await hear()) !== last);
}

/** The events of one bad connection, in order. */
export const PROTOCOL_ERROR = "handshake:error:protocol"
export const OTHER_ERROR = "handshake:error:other"
