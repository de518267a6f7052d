/** A process that ends in the midst of a turn: what send() has resolved leaves all the same, as natively. */
import { existsSync } from "node:fs"
import { dirname } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { Dealer, Pair, Pull, Reply, Request, Router, type Socket, Subscriber } from "../../src/index.ts"
import { compiled } from "../support/compiled.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { NumberedCheck } from "../support/numbered.ts"
import { Peer } from "../support/peer.ts"
import type { WayToExit } from "../support/peer-process.ts"
import { Program } from "../support/program.ts"
import { handshake, RawServer } from "../support/raw-peer.ts"

const WAYS: readonly WayToExit[] = ["exit", "throw", "listener"]

async function start(library: "ours" | "native"): Promise<Peer> {
  const peer = await Peer.start(library)
  onTestFinished(() => peer.kill())
  return peer
}

function closing<S extends Socket>(socket: S): S {
  onTestFinished(() => socket.close())
  return socket
}

interface Receiving {
  receive(): Promise<Buffer[]>
}

async function receiveNumbered(socket: Receiving, from: number, to: number, prefixed = 0): Promise<void> {
  const check = new NumberedCheck(from)
  while (check.next < to) check.take((await socket.receive()).slice(prefixed))
}

describe.each(["tcp", "ipc"] as const)("over %s, what was sent before the end arrives", scheme => {
  it.each(WAYS)("by %s", async way => {
    const pull = closing(new Pull())
    await pull.bind(await freeEndpoint(scheme))
    const peer = await start("ours")
    const push = await peer.call("open", "Push")
    await peer.call("connect", push, pull.lastEndpoint as string)
    await peer.call("sendNumbered", push, 0, 1)
    await receiveNumbered(pull, 0, 1)
    void peer.call("sendAndExit", push, 1, 101, way).catch(() => {})
    await receiveNumbered(pull, 1, 101)
    await peer.exited
  })

  it.each(WAYS)("at the native package, by %s", async way => {
    const native = await start("native")
    const pull = await native.call("open", "Pull")
    const endpoint = await native.call("bind", pull, await freeEndpoint(scheme))
    const peer = await start("ours")
    const push = await peer.call("open", "Push")
    await peer.call("connect", push, endpoint)
    await peer.call("sendNumbered", push, 0, 1)
    await native.call("receiveNumbered", pull, 0, 1)
    void peer.call("sendAndExit", push, 1, 101, way).catch(() => {})
    await native.call("receiveNumbered", pull, 1, 101)
  })
})

/** The type that sends last words; a peer that has sent it something, and how much is ahead of the message there. */
const ANSWERS = [
  ["Reply", 1, () => new Request(), 0],
  ["Dealer", 50, () => new Dealer(), 0],
  ["Dealer", 50, () => new Router(), 1],
  ["Pair", 50, () => new Pair(), 0],
] as const

describe("an answer that is followed by process.exit() arrives", () => {
  it.each(ANSWERS)("from %s, %d messages", async (type, count, make, prefixed) => {
    const peer = await start("ours")
    const theirs = await peer.call("open", type)
    const endpoint = await peer.call("bind", theirs, "tcp://127.0.0.1:*")
    const socket = closing(make())
    socket.connect(endpoint)
    if (socket instanceof Router) {
      await peer.call("send", theirs, [Buffer.from("hello").toString("base64")])
      await socket.receive()
    } else {
      await socket.send("hello")
      await peer.call("receive", theirs)
    }
    void peer.call("sendAndExit", theirs, 0, count, "exit").catch(() => {})
    await receiveNumbered(socket, 0, count, prefixed)
  })

  it("from Router", async () => {
    const peer = await start("ours")
    const router = await peer.call("open", "Router")
    const endpoint = await peer.call("bind", router, "tcp://127.0.0.1:*")
    const dealer = closing(new Dealer({ routingId: "me" }))
    dealer.connect(endpoint)
    await dealer.send("hello")
    await peer.call("receive", router)
    void peer.call("sendAndExit", router, 0, 50, "exit", { prefix: ["me"] }).catch(() => {})
    await receiveNumbered(dealer, 0, 50)
  })

  it("from Reply, at the native package", async () => {
    const peer = await start("ours")
    const reply = await peer.call("open", "Reply")
    const endpoint = await peer.call("bind", reply, "tcp://127.0.0.1:*")
    const native = await start("native")
    const request = await native.call("open", "Request")
    await native.call("connect", request, endpoint)
    const answered = native.call("askNumbered", request, 0, 1)
    await peer.call("receive", reply)
    void peer.call("sendAndExit", reply, 0, 1, "exit").catch(() => {})
    await answered
  })

  it("to Reply", async () => {
    const reply = closing(new Reply())
    await reply.bind("tcp://127.0.0.1:*")
    const peer = await start("ours")
    const request = await peer.call("open", "Request")
    await peer.call("connect", request, reply.lastEndpoint as string)
    void peer.call("askNumbered", request, 0, 1).catch(() => {})
    await receiveNumbered(reply, 0, 1)
    await reply.send("0")
  })
})

