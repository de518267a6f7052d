/**
 * What drain() promises: an empty list says that the peers have everything. Peers talk while we leave: a byte that comes to
 * a closed socket makes the kernel reset the connection and throw away what it still had to deliver.
 */
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest"
import { Push, type Socket, Stream } from "../../src/index.ts"
import { compiled } from "../support/compiled.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { nextEvent, turn } from "../support/events.ts"
import { fakeClock } from "../support/fake-clock.ts"
import { Peer } from "../support/peer.ts"
import { Program } from "../support/program.ts"
import { frame, handshake, RawPeer, RawServer } from "../support/raw-peer.ts"
import { Theirs } from "../support/theirs.ts"

vi.mock("../../src/base/clock.ts", () => import("../support/fake-clock.ts"))

async function start(library: "ours" | "native"): Promise<Peer> {
  const peer = await Peer.start(library)
  onTestFinished(() => peer.kill())
  return peer
}

function closing<S extends Socket>(socket: S): S {
  onTestFinished(() => socket.close())
  return socket
}

const JOBS = 2000
const KIBIBYTE = Buffer.alloc(1024)

async function sendJobs(socket: Push, count = JOBS): Promise<void> {
  for (let n = 0; n < count; n++) await socket.send(KIBIBYTE)
}

const MINUTE = 60_000

/** A promise, and whether it is settled. */
function watched<T>(promise: Promise<T>): { readonly promise: Promise<T>; readonly over: boolean } {
  const watch = { promise, over: false }
  const settled = () => {
    watch.over = true
  }
  promise.then(settled, settled)
  return watch
}

afterEach(() => void vi.useRealTimers())

const PING = frame(0x04, Buffer.from("\x04PING\0\0"))

/** The last words of a connection: a PING, which the peer answers when it has taken all before. */
const LAST_PING = frame(0x04, Buffer.from("\x04PING\0\0end"))
const LAST_PONG = frame(0x04, Buffer.from("\x04PONGend"))

/** Has the peer answer the last PING, as it has to. */
function answers(peer: RawPeer, answer = LAST_PONG): void {
  peer.socket.on("data", () => {
    if (peer.received.subarray(-LAST_PING.length).equals(LAST_PING)) peer.write(answer)
  })
}

/** Everything that an old peer says before traffic. It knows no PINGs. */
function oldHandshake(): Buffer {
  const words = handshake("PULL")
  words[11] = 0
  return words
}

/** A raw peer that has shaken hands as a PULL and reads nothing, and a PUSH that is connected to it. */
async function rawPull(
  scheme: "tcp" | "ipc",
  words = handshake("PULL"),
): Promise<{ push: Push; peer: RawPeer }> {
  const endpoint = await freeEndpoint(scheme)
  const server = await RawServer.listen(endpoint, peer => {
    peer.write(words)
    peer.socket.pause()
  })
  onTestFinished(() => server.close())
  const push = closing(new Push({ sendHighWaterMark: 0 }))
  const standing = nextEvent(push, "handshake")
  push.connect(endpoint)
  await standing
  return { push, peer: await server.peer(1) }
}

/** How many of the jobs have come. */
const jobsAt = (peer: RawPeer) => Math.floor(peer.received.length / 1024)

