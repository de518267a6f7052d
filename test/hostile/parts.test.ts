/** Messages of very many small parts: what they take of the memory is bounded for all peers together. */
import { afterAll, describe, expect, it } from "vitest"
import { MOST_PARTS_OF_PEER, MOST_PARTS_TOGETHER } from "../../src/base/limits.ts"
import { Publisher, Pull, Push, type Socket, XPublisher } from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { recordEvents, until } from "../support/events.ts"
import { bytes, frame, handshake, RawPeer } from "../support/raw-peer.ts"
import { watchProcess } from "./stage.ts"

watchProcess()

const PEERS = 40
const PARTS = 2 ** 18

/** A message of so many small parts, or its beginning. */
const parts = (first: Buffer, count: number, more: boolean): Buffer =>
  Buffer.concat([...Array.from({ length: count - 1 }, () => first), frame(more ? 1 : 0, first.subarray(2))])
const small = frame(1, Buffer.from("x"))
const unfinished = parts(small, PARTS, true)
const whole = parts(small, PARTS, false)
const subscriptions = parts(frame(1, Buffer.of(1, 120)), PARTS, false)

const peers: RawPeer[] = []
afterAll(() => {
  for (const peer of peers) peer.destroy()
})

async function attack(socket: Socket, type: string, what: Buffer): Promise<number> {
  await socket.bind(await freeEndpoint("tcp"))
  const events = recordEvents(socket)
  for (let n = 0; n < PEERS; n++) {
    const peer = await RawPeer.connect(socket.lastEndpoint!)
    peers.push(peer)
    peer.write(handshake(type), what)
  }
  const refused = () => events.filter(event => event.type === "disconnect" && "error" in event)
  const least = PEERS - MOST_PARTS_TOGETHER / PARTS
  await until(() => refused().length >= least)
  for (const event of refused()) expect(event).toMatchObject({ error: { code: "EMSGSIZE" } })
  return refused().length
}

async function servesOthers(pull: Pull): Promise<void> {
  const push = new Push({ linger: 0 })
  push.connect(pull.lastEndpoint!)
  await push.send("honest")
  for (let heard = false; !heard; ) heard = String((await pull.receive())[0]) === "honest"
  push.close()
}

describe(`of ${PEERS} peers`, () => {
  it("unfinished ones are dropped, the largest first", async () => {
    const pull = new Pull()
    expect(await attack(pull, "PUSH", unfinished)).toBeLessThanOrEqual(PEERS)
    await servesOthers(pull)
    pull.close()
  })

  it("whole ones that the program doesn't receive are refused, and those before them received", async () => {
    const pull = new Pull({ receiveHighWaterMark: 1 })
    await attack(pull, "PUSH", whole)
    for (let n = 0; n < MOST_PARTS_TOGETHER / PARTS; n++) expect((await pull.receive()).length).toBe(PARTS)
    await servesOthers(pull)
    pull.close()
  })

  it("whole ones that an XPUB's program doesn't receive are refused likewise", async () => {
    const xpub = new XPublisher()
    await attack(xpub, "XSUB", whole)
    for (let n = 0; n < MOST_PARTS_TOGETHER / PARTS; n++) expect((await xpub.receive()).length).toBe(PARTS)
    xpub.close()
  })

  it("subscriptions that a publisher works off over many turns are refused", async () => {
    const publisher = new Publisher()
    await attack(publisher, "XSUB", subscriptions)
    publisher.close()
  })
})

it("a peer whose unread messages have many parts is held back before its high-water mark, and loses nothing", async () => {
  const pull = new Pull()
  await pull.bind(await freeEndpoint("tcp"))
  const peer = (await RawPeer.connect(pull.lastEndpoint!)).write(handshake("PUSH"))
  peers.push(peer)
  const each = 2 ** 14
  const message = parts(small, each, false)
  const count = 64
  const poured = peer.pour(message, count)
  let held = 0
  for (let n = 0; n < count; n++) {
    expect((await pull.receive()).length).toBe(each)
    if (n === 0) {
      // As many as are read at once now were in the queue.
      while (pull.tryReceive() !== undefined) held++
      n += held
    }
  }
  expect(held * each).toBeLessThanOrEqual(MOST_PARTS_OF_PEER + each)
  await poured
  peer.write(bytes("00 00"))
  expect((await pull.receive()).length).toBe(1)
  pull.close()
})