it.each(["Publisher", "XPublisher"])("the last publications of a %s arrive", async type => {
  const peer = await start("ours")
  const publisher = await peer.call("open", type)
  const endpoint = await peer.call("bind", publisher, "tcp://127.0.0.1:*")
  const subscriber = closing(new Subscriber())
  subscriber.subscribe()
  subscriber.connect(endpoint)
  let standing = false
  const first = subscriber.receive().then(() => {
    standing = true
  })
  // Until the subscription is there.
  while (!standing) await peer.call("sendNumbered", publisher, 0, 1)
  await first
  void peer.call("sendAndExit", publisher, 1, 51, "exit").catch(() => {})
  const check = new NumberedCheck(1)
  while (check.next < 51) {
    const message = await subscriber.receive()
    if (String(message[0]) !== "0") check.take(message)
  }
})

it.each(["tcp", "ipc"] as const)(
  "what waits behind a full connection leaves as far as there is room at the exit: %s",
  async scheme => {
    // A busy kernel may still hold memory of what the peer has read. Then it takes less at the exit, in that round.
    for (let round = 0; round < 20; round++) {
      const { sent, received } = await exitBehindFullConnection(scheme)
      expect(received).toEqual(received.map((_, at) => `job ${at};`))
      if (received.length === sent) return
    }
    expect.fail("in no round everything had left")
  },
)

async function exitBehindFullConnection(scheme: "tcp" | "ipc") {
  const endpoint = await freeEndpoint(scheme)
  const server = await RawServer.listen(endpoint, peer => {
    peer.write(handshake("PULL"))
    peer.socket.pause()
  })
  onTestFinished(() => server.close())
  const script = compiled(new URL("../support/exit-when-told.ts", import.meta.url))
  const program = new Program([script, endpoint], { open: true })
  await program.says("full\n")
  const sent = Number(program.output[1])
  const peer = await server.peer(1)
  // All but what waits before and in the queue: two batches of 64 KiB, and 20 messages. The program can't notice,
  // because it waits outside its event loop.
  peer.socket.resume()
  await peer.heard((sent - 150) * 1024)
  program.closeInput()
  await program.ended
  await peer.closed
  return { sent, received: [...(peer.received.toString("latin1").match(/job \d+;/g) ?? [])] }
}

describe("the paths of ipc are removed", () => {
  const program = (...args: string[]) =>
    new Program([compiled(new URL("../support/exit-bound.ts", import.meta.url)), ...args])

  it.each(["exit", "throw", "natural"])("at the end by %s", async way => {
    const endpoint = await freeEndpoint("ipc")
    const ended = program(way, endpoint)
    await ended.ended
    const paths = ended.output.map(line => line.replace("ipc://", ""))
    expect(paths).toHaveLength(4)
    for (const path of paths) expect(existsSync(path)).toBe(false)
    // The wildcards' own directories.
    for (const path of paths.slice(2)) expect(existsSync(dirname(path))).toBe(false)
  })
})