describe.each(["tcp", "ipc"] as const)("over %s, after drain() a peer", scheme => {
  it("that talks all the time and reads late gets everything", async () => {
    const { push, peer } = await rawPull(scheme)
    fakeClock()
    await sendJobs(push)
    const drained = watched(push.drain())
    for (let i = 0; i < 100; i++) {
      peer.write(PING)
      await turn()
    }
    vi.advanceTimersByTime(MINUTE)
    await turn()
    expect(drained.over).toBe(false)
    answers(peer)
    peer.socket.resume()
    while (!peer.over) {
      peer.write(PING)
      await turn()
    }
    expect(jobsAt(peer)).toBeGreaterThanOrEqual(JOBS)
    expect(await drained.promise).toEqual([])
  })

  it("that breaks the connection may be missing all that it didn't answer", async () => {
    const { push, peer } = await rawPull(scheme)
    // As many as the kernel has room for: what is queued here would wait for another connection.
    await sendJobs(push, 100)
    const left = push.drain()
    peer.reset()
    expect(await left).toMatchObject([{ messages: 100 }])
  })

  it("that closes its side before it can have had everything may be missing it", async () => {
    const { push, peer } = await rawPull(scheme)
    await push.send("a few bytes, which the kernel has at once")
    const left = push.drain()
    peer.end()
    peer.socket.resume()
    expect(await left).toMatchObject([{ messages: 1 }])
  })

  it("that closes its side, as ours is closing, without having read all may be missing it", async () => {
    const { push, peer } = await rawPull(scheme)
    await push.send("a few bytes")
    const left = push.drain()
    // Our end mark is out long since.
    for (let i = 0; i < 10; i++) await turn()
    peer.end()
    for (let i = 0; i < 10; i++) await turn()
    peer.socket.resume()
    expect(await left).toMatchObject([{ messages: 1 }])
  })

  it("that has answered the last PING has it all, whatever it does then", async () => {
    for (const leave of [(p: RawPeer) => p.reset(), (p: RawPeer) => p.end(), () => {}]) {
      const { push, peer } = await rawPull(scheme)
      await push.send("a few bytes")
      const left = push.drain()
      answers(peer)
      peer.socket.on("data", () => leave(peer))
      peer.socket.resume()
      expect(await left).toEqual([])
    }
  })

  it("that answers another PING has answered nothing", async () => {
    const { push, peer } = await rawPull(scheme)
    await push.send("a few bytes")
    const left = push.drain()
    answers(peer, frame(0x04, Buffer.from("\x04PONG")))
    peer.socket.resume()
    expect(await left).toMatchObject([{ messages: 1 }])
  })

  it("that answers among what it still sends is heard, and breaks nothing by bad bytes", async () => {
    const { push, peer } = await rawPull(scheme)
    await push.send("a few bytes")
    const left = push.drain()
    const words = Buffer.concat([frame(0, Buffer.alloc(1000)), PING])
    const flood = Buffer.alloc(20_000 * words.length, words)
    await new Promise(resolve => peer.socket.write(flood, resolve))
    answers(peer)
    peer.socket.resume()
    expect(await left).toEqual([])

    const { push: other, peer: bad } = await rawPull(scheme)
    await sendJobs(other, 100)
    const missing = other.drain()
    bad.write(Buffer.alloc(1000, 0xff))
    for (let i = 0; i < 10; i++) await turn()
    bad.socket.resume()
    expect(await missing).toMatchObject([{ messages: 100 }])
    expect(jobsAt(bad)).toBe(100)
  })

  it("of ZMTP 3.0, which knows no PING, has what it has not refused when it closes its side", async () => {
    const { push, peer } = await rawPull(scheme, oldHandshake())
    await push.send("a few bytes")
    const left = push.drain()
    peer.socket.resume()
    expect(await left).toEqual([])
    expect(peer.received.includes("PING")).toBe(false)
  })

  it("that takes nothing is waited for until the time is up", async () => {
    const { push } = await rawPull(scheme)
    await push.send("x")
    expect(await push.drain({ timeout: 50 })).toMatchObject([{ messages: 1 }])
  })

  it("that was sent nothing is not waited for", async () => {
    const { push } = await rawPull(scheme)
    expect(await push.drain()).toEqual([])
  })

  it("that was sent nothing sees an orderly end though it talks", async () => {
    const { push, peer } = await rawPull(scheme)
    for (let i = 0; i < 100; i++) peer.write(PING)
    const error = new Promise<string>(resolve => peer.socket.once("error", ({ message }) => resolve(message)))
    const ended = new Promise<string>(resolve => peer.socket.once("end", () => resolve("ended")))
    await push.drain()
    peer.socket.resume()
    expect(await Promise.race([error, ended])).toBe("ended")
  })
})

