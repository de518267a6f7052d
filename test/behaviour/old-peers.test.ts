/** Sockets that face peers of ZMTP 2.0 and 1.0, which have nothing but raw bytes here. */
import { describe, expect, it, onTestFinished } from "vitest"
import { Publisher, Pull, Router, Subscriber } from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { nextEvent, turn } from "../support/events.ts"
import { open } from "../support/open.ts"
import { bytes, RawPeer, RawServer } from "../support/raw-peer.ts"

const SIGNATURE = "FF 00000000 00000001 7F"

async function comeTo(endpoint: string | null, said: string): Promise<RawPeer> {
  const peer = (await RawPeer.connect(endpoint ?? "")).write(bytes(said))
  onTestFinished(() => peer.destroy())
  return peer
}

describe("over tcp", () => {
  it("a peer of 1.0 that subscribes to nothing gets all that is published", async () => {
    const publisher = open(new Publisher({ heartbeatInterval: 1 }))
    await publisher.bind("tcp://127.0.0.1:*")
    const peer = await comeTo(publisher.lastEndpoint, "01 00")
    while (peer.received.length < 16) {
      await publisher.send(["t", "x"])
      await turn()
    }
    expect(peer.received.subarray(0, 16)).toEqual(bytes(`${SIGNATURE} 02 01 "t" 02 00 "x"`))
  })

  it("a SUB passes on what it has subscribed to, though a peer of 1.0 sends everything", async () => {
    const endpoint = await freeEndpoint("tcp")
    const server = await RawServer.listen(endpoint, peer => {
      peer.write(bytes('01 00 03 00 "no" 04 00 "yes"'))
    })
    onTestFinished(() => server.close())
    const subscriber = open(new Subscriber())
    subscriber.subscribe("y")
    subscriber.connect(endpoint)
    expect((await subscriber.receive()).map(String)).toEqual(["yes"])
    const peer = await server.peer(1)
    await peer.heard(14)
    expect(peer.received).toEqual(bytes(`${SIGNATURE} 03 00 01 "y"`))
  })

  it("a type that doesn't go with ours is refused, and told", async () => {
    const pull = open(new Pull())
    await pull.bind("tcp://127.0.0.1:*")
    const told = nextEvent(pull, "handshake:error:protocol")
    const peer = await comeTo(pull.lastEndpoint, `${SIGNATURE} 01 04 00 00`)
    expect((await told).error).toMatchObject({ code: "ERR_ZMTP_INVALID_METADATA" })
    await peer.closed
  })

  it("a second peer of 2.0 with the same routing id waits, and is refused once it sends", async () => {
    const router = open(new Router({ linger: 0 }))
    await router.bind("tcp://127.0.0.1:*")
    const hello = `${SIGNATURE} 01 05 00 04 "same"`
    await comeTo(router.lastEndpoint, `${hello} 00 01 "a"`)
    expect((await router.receive()).map(String)).toEqual(["same", "a"])
    const delayed = nextEvent(router, "handshake:delay")
    const refused = nextEvent(router, "handshake:error:other")
    const second = await comeTo(router.lastEndpoint, hello)
    await delayed
    second.write(bytes('00 01 "b"'))
    expect((await refused).error).toMatchObject({ code: "EAGAIN" })
    await second.closed
  })
})
