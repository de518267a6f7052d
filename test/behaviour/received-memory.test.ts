/** What a program does with the memory of a received part changes no other part, and typed arrays can be laid over it. */
import { once } from "node:events"
import { connect } from "node:net"
import { MessageChannel } from "node:worker_threads"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { Dealer, Publisher, Reply, Stream, Subscriber } from "../../src/index.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { turn } from "../support/events.ts"
import { open } from "../support/open.ts"
import { PeerThread } from "../support/peer-thread.ts"

const { port1, port2 } = new MessageChannel()
afterAll(() => port1.close())
port2.unref()

/** Sends the part to another thread, with its memory if that can be moved. Returns true when it was. */
function moveAway(part: Buffer): boolean {
  try {
    port1.postMessage(part, [part.buffer as ArrayBuffer])
  } catch (error) {
    // Newer versions of Node throw for memory that can't be moved, and older ones copy it.
    expect((error as Error).name).toBe("DataCloneError")
    return false
  }
  return part.buffer.byteLength === 0 && part.length === 0
}

const filled = (size: number, n: number) => Buffer.alloc(size, n % 251)
const content = (part: Buffer) => [part.length, ...new Set(part)]
const SIZES = [8, 16, 64, 248, 256, 504, 512, 640, 1024, 2000, 4096, 5000, 20_000]

let peer: PeerThread
beforeAll(async () => {
  peer = await PeerThread.start()
})
afterAll(() => peer.kill())

/** Returns a DEALER, whose peer in another thread returns so many messages. */
async function echoing(scheme: Scheme, count: number): Promise<Dealer> {
  const endpoint = await freeEndpoint(scheme)
  const echo = await peer.call("open", "Dealer")
  await peer.call("bind", echo, endpoint)
  const dealer = open(new Dealer())
  dealer.connect(endpoint)
  void peer.call("echo", echo, count)
  return dealer
}

describe.each<Scheme>(["tcp", "ipc", "inproc"])("over %s to another thread", scheme => {
  it.each(SIZES)("moving the memory of parts of %s bytes away empties no others", async size => {
    const count = 300
    const dealer = await echoing(scheme, count)
    const sent = Array.from({ length: count }, (_, n) => dealer.send([filled(size, n), filled(8, n), ""]))
    await Promise.all(sent)
    const kept: Buffer[][] = []
    for (let n = 0; n < count; n++) {
      const parts = await dealer.receive()
      // Some are kept, and of the others some go at once, while the next ones are unread.
      if (n % 3 > 0) kept[n] = parts
      else for (const part of parts) moveAway(part)
    }
    for (const [n, parts] of kept.entries())
      for (const [index, part] of (parts ?? []).entries()) {
        const expected = [filled(size, n), filled(8, n), filled(0, n)][index]!
        expect(content(part)).toEqual(content(expected))
        moveAway(part)
      }
  })

  it("a large part has memory of its own, which can be moved", async () => {
    const dealer = await echoing(scheme, 3)
    for (let n = 1; n <= 3; n++) await dealer.send(["head", filled(100_000, n), "tail"])
    for (let n = 1; n <= 3; n++) {
      const [head, part, tail] = (await dealer.receive()) as [Buffer, Buffer, Buffer]
      expect(content(part)).toEqual([100_000, n])
      expect(moveAway(part)).toBe(true)
      expect([head, tail].map(String)).toEqual(["head", "tail"])
    }
  })

  it("an empty part that was moved away leaves those that come later whole", async () => {
    const dealer = await echoing(scheme, 2)
    for (let round = 0; round < 2; round++) {
      await dealer.send([null, ""])
      const parts = await dealer.receive()
      expect(Buffer.concat([...parts, Buffer.from("x")]).toString()).toBe("x")
      expect(parts.map(part => part.subarray().length)).toEqual([0, 0])
      for (const part of parts) moveAway(part)
    }
  })

  it.each(SIZES.slice(0, -1))(
    "the parts of a lone message with one of %s bytes begin at multiples of 8",
    async size => {
      const dealer = await echoing(scheme, 3)
      for (let round = 0; round < 3; round++) {
        await dealer.send(["", filled(size, 1)])
        const parts = await dealer.receive()
        for (const part of parts) new Float64Array(part.buffer, part.byteOffset, part.length / 8)
      }
    },
  )
})

it.each([200, 100_000])(
  "what several SUBs of a thread receive of %s bytes can't be moved away from the others",
  async size => {
    const publisher = open(new Publisher())
    const endpoint = await freeEndpoint("inproc")
    await publisher.bind(endpoint)
    // The second is full after one message, so that further ones wait in its pipe.
    const subscribers = [open(new Subscriber()), open(new Subscriber({ receiveHighWaterMark: 1 }))]
    for (const subscriber of subscribers) {
      subscriber.subscribe()
      subscriber.connect(endpoint)
    }
    await turn()
    for (let n = 1; n <= 3; n++) await publisher.send(Buffer.alloc(size, n))
    for (let n = 1; n <= 3; n++) {
      const [first, second] = await Promise.all(subscribers.map(subscriber => subscriber.receive()))
      expect(moveAway(first![0]!)).toBe(false)
      expect(content(second![0]!)).toEqual([size, n])
    }
  },
)

it("an envelope that a REP keeps stays whole when the request's memory is moved away", async () => {
  const reply = open(new Reply())
  const endpoint = await freeEndpoint("tcp")
  await reply.bind(endpoint)
  const dealer = open(new Dealer())
  dealer.connect(endpoint)
  for (const size of [8, 300, 2000]) {
    await Promise.all(Array.from({ length: 30 }, () => dealer.send([filled(900, 7), "", filled(size, 1)])))
    for (let n = 0; n < 30; n++) {
      const [request] = (await reply.receive()) as [Buffer]
      moveAway(request)
      await reply.send("done")
      expect((await dealer.receive()).map(content)).toEqual(
        [filled(900, 7), filled(0, 0), Buffer.from("done")].map(content),
      )
    }
  }
})

it("the pieces of one chunk that a STREAM receives don't empty each other", async () => {
  const stream = open(new Stream({ notify: false }))
  const endpoint = await freeEndpoint("tcp")
  await stream.bind(endpoint)
  const client = connect(Number(endpoint.split(":").at(-1)), "127.0.0.1")
  onTestFinished(() => void client.destroy())
  await once(client, "connect")
  client.write(filled(200_000, 9))
  for (let left = 200_000; left > 0; ) {
    const [, chunk] = (await stream.receive()) as [Buffer, Buffer]
    expect(content(chunk)).toEqual([chunk.length, 9])
    left -= chunk.length
    moveAway(chunk)
  }
})