const WAYS = ["drain", "close", "disconnect", "unbind", "natural"] as const

describe.each([
  ["tcp", "ours"],
  ["tcp", "native"],
  ["ipc", "ours"],
  ["ipc", "native"],
] as const)("a process over %s whose worker is slow and sends heartbeats: %s", (scheme, library) => {
  it.each(WAYS)("ends when all has arrived: %s", async way => {
    const peer = await start(library)
    const worker = await Theirs.open(peer, "Pull", {
      receiveHighWaterMark: 10,
      heartbeatInterval: 5,
      heartbeatTimeout: 60_000,
    })
    const endpoint = await freeEndpoint(scheme)
    if (way !== "unbind") await worker.bind(endpoint)
    const script = compiled(new URL("../support/ventilator.ts", import.meta.url))
    const ventilator = new Program([script, way, endpoint, String(JOBS)])
    if (way === "unbind") {
      await ventilator.says("\n")
      await worker.connect(endpoint)
    }
    // The kernels have it all, and every heartbeat finds either somebody who waits, or nobody.
    await Promise.race([ventilator.ended, ventilator.says("still here")])
    await peer.call("consumeSlowly", worker.name, JOBS)
    expect(await ventilator.ended).toBe(0)
    if (way === "drain") expect(ventilator.output).toContain("[]")
  })
})

describe("a peer in a process of its own", () => {
  it("that is stopped is waited for as long as it takes", async () => {
    const peer = await start("native")
    const pull = await Theirs.open(peer, "Pull")
    const endpoint = await freeEndpoint("tcp")
    await pull.bind(endpoint)
    const push = closing(new Push())
    push.connect(endpoint)
    await push.send("first")
    await pull.receive()
    peer.freeze()
    await sendJobs(push, 100)
    fakeClock()
    const drained = watched(push.drain())
    for (let i = 0; i < 200; i++) await turn()
    vi.advanceTimersByTime(MINUTE)
    for (let i = 0; i < 200; i++) await turn()
    expect(drained.over).toBe(false)
    peer.thaw()
    expect(await drained.promise).toEqual([])
    await peer.call("consumeSlowly", pull.name, 100)
  })

  it("that is killed may be missing what it was sent", async () => {
    const peer = await start("ours")
    const pull = await Theirs.open(peer, "Pull")
    const endpoint = await freeEndpoint("tcp")
    await pull.bind(endpoint)
    const push = closing(new Push())
    push.connect(endpoint)
    await push.send("first")
    await pull.receive()
    peer.freeze()
    await sendJobs(push, 100)
    const left = push.drain()
    await peer.kill()
    const [{ messages } = { messages: 0 }] = await left
    expect(messages).toBeGreaterThanOrEqual(100)
  })
})

describe("STREAM delivers an answer of 2 MiB to a client that goes on sending", () => {
  const ANSWER = Buffer.alloc(2 * 1024 * 1024, "answer")

  it.each(["an empty message", "drain()", "close()"])("and then %s", async way => {
    const stream = closing(new Stream({ notify: false }))
    await stream.bind("tcp://127.0.0.1:*")
    const client = await RawPeer.connect(stream.lastEndpoint as string)
    onTestFinished(() => client.destroy())
    client.socket.pause()
    client.write(Buffer.from("GET /"))
    const [id] = await stream.receive()
    await stream.send([id as Buffer, ANSWER])
    fakeClock()
    if (way === "drain()") void stream.drain()
    else if (way === "close()") stream.close()
    else await stream.send([id as Buffer, ""])
    for (let i = 0; i < 100; i++) {
      client.write(Buffer.from("and more"))
      await turn()
    }
    // An empty message waits for half a minute.
    vi.advanceTimersByTime(MINUTE / 3)
    await turn()
    client.write(Buffer.from("and more"))
    await turn()
    client.socket.resume()
    while (!client.over) {
      client.write(Buffer.from("and more"))
      await turn()
    }
    expect(client.received.equals(ANSWER)).toBe(true)
  })
})
