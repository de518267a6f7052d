/**
 * Peers that leave while what they sent waits unread, and to whom nobody writes. Their end is noticed all the same, and
 * the descriptors are given back; all that had come is still received.
 */
import { describe, expect, it, onTestFinished } from "vitest"
import { Dealer, Pull, Router, Stream } from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { recordEvents, until } from "../support/events.ts"
import { open } from "../support/open.ts"
import { Peer } from "../support/peer.ts"
import { bytes, frame, handshake, RawPeer } from "../support/raw-peer.ts"
import { openSockets } from "../support/resources.ts"

const COUNT = 20

/** True where the system tells how many sockets are open. */
const tells = openSockets() !== undefined

async function peer(library: "native" | "ours"): Promise<Peer> {
  const started = await Peer.start(library)
  onTestFinished(() => started.kill())
  return started
}

describe.each([
  ["tcp", "native"],
  ["ipc", "ours"],
] as const)("over %s, killed peers of %s", (scheme, library) => {
  it("give back their descriptors while the program doesn't receive", async () => {
    const dying = await peer(library)
    const pull = open(new Pull({ receiveHighWaterMark: 1 }))
    await pull.bind(await freeEndpoint(scheme))
    const before = openSockets()
    const events = recordEvents(pull)
    for (let n = 0; n < COUNT; n++) {
      const push = await dying.call("open", "Push")
      await dying.call("connect", push, pull.lastEndpoint!)
      await dying.call("sendNumbered", push, 0, 5)
    }
    await until(() => events.filter(({ type }) => type === "handshake").length === COUNT)
    await until(() => pull.readable)
    await dying.kill()
    await until(() => events.filter(({ type }) => type === "disconnect").length === COUNT)
    if (tells) await until(() => openSockets()! <= before!)
    // Messages that were on their way when the peers were killed need not have come.
    const received: string[] = []
    while (pull.readable) received.push(String(await pull.receive()))
    expect(received).toContain("0")
  })

  it("make room for others at a dealing socket, which dials again", async () => {
    const dying = await peer(library)
    const endpoint = await freeEndpoint(scheme)
    const there = await dying.call("open", "Router")
    await dying.call("bind", there, endpoint)
    const dealer = open(new Dealer({ receiveHighWaterMark: 1, reconnectInterval: 1, routingId: "d" }))
    dealer.connect(endpoint)
    await dealer.send("here")
    await dying.call("receive", there)
    const base64 = (text: string) => Buffer.from(text).toString("base64")
    for (const text of ["1", "2", "3"]) await dying.call("send", there, [base64("d"), base64(text)])
    await until(() => dealer.readable)
    await dying.kill()
    const router = open(new Router())
    const events = recordEvents(router)
    await router.bind(endpoint)
    await until(() => events.some(({ type }) => type === "handshake"))
    expect(String(await dealer.receive())).toBe("1")
  })
})

/** They have only closed their side. A STREAM's clients and old peers understand no PONG, moreover. */
describe.each(["tcp", "ipc"] as const)("over %s", scheme => {
  it("clients of a STREAM that left are noticed, and all that they said is received", async () => {
    const stream = open(new Stream({ receiveHighWaterMark: 1 }))
    await stream.bind(await freeEndpoint(scheme))
    const before = openSockets()
    const events = recordEvents(stream)
    for (let n = 0; n < COUNT; n++) {
      const client = await RawPeer.connect(stream.lastEndpoint!)
      client.write(Buffer.alloc(100_000, n)).end()
      void client.closed.then(() => client.destroy())
    }
    await until(() => events.filter(({ type }) => type === "disconnect").length === COUNT)
    if (tells) await until(() => openSockets()! <= before!)
    let length = 0
    for (let ends = 0; ends < COUNT; ) {
      const [, chunk] = (await stream.receive()) as [Buffer, Buffer]
      length += chunk.length
      if (chunk.length === 0) ends++
      // The beginnings are empty, too.
      if (length === 0) ends = 0
    }
    expect(length).toBe(COUNT * 100_000)
  })

  it.each([
    ["2.0", bytes("FF 00000000 00000001 7F 01 08 00 00")],
    ["3.1", handshake("PUSH")],
  ])("peers of ZMTP %s that left are noticed, and all that they said is received", async (_, hello) => {
    const pull = open(new Pull({ receiveHighWaterMark: 1 }))
    await pull.bind(await freeEndpoint(scheme))
    const events = recordEvents(pull)
    for (let n = 0; n < COUNT; n++) {
      const peer = await RawPeer.connect(pull.lastEndpoint!)
      peer.write(hello, bytes('00 01 "a" 00 01 "b" 00 01 "c"'))
      void peer.heard(12).then(() => peer.end().closed)
    }
    await until(() => events.filter(({ type }) => type === "disconnect").length === COUNT)
    for (let n = 0; n < COUNT * 3; n++) await pull.receive()
    expect(pull.readable).toBe(false)
  })
})

it("a living peer that is held back is told nothing but PONGs, and everything arrives", async () => {
  const pull = open(new Pull({ receiveHighWaterMark: 1 }))
  await pull.bind(await freeEndpoint("tcp"))
  const living = await RawPeer.connect(pull.lastEndpoint!)
  onTestFinished(() => living.destroy())
  living.write(handshake("PUSH"))
  for (const text of ["1", "2", "3"]) living.write(frame(0, Buffer.from(text)))
  await until(() => pull.readable)
  const pongs = bytes('04 05 04 "PONG" 04 05 04 "PONG"')
  await until(() => living.received.subarray(-pongs.length).equals(pongs))
  for (const text of ["1", "2", "3"]) expect(String(await pull.receive())).toBe(text)
})
