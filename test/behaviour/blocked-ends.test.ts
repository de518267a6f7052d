/** Waits at both ends of a connection's life, and of the process, that are over while the event loop is blocked. */
import { Worker } from "node:worker_threads"
import { describe, expect, it, onTestFinished } from "vitest"
import { Dealer, Pull, Push, Router } from "../../src/index.ts"
import { block } from "../support/block.ts"
import { compiled } from "../support/compiled.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { nextEvent, recordEvents, turn, until } from "../support/events.ts"
import { open } from "../support/open.ts"
import { Peer } from "../support/peer.ts"
import { Program } from "../support/program.ts"
import { command, frame, GREETING, handshake, property } from "../support/raw-peer.ts"

/** A server in a thread, of one connection: runs the script's `talk(socket, gate)`, and posts what happens to it. */
async function server(talk: string, words: Record<string, Buffer>) {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const script = `
    const { parentPort, workerData: { gate, words } } = require("node:worker_threads")
    const said = name => Buffer.from(words[name])
    const passed = step => { while (Atomics.load(gate, 0) < step) Atomics.wait(gate, 0, Atomics.load(gate, 0), 100) }
    const server = require("node:net").createServer({ allowHalfOpen: true }, socket => {
      socket.on("error", error => parentPort.postMessage(error.code))
      socket.on("close", () => parentPort.postMessage("closed"))
      ;(${talk})(socket)
    })
    server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port))`
  const worker = new Worker(script, { eval: true, workerData: { gate, words } })
  onTestFinished(() => void worker.terminate())
  const happened: unknown[] = []
  worker.on("message", what => happened.push(what))
  await until(() => happened.length > 0)
  const endpoint = `tcp://127.0.0.1:${happened.shift()}`
  const pass = (step: number) => {
    Atomics.store(gate, 0, step)
    Atomics.notify(gate, 0)
  }
  return { endpoint, happened, pass, reached: (step: number) => until(() => Atomics.load(gate, 0) === step) }
}

it("a READY that was not read in time is judged before ours is said", async () => {
  const router = open(new Router({ linger: 0 }))
  await router.bind(await freeEndpoint("tcp"))
  const dealer = open(new Dealer({ routingId: "same" }))
  dealer.connect(router.lastEndpoint as string)
  await dealer.send("hello")
  await router.receive()
  // Our greeting is whole when theirs is read. From then on the router waits for 100 ms.
  const talk = `socket => {
    let heard = 0
    socket.write(said("greeting"))
    socket.on("data", chunk => {
      heard += chunk.length
      if (heard < 64) return
      Atomics.store(gate, 0, 1)
      passed(2)
      socket.write(said("ready"))
    })
  }`
  const ready = command(
    "READY",
    Buffer.concat([property("Socket-Type", "DEALER"), property("Identity", "same")]),
  )
  const { endpoint, pass, reached } = await server(talk, { greeting: GREETING, ready })
  const events = recordEvents(router)
  const delayed = nextEvent(router, "handshake:delay")
  router.connect(endpoint)
  await reached(1)
  await turn()
  pass(2)
  block(800)
  expect((await delayed).error).toMatchObject({ code: "EADDRINUSE" })
  expect(events.map(({ type }) => type)).not.toContain("disconnect")
})

it("what a peer says after our close is read before its time is up, so that it sees no reset", async () => {
  const talk = `socket => {
    socket.write(said("handshake"))
    socket.resume()
    socket.on("end", () => {
      socket.write(said("chatter"))
      Atomics.store(gate, 0, 1)
      const ask = setInterval(() => {
        if (Atomics.load(gate, 0) < 2) return
        clearInterval(ask)
        // Only who writes to a connection that was reset hears of it.
        socket.write(said("chatter"), () => socket.end(said("chatter")))
      }, 1)
    })
  }`
  const chatter = Buffer.alloc(10_000, frame(0, Buffer.alloc(98)))
  const { endpoint, pass, happened } = await server(talk, { handshake: handshake("PULL"), chatter })
  const push = open(new Push({ immediate: true }))
  const standing = nextEvent(push, "handshake")
  push.connect(endpoint)
  await standing
  await until(() => push.writable)
  push.close()
  // The end mark leaves after two turns. The peer has a second for its own.
  for (let n = 0; n < 4; n++) await turn()
  block(2500)
  await turn()
  await turn()
  pass(2)
  await until(() => happened.length > 0)
  expect(happened).toEqual(["closed"])
})

describe("the end of the process", () => {
  const script = compiled(new URL("../support/life.ts", import.meta.url))

  it("gives its wait the time back that the loop has lost", async () => {
    const endpoint = await freeEndpoint("ipc")
    const program = new Program([script, "lingerBlocked", endpoint])
    await program.says("blocked")
    const pull = open(new Pull())
    await pull.bind(endpoint)
    expect(String(await pull.receive())).toBe("in time")
    expect(await program.ended).toBe(0)
  })

  it("waits for a stopped peer without end with a linger of -1, and says so", async () => {
    const peer = await Peer.start("ours")
    onTestFinished(() => peer.kill())
    const pull = await peer.call("open", "Pull")
    const endpoint = await peer.call("bind", pull, await freeEndpoint("tcp"))
    peer.freeze()
    const program = new Program([script, "lingerForever", endpoint])
    await program.says("WARNING: Waiting for queued ZeroMQ messages to be delivered.", "stderr")
    expect(program.running).toBe(true)
    peer.thaw()
    expect(await program.ended).toBe(0)
    expect(await peer.call("receive", pull)).toEqual([Buffer.from("sent").toString("base64")])
  })

  it("doesn't wait longer for a stopped peer than a linger says", async () => {
    const peer = await Peer.start("ours")
    onTestFinished(() => peer.kill())
    const pull = await peer.call("open", "Pull")
    const endpoint = await peer.call("bind", pull, await freeEndpoint("tcp"))
    peer.freeze()
    const program = new Program([script, "linger50Stopped", endpoint])
    expect(await program.ended).toBe(0)
    peer.thaw()
  })
})
