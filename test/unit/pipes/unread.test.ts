/** The unread input of lost connections goes by the turn's work, whoever reads it, and all of it is found. */
import { beforeEach, describe, expect, it } from "vitest"
import { DealerPattern } from "../../../patterns/dealer.ts"
import { PairPattern } from "../../../patterns/pair.ts"
import { PubPattern } from "../../../patterns/pub.ts"
import { PullPattern } from "../../../patterns/pull.ts"
import { RepPattern } from "../../../patterns/rep.ts"
import { ReqPattern } from "../../../patterns/req.ts"
import { RouterPattern } from "../../../patterns/router.ts"
import { SubPattern } from "../../../patterns/sub.ts"
import { XPubPattern } from "../../../patterns/xpub.ts"
import { XSubPattern } from "../../../patterns/xsub.ts"
import { turnWork, WORK_PER_TURN } from "../../../src/base/turn-work.ts"
import { UnreadInput } from "../../../src/connections/unread-input.ts"
import type { UnreadMessages } from "../../../src/contracts/connection.ts"
import type { Message } from "../../../src/contracts/message.ts"
import type { Pattern } from "../../../src/contracts/pattern.ts"
import { Leftovers } from "../../../src/pipes/leftovers.ts"
import { SocketPipe } from "../../../src/pipes/pipe.ts"
import { NullMechanism } from "../../../src/zmtp/mechanisms/null.ts"
import { Session } from "../../../src/zmtp/session.ts"
import { turn } from "../../support/events.ts"
import { FakeConnection } from "../../support/fake-connection.ts"
import { bytes, GREETING, local, READY } from "../../support/zmtp.ts"

/** One piece of work may take this much beyond the turn's. */
const GRACE = 64
const MANY = 5 * WORK_PER_TURN

beforeEach(async () => {
  turnWork.spend(WORK_PER_TURN)
  await turn()
})

function setUp(pattern: Pattern, receiveHighWaterMark = 1000) {
  const options = { sendHighWaterMark: 1000, receiveHighWaterMark, conflate: false, linger: 0 }
  const owner = {
    blocky: false,
    pipeOptions: options,
    leftovers: new Leftovers(options, () => {}),
    connected: (pipe: SocketPipe) => pattern.connected?.(pipe),
    disconnected: (pipe: SocketPipe) => pattern.disconnected?.(pipe),
    control() {},
    readable: (pipe: SocketPipe) => pattern.readable(pipe),
    writable() {},
  }
  const pipe = new SocketPipe(owner as never, false, { redials: false, lost() {}, closePipe() {} })
  pattern.attach(pipe)
  const connect = () => {
    const connection = new FakeConnection()
    pipe.connect(connection)
    return connection
  }
  const retire = () => {
    pipe.retire()
    pattern.detach(pipe)
  }
  return { pipe, connect, retire }
}

/** The first message so many times, then the last one. */
function leaves(count: number, each: Message, last: Message): UnreadMessages {
  let next = 0
  return { bytes: 0, next: () => (next > count ? undefined : next++ === count ? last : each) }
}

const text = (...parts: string[]): Message => parts.map(part => Buffer.from(part))

/** Receives in each turn what there is, until a message ends with "last"; no turn does more than its work. */
async function receiveByTurns(pattern: Pattern): Promise<{ count: number; turns: number }> {
  for (let count = 0, turns = 0; ; turns++) {
    for (let message = pattern.tryReceive(); message !== undefined; message = pattern.tryReceive()) {
      count++
      if (String(message.at(-1)) === "last") return { count, turns }
    }
    expect(turnWork.left).toBeGreaterThan(-GRACE)
    await turn()
  }
}

const ROUTER = { mandatory: false, handover: false, probeRouter: false }
const PUBLISHER = { noDrop: false, invertMatching: false }
const XPUB = {
  ...PUBLISHER,
  verbosity: null,
  manual: false,
  welcomeMessage: Buffer.alloc(0),
  receiveHighWaterMark: 0,
}

function subscriber(): SubPattern {
  const pattern = new SubPattern({ invertMatching: false })
  pattern.subscribe(Buffer.from("la"))
  return pattern
}

