/** Peers that come, say something and go, again and again, while the program doesn't receive. */
import { describe, expect, it } from "vitest"
import { Dealer, Pull, Reply, Router, Subscriber, XSubscriber } from "../../src/index.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { recordEvents, until } from "../support/events.ts"
import { bytes, handshake, RawPeer, RawServer } from "../support/raw-peer.ts"
import { watchProcess } from "./stage.ts"

watchProcess()

const MARK = 2
/** So many messages may be left by peers that are gone. */
const MOST = 64 * MARK
const PEERS = MOST + 20

const options = { receiveHighWaterMark: MARK, linger: 0, reconnectInterval: 1 }
const ONE = bytes('00 01 "x"')

const subscribed = () => {
  const subscriber = new Subscriber(options)
  subscriber.subscribe()
  return subscriber
}

const KINDS = [
  { name: "PULL", make: () => new Pull(options), peer: "PUSH", one: ONE },
  { name: "DEALER", make: () => new Dealer(options), peer: "DEALER", one: ONE },
  { name: "ROUTER", make: () => new Router(options), peer: "DEALER", one: ONE },
  { name: "REP", make: () => new Reply(options), peer: "REQ", one: bytes('01 00 00 01 "x"') },
  { name: "SUB", make: subscribed, peer: "PUB", one: ONE },
  { name: "XSUB", make: () => new XSubscriber(options), peer: "PUB", one: ONE },
] as const

describe.each<Scheme>(["tcp", "ipc"])("over %s", scheme => {
  it.each(KINDS)(
    "$name hears no newcomers while too much is left to receive, and loses nothing",
    async kind => {
      const socket = kind.make()
      const endpoint = await freeEndpoint(scheme)
      await socket.bind(endpoint)
      const events = recordEvents(socket)
      const count = (type: string) => events.filter(event => event.type === type).length
      for (let n = 1; n <= PEERS; n++) {
        const raw = await RawPeer.connect(endpoint)
        raw.write(handshake(kind.peer), kind.one).end()
        await until(() => count("handshake") === n)
        if (n <= MOST) await until(() => count("disconnect") === n)
      }
      expect(count("disconnect")).toBe(MOST)
      for (let n = 1; n <= PEERS; n++) {
        expect(String((await socket.receive()).at(-1))).toBe("x")
        if (socket instanceof Reply) await socket.send("y")
      }
      await until(() => count("disconnect") === PEERS)
      expect(socket.tryReceive()).toBeUndefined()
      socket.close()
    },
  )

  it("a peer that is dialled again and again adds nothing to a full queue", async () => {
    const endpoint = await freeEndpoint(scheme)
    const server = await RawServer.listen(endpoint, peer => peer.write(handshake("PUSH"), ONE).end())
    const pull = new Pull(options)
    const events = recordEvents(pull)
    const connections = () => events.filter(({ type }) => type === "handshake").length
    pull.connect(endpoint)
    // The one that fills the queue, or finds it full, is not read from, and so not known to be over.
    for (let received = 0; received < 20; received++) {
      await until(() => connections() >= MARK + received)
      expect(connections()).toBeLessThanOrEqual(MARK + 1 + received)
      expect(String(await pull.receive())).toBe("x")
    }
    pull.close()
    await server.close()
  })
})
