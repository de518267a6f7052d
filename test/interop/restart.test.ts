/** libzmq in another process is killed and started again: reconnect, queued messages delivered, subscriptions resumed. */
import { once } from "node:events"
import { describe, expect, it } from "vitest"
import { Publisher, Pull, Push, Reply, Request, type Socket, Subscriber } from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { Peer } from "../support/peer.ts"

const quick = { reconnectInterval: 5 }

async function peerBound(type: string, endpoint: string): Promise<{ peer: Peer; socket: string }> {
  const peer = await Peer.start("native")
  const socket = await peer.call("open", type)
  await peer.call("bind", socket, endpoint)
  return { peer, socket }
}

async function peerConnected(type: string, endpoint: string): Promise<{ peer: Peer; socket: string }> {
  const peer = await Peer.start("native")
  const socket = await peer.call("open", type)
  await peer.call("connect", socket, endpoint)
  return { peer, socket }
}

function disconnected(socket: Socket): Promise<unknown> {
  const emitter = socket.events.on("disconnect", () => {})
  return once(emitter, "disconnect")
}

const text = (parts: readonly string[]) => parts.map(part => Buffer.from(part, "base64").toString())

describe.each(["ipc", "tcp"] as const)("over %s, libzmq is killed and started again", scheme => {
  it("our connected PUSH keeps its messages for the next life", async () => {
    const endpoint = await freeEndpoint(scheme)
    const push = new Push(quick)
    push.connect(endpoint)
    const first = await peerBound("Pull", endpoint)
    await push.send("to the first")
    expect(text(await first.peer.call("receive", first.socket))).toEqual(["to the first"])
    const lost = disconnected(push)
    await first.peer.kill()
    await lost
    for (let n = 0; n < 500; n++) await push.send(["queued", String(n)])
    const second = await peerBound("Pull", endpoint)
    for (let n = 0; n < 500; n++) {
      expect(text(await second.peer.call("receive", second.socket))).toEqual(["queued", String(n)])
    }
    push.close()
    await second.peer.kill()
  })

  it("our connected SUB subscribes again, to what it wants by then", async () => {
    const endpoint = await freeEndpoint(scheme)
    const sub = new Subscriber(quick)
    sub.subscribe("a", "b")
    sub.connect(endpoint)
    const lives = ["first", "second"]
    for (const life of lives) {
      const { peer, socket } = await peerBound("Publisher", endpoint)
      const received = sub.receive()
      let done = false
      void received.then(() => {
        done = true
      })
      while (!done) {
        await peer.call("send", socket, [Buffer.from("b from the bad old days").toString("base64")])
        await peer.call("send", socket, [Buffer.from(`a from the ${life}`).toString("base64")])
      }
      if (life === "first") expect(["a", "b"]).toContain((await received)[0]?.toString()[0])
      else expect((await received)[0]?.toString()).toBe("a from the second")
      sub.unsubscribe("b")
      const lost = disconnected(sub)
      await peer.kill()
      await lost
      // What the dead peer had sent may still be here.
      sub.receiveTimeout = 0
      for (;;) {
        const old = await sub.receive().catch(() => undefined)
        if (old === undefined) break
      }
      sub.receiveTimeout = -1
    }
    sub.close()
  })

  it("our bound PULL takes the messages of both lives", async () => {
    const pull = new Pull()
    const endpoint = await freeEndpoint(scheme)
    await pull.bind(endpoint)
    for (const life of ["first", "second"]) {
      const { peer, socket } = await peerConnected("Push", endpoint)
      await peer.call("send", socket, [Buffer.from(life).toString("base64")])
      expect((await pull.receive()).toString()).toBe(life)
      const lost = disconnected(pull)
      await peer.kill()
      await lost
    }
    pull.close()
  })

  it("our bound PUB serves the subscriber that came back", async () => {
    const pub = new Publisher()
    const endpoint = await freeEndpoint(scheme)
    await pub.bind(endpoint)
    for (const life of ["first", "second"]) {
      const { peer, socket } = await peerConnected("Subscriber", endpoint)
      await peer.call("subscribe", socket, life)
      let done = false
      const received = peer.call("receive", socket).finally(() => {
        done = true
      })
      while (!done) {
        await pub.send(`${life} news`)
        await new Promise(resolve => setImmediate(resolve))
      }
      expect(text(await received)).toEqual([`${life} news`])
      const lost = disconnected(pub)
      await peer.kill()
      await lost
    }
    pub.close()
  })

  it("our relaxed REQ asks the next life", async () => {
    const endpoint = await freeEndpoint(scheme)
    const req = new Request({ ...quick, relaxed: true, correlate: true })
    req.connect(endpoint)
    for (const life of ["first", "second"]) {
      const { peer, socket } = await peerBound("Reply", endpoint)
      void peer.call("echo", socket).catch(() => {})
      await req.send(["question of the", life])
      expect((await req.receive()).map(String)).toEqual(["question of the", life])
      const lost = disconnected(req)
      await peer.kill()
      await lost
    }
    req.close()
  })

  it("our bound REP answers the client that came back, though the first one left before its reply", async () => {
    const rep = new Reply()
    const endpoint = await freeEndpoint(scheme)
    await rep.bind(endpoint)
    const first = await peerConnected("Request", endpoint)
    await first.peer.call("send", first.socket, [Buffer.from("gone soon").toString("base64")])
    expect((await rep.receive()).toString()).toBe("gone soon")
    const lost = disconnected(rep)
    await first.peer.kill()
    await lost
    await rep.send("nobody hears it")
    const second = await peerConnected("Request", endpoint)
    await second.peer.call("send", second.socket, [Buffer.from("hello").toString("base64")])
    expect((await rep.receive()).toString()).toBe("hello")
    await rep.send("hello yourself")
    expect(text(await second.peer.call("receive", second.socket))).toEqual(["hello yourself"])
    rep.close()
    await second.peer.kill()
  })
})
