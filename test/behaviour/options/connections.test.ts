/** How connections are made and lost, through the public face and over each transport that knows it (zmq_setsockopt(3)). */
import { createServer, type Socket as NetSocket } from "node:net"
import { describe, expect, it, onTestFinished } from "vitest"
import { Pull } from "../../../src/index.ts"
import { freeEndpoint, freePort } from "../../support/endpoints.ts"
import { nextEvent, until } from "../../support/events.ts"
import { open } from "../../support/open.ts"
import { Peer } from "../../support/peer.ts"

const quick = { reconnectInterval: 5 }

/** A TCP server that takes connections and says nothing. */
async function silentServer(): Promise<{ endpoint: string; sockets: NetSocket[] }> {
  const sockets: NetSocket[] = []
  const server = createServer(socket => sockets.push(socket.on("error", () => {})))
  const port = await freePort()
  await new Promise<void>(resolve => server.listen(port, "127.0.0.1", resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { endpoint: `tcp://127.0.0.1:${port}`, sockets }
}

describe.each(["ipc", "tcp"] as const)("over %s", scheme => {
  it("maxMessageSize: a peer that sends more is closed with EMSGSIZE, and libzmq, as documented, stays away then", async () => {
    await using peer = await Peer.start("native")
    const endpoint = await freeEndpoint(scheme)
    const pull = open(new Pull({ maxMessageSize: 1000 }))
    await pull.bind(endpoint)
    const push = await peer.call("open", "Push")
    await peer.call("connect", push, endpoint)
    const send = (size: number) => peer.call("send", push, [Buffer.alloc(size).toString("base64")])
    await send(1000)
    expect((await pull.receive())[0]?.length).toBe(1000)
    const closed = nextEvent(pull, "disconnect")
    await send(1001)
    expect((await closed).error).toMatchObject({
      code: "EMSGSIZE",
      reason: expect.stringContaining("1001 bytes"),
    })
  })

  it("maxMessageSize: we don't dial such a peer again", async () => {
    await using peer = await Peer.start("native")
    const endpoint = await freeEndpoint(scheme)
    const push = await peer.call("open", "Push")
    await peer.call("bind", push, endpoint)
    const pull = open(new Pull({ maxMessageSize: 10, ...quick }))
    pull.connect(endpoint)
    const closed = nextEvent(pull, "disconnect")
    await peer.call("send", push, [Buffer.alloc(11).toString("base64")])
    expect((await closed).error).toMatchObject({ code: "EMSGSIZE" })
    expect(() => pull.disconnect(endpoint)).toThrow(
      expect.objectContaining({ code: "ENOENT", address: endpoint }),
    )
  })

  it("reconnectInterval 0: a refused endpoint is not dialled again, and is gone", async () => {
    const endpoint = await freeEndpoint(scheme)
    const pull = open(new Pull({ reconnectInterval: 0 }))
    const closed = nextEvent(pull, "close")
    pull.connect(endpoint)
    await closed
    await until(() => {
      try {
        pull.disconnect(endpoint)
        return false
      } catch (error) {
        expect(error).toMatchObject({ code: "ENOENT" })
        return true
      }
    })
  })
})

describe("over tcp", () => {
  it("handshakeInterval: whoever is connected but doesn't shake hands is closed, and dialled again", async () => {
    const { endpoint, sockets } = await silentServer()
    const pull = open(new Pull({ handshakeInterval: 50, ...quick }))
    const failed = nextEvent(pull, "handshake:error:other")
    const retried = nextEvent(pull, "connect:retry")
    pull.connect(endpoint)
    expect((await failed).error).toMatchObject({ code: "EAGAIN" })
    expect((await retried).interval).toBeGreaterThanOrEqual(5)
    await until(() => sockets.length > 1)
  })
})
