/** What holds a thread, and what doesn't. */
import { describe, expect, it, onTestFinished } from "vitest"
import { Pull, Push, type Socket } from "../../src/index.ts"
import { turn } from "../support/events.ts"
import { PeerThread } from "../support/peer-thread.ts"
import { WORKERS_LINGER } from "../support/runtime.ts"

let names = 0
const fresh = () => `inproc://life-${++names}`
const base64 = (value: string) => [Buffer.from(value).toString("base64")]

function closing<S extends Socket>(socket: S): S {
  onTestFinished(() => socket.close())
  return socket
}

async function start(): Promise<PeerThread> {
  const peer = await PeerThread.start()
  onTestFinished(() => peer.kill())
  return peer
}

/** From now on nothing but its sockets may hold the thread. */
const leave = (peer: PeerThread) => void peer.call("leave").catch(() => {})

describe("a thread ends", () => {
  it("with sockets that are bound, linked, and waiting for a name", async () => {
    const endpoint = fresh()
    const push = closing(new Push())
    await push.bind(endpoint)
    const peer = await start()
    const pull = await peer.call("open", "Pull")
    await peer.call("connect", pull, endpoint)
    await peer.call("connect", pull, fresh())
    await peer.call("bind", pull, fresh())
    await push.send("hello")
    expect(await peer.call("receive", pull)).toEqual(base64("hello"))
    leave(peer)
    await peer.exited
  })

  it("though messages are queued, when they don't linger", async () => {
    const peer = await start()
    const push = await peer.call("open", "Push", { linger: 0 })
    await peer.call("connect", push, fresh())
    await peer.call("send", push, base64("lost"))
    leave(peer)
    await peer.exited
  })

  it("though messages are queued for a socket of its own", async () => {
    const endpoint = fresh()
    const peer = await start()
    const pull = await peer.call("open", "Pull", { receiveHighWaterMark: 1 })
    await peer.call("bind", pull, endpoint)
    const push = await peer.call("open", "Push")
    await peer.call("connect", push, endpoint)
    await peer.call("sendNumbered", push, 0, 10)
    leave(peer)
    await peer.exited
  })
})

describe("a thread stays", () => {
  it("for a pending receive()", async () => {
    const [to, fro] = [fresh(), fresh()]
    const peer = await start()
    const theirs = { pull: await peer.call("open", "Pull"), push: await peer.call("open", "Push") }
    const ours = { push: closing(new Push()), pull: closing(new Pull()) }
    await ours.push.bind(to)
    await ours.pull.bind(fro)
    await peer.call("connect", theirs.pull, to)
    await peer.call("connect", theirs.push, fro)
    void peer.call("relay", theirs.pull, theirs.push, 1).catch(() => {})
    leave(peer)
    for (let i = 0; i < 50; i++) await turn()
    await ours.push.send("hello")
    expect(String(await ours.pull.receive())).toBe("hello")
    await peer.exited
  })

  it("until what it has sent is taken: by a name bound later, by a slow reader", async ({ skip }) => {
    skip(WORKERS_LINGER.missing, WORKERS_LINGER.reason)
    const endpoint = fresh()
    const peer = await start()
    const push = await peer.call("open", "Push")
    await peer.call("connect", push, endpoint)
    await peer.call("sendNumbered", push, 0, 300)
    leave(peer)
    for (let i = 0; i < 50; i++) await turn()
    const pull = closing(new Pull({ receiveHighWaterMark: 1 }))
    await pull.bind(endpoint)
    for (let n = 0; n < 300; n++) {
      expect(String((await pull.receive())[0])).toBe(String(n))
      if (n % 100 === 0) for (let i = 0; i < 50; i++) await turn()
    }
    await peer.exited
  })
})
