/** These tests hold the result of drain() between threads: the other end has taken a message, or it counts as missing. */
import { describe, expect, it, onTestFinished } from "vitest"
import { Pull, Push, type Socket } from "../../src/index.ts"
import { turn, until } from "../support/events.ts"
import { PeerThread } from "../support/peer-thread.ts"

let names = 0
const fresh = () => `inproc://drain-${++names}`

function closing<S extends Socket>(socket: S): S {
  onTestFinished(() => socket.close())
  return socket
}

const RECEIVE_MARK = 10

/** A PUSH here and a PULL in a worker that are linked, with nothing on the way. */
async function linked(role: "bind" | "connect") {
  const endpoint = fresh()
  const peer = await PeerThread.start()
  onTestFinished(() => peer.kill())
  const push = closing(new Push())
  const pull = await peer.call("open", "Pull", { receiveHighWaterMark: RECEIVE_MARK })
  if (role === "bind") await push.bind(endpoint)
  else push.connect(endpoint)
  await peer.call(role === "bind" ? "connect" : "bind", pull, endpoint)
  await push.send("first")
  await peer.call("receive", pull)
  return { peer, push, pull }
}

/** Stops the peer's thread; returns what lets it go on. */
async function block(peer: PeerThread): Promise<() => void> {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  void peer.call("block", gate).catch(() => {})
  await until(() => Atomics.load(gate, 0) === 1)
  return () => {
    Atomics.store(gate, 0, 0)
    Atomics.notify(gate, 0)
  }
}

async function send(push: Push, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await push.send(String(n))
}

describe.each(["bind", "connect"] as const)("drain() of a PUSH that has called %s()", role => {
  it("tells of all that a thread had not taken when it was terminated", async () => {
    const { peer, push } = await linked(role)
    await block(peer)
    await send(push, 8)
    const left = push.drain()
    await turn()
    await peer.kill()
    expect(await left).toMatchObject([{ messages: 8 }])
  })

  it("tells of what was on its way and of what was queued, and not of what was taken", async () => {
    const { peer, push } = await linked(role)
    await send(push, 3 * RECEIVE_MARK)
    // Once it answers, its queue is full.
    await peer.call("memory")
    const left = push.drain({ timeout: 100 })
    await peer.kill()
    expect(await left).toMatchObject([{ messages: 2 * RECEIVE_MARK }])
  })

  it("says [] when a thread that was busy has taken all", async () => {
    const { peer, push, pull } = await linked(role)
    const wake = await block(peer)
    await send(push, 8)
    const left = push.drain()
    await turn()
    wake()
    expect(await left).toEqual([])
    await peer.call("receiveNumbered", pull, 0, 8, { size: 0 })
  })

  it("tells of what a socket there had not taken when it was closed", async () => {
    const { peer, push, pull } = await linked(role)
    await send(push, 3 * RECEIVE_MARK)
    await peer.call("memory")
    const left = push.drain({ timeout: 100 })
    await peer.call("close", pull)
    expect(await left).toMatchObject([{ messages: 2 * RECEIVE_MARK }])
  })
})

describe.each(["bind", "connect"] as const)(
  "within a thread, drain() of a PUSH that has called %s()",
  role => {
    it("tells of what the other socket had not taken when it was closed", async () => {
      const endpoint = fresh()
      const push = closing(new Push())
      const pull = closing(new Pull({ receiveHighWaterMark: 1 }))
      if (role === "bind") await push.bind(endpoint)
      else push.connect(endpoint)
      if (role === "bind") pull.connect(endpoint)
      else await pull.bind(endpoint)
      await send(push, 10)
      const left = push.drain({ timeout: 100 })
      pull.close()
      // One is in its queue.
      expect(await left).toMatchObject([{ messages: 9 }])
    })

    it.each([0, 1, 2, 3, 4, 5])("tells of all if it was closed as the link began: step %d", async steps => {
      const endpoint = fresh()
      const push = closing(new Push())
      const pull = closing(new Pull({ receiveHighWaterMark: 1 }))
      push.connect(endpoint)
      await send(push, 5)
      pull.bindSync(endpoint)
      for (let step = 0; step < steps; step++) await Promise.resolve()
      const taken = pull.readable ? 1 : 0
      const left = push.drain({ timeout: 100 })
      pull.close()
      expect(await left).toMatchObject([{ messages: 5 - taken }])
    })

    it("says [] when the other socket has it all", async () => {
      const endpoint = fresh()
      const push = closing(new Push())
      const pull = closing(new Pull({ receiveHighWaterMark: 1 }))
      if (role === "bind") await push.bind(endpoint)
      else push.connect(endpoint)
      if (role === "bind") pull.connect(endpoint)
      else await pull.bind(endpoint)
      await send(push, 2)
      const left = push.drain()
      for (let n = 0; n < 2; n++) expect(String(await pull.receive())).toBe(String(n))
      expect(await left).toEqual([])
    })
  },
)
