/** zmq_unbind(3) and zmq_disconnect(3): what has come in stays after the one, and is dropped by the other. */
import { describe, expect, it, onTestFinished } from "vitest"
import { Dealer, Pair, Pull, Push, Reply, Router, type Socket } from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { turn, until } from "../support/events.ts"
import { open } from "../support/open.ts"
import { PeerThread } from "../support/peer-thread.ts"
import { command, frame, handshake, RawPeer } from "../support/raw-peer.ts"

const COUNT = 300

type Receiver = Socket & { tryReceive(): Buffer[] | undefined }

/** A socket of this library, the type of its peer, and whether messages need a delimiter. */
const TYPES: readonly (readonly [string, () => Receiver, string])[] = [
  ["PULL", () => new Pull(), "PUSH"],
  ["PAIR", () => new Pair(), "PAIR"],
  ["DEALER", () => new Dealer(), "DEALER"],
  ["ROUTER", () => new Router(), "DEALER"],
]

function saying(type: string, messages: readonly Buffer[]): Buffer {
  const ping = command("PING", Buffer.alloc(2))
  return Buffer.concat([handshake(type), ...messages, ping])
}

/** A peer that has said all this. Its PING comes last, so that all is here once that is answered. */
async function peerThatSays(endpoint: string, type: string, messages: readonly Buffer[]): Promise<RawPeer> {
  const peer = await RawPeer.connect(endpoint)
  onTestFinished(() => peer.destroy())
  peer.write(saying(type, messages))
  await until(() => peer.received.includes("PONG"))
  return peer
}

const numbers = Array.from({ length: COUNT }, (_, n) => String(n))
const frames = numbers.map(text => frame(0, Buffer.from(text)))

function received(socket: Receiver): string[] {
  const bodies: string[] = []
  while (socket.readable) bodies.push(String(socket.tryReceive()?.at(-1)))
  return bodies
}

describe.each(["tcp", "ipc"] as const)("unbind() over %s", scheme => {
  it.each(TYPES)("keeps what a %s has not received yet", async (_, make, type) => {
    const socket = open(make())
    await socket.bind(await freeEndpoint(scheme))
    const peer = await peerThatSays(socket.lastEndpoint as string, type, frames)
    await socket.unbind(socket.lastEndpoint as string)
    await peer.closed
    expect(received(socket)).toEqual(numbers)
  })

  it("keeps the request that a REP has not received yet; its reply is for nobody", async () => {
    const reply = open(new Reply())
    await reply.bind(await freeEndpoint(scheme))
    const request = [frame(1, Buffer.alloc(0)), frame(0, Buffer.from("question"))]
    const peer = await peerThatSays(reply.lastEndpoint as string, "REQ", request)
    await reply.unbind(reply.lastEndpoint as string)
    await peer.closed
    expect((await reply.receive()).map(String)).toEqual(["question"])
    await reply.send("answer")
  })

  it("drops what still comes, and sends nothing more to those peers", async () => {
    const router = open(new Router({ mandatory: true, linger: 0 }))
    await router.bind(await freeEndpoint(scheme))
    const peer = await peerThatSays(router.lastEndpoint as string, "DEALER", frames.slice(0, 1))
    router.unbindSync(router.lastEndpoint as string)
    peer.write(frames[1]!)
    await peer.closed
    for (let i = 0; i < 5; i++) await turn()
    const [id, body] = await router.receive()
    expect([String(body), router.readable]).toEqual(["0", false])
    expect(() => router.trySend([id!, "late"])).toThrow(expect.objectContaining({ code: "EHOSTUNREACH" }))
  })
})

describe("over inproc", () => {
  it("unbind() keeps what has come, disconnect() drops it", async () => {
    const pull = open(new Pull())
    const push = open(new Push())
    const ways = [
      {
        join: async (endpoint: string) => {
          await pull.bind(endpoint)
          push.connect(endpoint)
        },
        leave: (endpoint: string) => pull.unbind(endpoint),
        left: numbers,
      },
      {
        join: async (endpoint: string) => {
          await push.bind(endpoint)
          pull.connect(endpoint)
        },
        leave: async (endpoint: string) => pull.disconnect(endpoint),
        left: [],
      },
    ]
    for (const { join, leave, left } of ways) {
      const endpoint = await freeEndpoint("inproc")
      await join(endpoint)
      for (const text of numbers) await push.send(text)
      await until(() => pull.readable)
      for (let i = 0; i < 5; i++) await turn()
      await leave(endpoint)
      expect(received(pull)).toEqual(left)
    }
  })
})

describe("between threads", () => {
  /** A PULL here, and a PUSH in a worker whose messages have come. */
  async function filled(role: "bind" | "connect") {
    const endpoint = await freeEndpoint("inproc")
    const peer = await PeerThread.start()
    onTestFinished(() => peer.kill())
    const pull = open(new Pull())
    const push = await peer.call("open", "Push")
    if (role === "bind") await pull.bind(endpoint)
    else pull.connect(endpoint)
    await peer.call(role === "bind" ? "connect" : "bind", push, endpoint)
    // Now they are linked.
    await peer.call("sendNumbered", push, 0, 1)
    await pull.receive()
    await peer.call("sendNumbered", push, 0, COUNT)
    // They were posted at the end of that turn, and so before this answer.
    await peer.call("memory")
    for (let i = 0; i < 5; i++) await turn()
    return { endpoint, peer, pull, push }
  }

  it("unbind() keeps what has come, also when its thread ends afterwards", async () => {
    const { endpoint, peer, pull } = await filled("bind")
    await pull.unbind(endpoint)
    await peer.kill()
    expect(received(pull)).toEqual(numbers)
  })

  it("unbind() drops what still comes, and the name can be bound again", async () => {
    const { endpoint, peer, pull, push } = await filled("bind")
    await pull.unbind(endpoint)
    await peer.call("sendNumbered", push, COUNT, COUNT + 10)
    await peer.call("memory")
    for (let i = 0; i < 5; i++) await turn()
    expect(received(pull)).toEqual(numbers)
    await pull.bind(endpoint)
    while (!pull.readable) await peer.call("sendNumbered", push, COUNT, COUNT + 1)
    expect(String(await pull.receive())).toBe(String(COUNT))
  })

  it("disconnect() drops it", async () => {
    const { endpoint, pull } = await filled("connect")
    expect(pull.readable).toBe(true)
    pull.disconnect(endpoint)
    expect(received(pull)).toEqual([])
  })
})

describe("disconnect()", () => {
  it("drops what has come and was not received", async () => {
    const endpoint = await freeEndpoint("tcp")
    const pull = open(new Pull())
    const push = open(new Push())
    await push.bind(endpoint)
    pull.connect(endpoint)
    for (const text of numbers) await push.send(text)
    await until(() => pull.readable)
    pull.disconnect(endpoint)
    expect(received(pull)).toEqual([])
  })
})
