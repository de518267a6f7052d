/** Peers that send without end what is consumed as soon as it comes. The work is counted; no clock is asked. */
import { describe, expect, it } from "vitest"
import { LONGEST_TOPIC } from "../../src/base/limits.ts"
import { turnWork, WORK_PER_TURN } from "../../src/base/turn-work.ts"
import {
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  type Socket,
  Subscriber,
  XPublisher,
} from "../../src/index.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { turn, until } from "../support/events.ts"
import { bytes, command, frame, handshake, RawPeer } from "../support/raw-peer.ts"
import { watchProcess } from "./stage.ts"

watchProcess()

let number = 0

/** Who is attacked, by which type, with what; and the largest piece of work that one frame of it can be. */
type Flood = [name: string, make: () => Socket, peer: string, one: () => Buffer, most?: number]

const FLOODS: readonly Flood[] = [
  ["PINGs", () => new Pull(), "PUSH", () => command("PING", bytes("0000"))],
  ["unknown commands", () => new Pull(), "PUSH", () => command("NONSENSE")],
  ["subscriptions at a PULL", () => new Pull(), "PUSH", () => command("SUBSCRIBE", bytes('"x"'))],
  ["empty messages to a REP", () => new Reply(), "REQ", () => bytes("00 00")],
  ["messages that a SUB doesn't want", () => wanting("nothing like it"), "PUB", () => bytes('00 02 "xy"')],
  ["stray replies to a REQ", () => new Request(), "REP", () => bytes('01 00 00 01 "x"')],
  ["messages to a PUSH", () => new Push(), "PULL", () => bytes("00 00")],
  ["subscriptions", () => new Publisher(), "SUB", () => command("SUBSCRIBE", topic()), WORK_PER_TURN],
  [
    "subscriptions as messages",
    () => new XPublisher(),
    "XSUB",
    () => frame(0, Buffer.concat([bytes("01"), topic()])),
    WORK_PER_TURN,
  ],
  ...[20_000, 60_000, LONGEST_TOPIC].map(
    (size): Flood => [
      `topics of ${size} bytes`,
      () => new XPublisher(),
      "SUB",
      () => command("SUBSCRIBE", Buffer.alloc(size, topic())),
      WORK_PER_TURN + size / 4096,
    ],
  ),
]

const topic = () => Buffer.from(`topic ${number++}`)

function wanting(what: string): Subscriber {
  const subscriber = new Subscriber()
  subscriber.subscribe(what)
  return subscriber
}

/** Frames until there are so many bytes. */
function block(one: () => Buffer): Buffer {
  const frames: Buffer[] = []
  for (let size = 0; size < 128 * 1024; size += frames.at(-1)!.length) frames.push(one())
  return Buffer.concat(frames)
}

/** Watches over turns until a number of them has had its work spent; tells how far it was overspent at most. */
async function overspent(turns: number): Promise<number> {
  let least = 0
  for (let spent = 0; spent < turns; await turn()) {
    if (turnWork.left <= 0) spent++
    least = Math.min(least, turnWork.left)
  }
  return -least
}

const PEERS = 20
/** What each of them may do though the turn's work is done: look at a chunk of 64 KiB, and at some frames of it. */
const GRACE = PEERS * 32

describe.each<Scheme>(["tcp", "ipc"])("over %s", scheme => {
  it.each(FLOODS)("%s from twenty peers leave each turn its end", async (_, make, type, one, most = 0) => {
    const socket = make()
    await socket.bind(await freeEndpoint(scheme))
    if ("receive" in socket && !(socket instanceof Request)) void (socket as Pull).receive().catch(() => {})
    const peers = await Promise.all(
      Array.from({ length: PEERS }, () => RawPeer.connect(socket.lastEndpoint!)),
    )
    const blocks = Array.from({ length: 10 }, () => block(one))
    let pouring = true
    const poured = peers.map(async peer => {
      peer.write(handshake(type))
      for (let n = 0; pouring && !peer.over; n++) await peer.pour(blocks[n % blocks.length]!, 1)
    })
    expect(await overspent(50)).toBeLessThanOrEqual(GRACE + most)
    pouring = false
    for (const peer of peers) peer.destroy()
    await Promise.all(poured)
    socket.close()
  })
})

it("messages of a million subscriptions that were held back are worked off turn by turn", async () => {
  await using xpub = new XPublisher()
  await xpub.bind(await freeEndpoint("tcp"))
  const peer = (await RawPeer.connect(xpub.lastEndpoint!)).write(handshake("XSUB"))
  // The first is received; a message of the peer waits behind it, and what follows in the connection.
  peer.write(bytes('00 03 "one" 00 03 "two"'))
  await until(() => xpub.readable)
  const count = 100_000
  const more = (last: boolean) => {
    const frames = Array.from({ length: count }, (_, n) =>
      frame(n === count - 1 && last ? 0 : 1, Buffer.concat([bytes("01"), topic()])),
    )
    return Buffer.concat(frames)
  }
  for (let n = 0; n < 3; n++) await peer.pour(more(true), 1)
  peer.write(bytes('00 04 "last"'))
  await until(() => peer.socket.writableLength === 0)
  for (let n = 0; n < 100; n++) await turn()
  expect(String(await xpub.receive())).toBe("one")
  expect(String(await xpub.receive())).toBe("two")
  let subscriptions = 0
  let worst = 0
  for (;;) {
    const next = await xpub.receive()
    if (String(next) === "last") break
    subscriptions++
    worst = Math.max(worst, -turnWork.left)
  }
  expect(subscriptions).toBe(3 * count)
  expect(worst).toBeLessThanOrEqual(WORK_PER_TURN)
  peer.destroy()
})

it("an honest peer is served while others flood", async () => {
  await using pull = new Pull()
  await pull.bind(await freeEndpoint("tcp"))
  const ping = block(() => command("PING", bytes("0000")))
  const peers = await Promise.all(Array.from({ length: PEERS }, () => RawPeer.connect(pull.lastEndpoint!)))
  let pouring = true
  const poured = peers.map(async peer => {
    peer.write(handshake("PUSH"))
    while (pouring) await peer.pour(ping, 1)
  })
  await using push = new Push({ linger: 0 })
  push.connect(pull.lastEndpoint!)
  for (let n = 0; n < 200; n++) {
    await push.send(`${n}`)
    expect(String(await pull.receive())).toBe(`${n}`)
  }
  pouring = false
  for (const peer of peers) peer.destroy()
  await Promise.all(poured)
})
