/** Peers that speak ZMTP well, but not their pattern. */
import { describe, expect, it } from "vitest"
import { Reply, Request } from "../../src/index.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { nextEvent, recordEvents, until } from "../support/events.ts"
import { numbered } from "../support/numbered.ts"
import { bytes, command, frame, handshake, RawPeer, RawServer } from "../support/raw-peer.ts"
import {
  heldMemory,
  type Library,
  MIB,
  publishing,
  pulling,
  replying,
  Stage,
  subscribing,
  watchProcess,
} from "./stage.ts"

watchProcess()

const GREETED = [{ type: "accept" }, { type: "handshake" }]

/** Many times the same. */
const flood = (...frames: Buffer[]): Buffer => {
  const one = Buffer.concat(frames)
  return Buffer.alloc(one.length * 1000, one)
}

describe.each<[Scheme, Library]>([
  ["tcp", "native"],
  ["ipc", "ours"],
])("over %s with %s neighbour", (scheme, library) => {
  it("REP drops a flood of messages that are no requests, and answers the neighbour", async () => {
    await using stage = await Stage.bound(scheme, replying(), library)
    const peer = (await stage.attacker()).write(handshake("REQ"))
    expect(await stage.told(2)).toEqual(GREETED)
    const before = heldMemory()
    await peer.pour(flood(bytes('00 05 "hello"'), bytes('01 01 "a" 00 01 "b"'), bytes("00 00")), 100)
    await stage.goesOn()
    expect(heldMemory() - before).toBeLessThan(16 * MIB)
    expect(await stage.told(0)).toEqual([])
    // A right request is still answered.
    const size = peer.received.length
    peer.write(bytes('01 00 00 08 "stranger"'))
    await peer.heard(size + 12)
    expect(peer.received.subarray(-12)).toEqual(bytes('01 00 00 08 "stranger"'))
    peer.end()
    expect(await stage.told(1)).toEqual([{ type: "disconnect" }])
  })

  it("PUB drops what is no subscription, and forgets it", async () => {
    await using stage = await Stage.bound(scheme, publishing(), library)
    const peer = (await stage.attacker()).write(handshake("SUB"))
    expect(await stage.told(2)).toEqual(GREETED)
    const before = heldMemory()
    const junk = [
      bytes('00 05 "hello"'),
      bytes("00 00"),
      bytes('00 02 00 "x"'),
      command("CANCEL", bytes('"y"')),
    ]
    await peer.pour(flood(...junk), 100)
    await stage.goesOn()
    expect(heldMemory() - before).toBeLessThan(16 * MIB)
    expect(await stage.told(0)).toEqual([])
    // It gets what it then asks for, and nothing else: greeting, READY, and a message at the end.
    peer.write(command("SUBSCRIBE", bytes('"Z"')))
    await until(() => {
      void stage.socket.send("Z!")
      return peer.received.length > 64 + 27
    })
    expect(peer.received.subarray(64 + 27, 64 + 27 + 4)).toEqual(bytes('00 02 "Z!"'))
  })

  it("SUB drops what it has not subscribed to", async () => {
    await using stage = await Stage.connecting(scheme, subscribing(), library)
    const server = await stage.ambush(peer => peer.write(handshake("PUB")))
    const peer = await server.peer(1)
    expect(await stage.told(2)).toEqual([{ type: "connect" }, { type: "handshake" }])
    const before = heldMemory()
    await peer.pour(flood(bytes('00 05 "hello"'), bytes('01 01 "x" 00 01 "1"'), bytes("00 00")), 100)
    await stage.goesOn()
    expect(heldMemory() - before).toBeLessThan(16 * MIB)
    expect(await stage.told(0)).toEqual([])
    expect(peer.over).toBe(false)
  })

  it("PULL has no use for subscriptions", async () => {
    await using stage = await Stage.bound(scheme, pulling(), library)
    const peer = (await stage.attacker()).write(handshake("PUSH"))
    await peer.pour(flood(command("SUBSCRIBE", bytes('"x"')), command("CANCEL", bytes('"x"'))), 50)
    await stage.goesOn()
    expect(await stage.told(2)).toEqual(GREETED)
    expect(peer.over).toBe(false)
  })

  it("PUB ends a peer that subscribes without end", async () => {
    await using stage = await Stage.bound(scheme, publishing(), library)
    const peer = (await stage.attacker()).write(handshake("SUB"))
    expect(await stage.told(2)).toEqual(GREETED)
    const asCommands = scheme === "tcp"
    for (let n = 0; n < 5000 && !peer.over; n++) {
      const topic = Buffer.alloc(60 * 1024, `T${n} `)
      await peer.pour(
        asCommands ? command("SUBSCRIBE", topic) : frame(0, Buffer.concat([Buffer.of(1), topic])),
        1,
      )
    }
    await peer.closed
    expect(await stage.told(1)).toMatchObject([
      {
        type: "disconnect",
        code: "ERR_ZMTP_UNSPECIFIED",
        reason: "the peer has subscribed to too many topics",
      },
    ])
    await stage.goesOn()
    expect(await stage.told(0)).toEqual([])
  })
})