const CASES: readonly [name: string, make: () => Pattern, each: Message, last: Message][] = [
  ["PULL", () => new PullPattern(), text("x"), text("last")],
  ["SUB that doesn't want it", subscriber, text("x"), text("last")],
  ["XSUB", () => new XSubPattern(), text("x"), text("last")],
  ["REP that finds no requests", () => new RepPattern(), text("x"), text("", "last")],
  ["ROUTER", () => new RouterPattern(ROUTER), text("x"), text("last")],
  ["DEALER", () => new DealerPattern({ probeRouter: false }), text("x"), text("last")],
  ["PAIR", () => new PairPattern(), text("x"), text("last")],
  ["XPUB", () => new XPubPattern(XPUB), text("\x02"), text("last")],
  ["XPUB that is subscribed to", () => new XPubPattern(XPUB), text("\x01topic"), text("last")],
]

describe.each(CASES)(
  "a %s reads in many turns what a lost connection has left",
  (_name, make, each, last) => {
    it.each(["goes on", "is retired"])("when its pipe %s", async way => {
      const pattern = make()
      const { connect, retire } = setUp(pattern)
      connect().closed(undefined, leaves(MANY, each, last))
      if (way === "is retired") retire()
      expect(turnWork.left).toBeGreaterThan(-GRACE)
      const { turns } = await receiveByTurns(pattern)
      expect(turns).toBeGreaterThanOrEqual(4)
    })
  },
)

it("a REQ finds its reply behind many stray ones, over many turns", async () => {
  const pattern = new ReqPattern({ correlate: true, relaxed: false, probeRouter: false })
  const { connect, retire } = setUp(pattern)
  const connection = connect()
  expect(pattern.trySend(text("question"))).toBe(true)
  const id = Buffer.from(connection.sent[0]![0]!)
  const other = Buffer.from(id.map(byte => byte ^ 255))
  const [stray, reply] = [other, id].map(number => [number, Buffer.alloc(0), Buffer.from("last")])
  connection.closed(undefined, leaves(MANY, stray!, reply!))
  retire()
  const { count, turns } = await receiveByTurns(pattern)
  expect([count, turns >= 4]).toEqual([1, true])
})

it.each([
  ["PUB", () => new PubPattern(PUBLISHER)],
  ["XPUB", () => new XPubPattern(XPUB)],
])("a %s counts nothing of it for the next connection", async (_name, make) => {
  const pattern = make()
  const { pipe, connect } = setUp(pattern)
  connect().closed(undefined, leaves(MANY, text("\x01old"), text("\x01old")))
  const next = connect()
  while (pipe.readsLeftovers) await turn()
  next.deliver("\x01new")
  for (const topic of ["old", "new"]) pattern.trySend(text(topic))
  expect(next.texts).toEqual(["new"])
})

describe("bytes of a session", () => {
  const PING = bytes('04 07 04 "PING" 00 00')

  /** A paused session of a PULL that has had these bytes. */
  function paused(input: Buffer): UnreadInput {
    let unread: UnreadInput | undefined
    const sink = {
      output() {},
      ready: () => session.pause(),
      message: (message: Message) => unread!.take(message),
      requested() {},
      pinged() {},
      ponged() {},
      failed() {},
      refused() {},
      exhausted() {},
    }
    const session = new Session(local("PULL"), -1, peer => new NullMechanism(peer), sink)
    session.start()
    session.receive(GREETING)
    session.receive(READY)
    session.receive(input)
    unread = new UnreadInput(session)
    return unread
  }

  it("that are PINGs alone are looked through in many turns, and what follows them is found", async () => {
    const pings = Buffer.alloc(PING.length * MANY, PING)
    const pattern = new PullPattern()
    const { connect, retire } = setUp(pattern)
    connect().closed(undefined, paused(Buffer.concat([pings, bytes('00 04 "last"')])))
    retire()
    expect(turnWork.left).toBeGreaterThan(-GRACE)
    const { count, turns } = await receiveByTurns(pattern)
    expect([count, turns >= 4]).toEqual([1, true])
  })

  it("that are one message of many parts are too", async () => {
    const parts = Buffer.alloc(3 * MANY, bytes('01 01 "x"'))
    const pattern = new PullPattern()
    const { connect } = setUp(pattern)
    connect().closed(undefined, paused(Buffer.concat([parts, bytes('00 04 "last"')])))
    const { count, turns } = await receiveByTurns(pattern)
    expect([count, turns >= 4]).toEqual([1, true])
  })
})