/** What a REQ gets instead of a reply; the reason of the event. */
const BAD_REPLIES: readonly [name: string, reply: Buffer, reason: string][] = [
  ["no envelope", bytes('00 05 "hello"'), "a reply has no delimiter"],
  ["an envelope without a reply", bytes("00 00"), "a reply has no delimiter"],
  [
    "another envelope",
    bytes('01 01 "x" 00 05 "hello"'),
    "a reply starts with neither a delimiter nor a request id",
  ],
  [
    "an id without a delimiter",
    bytes('01 04 "1234" 00 05 "hello"'),
    "a reply has no delimiter after the request id",
  ],
]

describe.each<Scheme>(["tcp", "ipc"])("REQ over %s, whose peer replies with", scheme => {
  it.each(BAD_REPLIES.flatMap(row => [true, false].map(asked => [...row, asked] as const)))(
    "%s",
    async (_, reply, reason, asked) => {
      for (const bound of [true, false]) {
        const endpoint = await freeEndpoint(scheme)
        const home = await freeEndpoint(scheme)
        const request = new Request({ relaxed: true, reconnectInterval: 5, linger: 0 })
        const honest = new Reply({ linger: 0 })
        const echoing = (async () => {
          for await (const message of honest) await honest.send(message)
        })()
        await honest.bind(home)
        request.connect(home)
        let n = 0
        const ask = async () => {
          const message = numbered(n++)
          await request.send(message)
          expect(await request.receive()).toEqual(message)
        }
        for (let i = 0; i < 20; i++) await ask()

        const events = recordEvents(request)
        const answer = (peer: RawPeer) => peer.write(reply)
        let peer: RawPeer
        let server: RawServer | undefined
        const shaken = nextEvent(request, "handshake")
        if (bound) {
          await request.bind(endpoint)
          peer = (await RawPeer.connect(endpoint)).write(handshake("REP"))
        } else {
          server = await RawServer.listen(endpoint, raw => raw.write(handshake("REP")))
          request.connect(endpoint)
          peer = await server.peer(1)
        }
        await shaken
        if (!asked) answer(peer)
        else {
          const handshakeSize = 64 + 40
          // One of two requests in turn goes to the bad peer; its reply never comes.
          for (let sent = 0; peer.received.length <= handshakeSize; sent++) {
            await request.send(`lost ${sent}`)
            await until(() => request.readable || peer.received.length > handshakeSize)
            if (request.readable) await request.receive()
          }
          answer(peer)
        }
        await peer.closed
        await until(() => events.some(({ type }) => type === "disconnect"))
        const told = events.filter(event => event.type === "disconnect")
        expect(told).toEqual([
          {
            type: "disconnect",
            address: endpoint,
            error: expect.objectContaining({ code: "ERR_ZMTP_UNSPECIFIED", reason }),
          },
        ])
        expect(request.readable).toBe(false)
        if (!bound)
          expect(() => request.disconnect(endpoint)).toThrow(expect.objectContaining({ code: "ENOENT" }))
        for (let i = 0; i < 20; i++) await ask()
        expect(server?.peers.length ?? 1).toBe(1)

        request.close()
        honest.close()
        await echoing.catch(() => {})
        await server?.close()
        await until(() => events.at(-1)?.type === "end")
      }
    },
  )
})
