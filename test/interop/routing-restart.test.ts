/** DEALER and ROUTER, while libzmq on the other side is killed and started again. */
import { describe, expect, it } from "vitest"
import { Dealer, Router } from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { nextEvent } from "../support/events.ts"
import { open } from "../support/open.ts"
import { Peer } from "../support/peer.ts"
import { Theirs, texts } from "../support/theirs.ts"

const quick = { reconnectInterval: 5, linger: 0 }

describe("libzmq is killed and started again", () => {
  it("our connected DEALER keeps its messages for the next ROUTER, which learns its id", async () => {
    const endpoint = await freeEndpoint("tcp")
    const dealer = open(new Dealer({ ...quick, routingId: "d", probeRouter: true }))
    dealer.connect(endpoint)
    for (const life of ["first", "second"]) {
      await dealer.send(["to the", life])
      await using peer = await Peer.start("native")
      const theirs = await (await Theirs.open(peer, "Router")).bind(endpoint)
      const seen = [await theirs.receive(), await theirs.receive()]
      expect(seen).toContainEqual(["d", ""])
      expect(seen).toContainEqual(["d", "to the", life])
      await theirs.send("d", "answer")
      expect(texts(await dealer.receive())).toEqual(["answer"])
      const lost = nextEvent(dealer, "disconnect")
      await peer.kill()
      await lost
    }
  })

  it("our bound ROUTER serves the DEALER that came back under its id; meanwhile it isn't there", async () => {
    const router = open(new Router({ ...quick, mandatory: true, sendTimeout: 0 }))
    const endpoint = await freeEndpoint("tcp")
    await router.bind(endpoint)
    for (const life of ["first", "second"]) {
      await using peer = await Peer.start("native")
      const theirs = await (await Theirs.open(peer, "Dealer", { routingId: "d" })).connect(endpoint)
      await theirs.send(life)
      expect(texts(await router.receive())).toEqual(["d", life])
      await router.send(["d", "answer"])
      expect(await theirs.receive()).toEqual(["answer"])
      const lost = nextEvent(router, "disconnect")
      await peer.kill()
      await lost
      await expect(router.send(["d", "x"])).rejects.toMatchObject({ code: "EHOSTUNREACH" })
    }
  })

  it("our connected ROUTER learns the id that the next peer has", async () => {
    const endpoint = await freeEndpoint("tcp")
    const router = open(new Router({ ...quick, mandatory: true, sendTimeout: 0 }))
    router.connect(endpoint)
    for (const routingId of ["first", "second"]) {
      await using peer = await Peer.start("native")
      const theirs = await (await Theirs.open(peer, "Dealer", { routingId })).bind(endpoint)
      await theirs.send("hi")
      expect(texts(await router.receive())).toEqual([routingId, "hi"])
      await router.send([routingId, "hello"])
      expect(await theirs.receive()).toEqual(["hello"])
      const lost = nextEvent(router, "disconnect")
      await peer.kill()
      await lost
    }
    await expect(router.send(["first", "x"])).rejects.toMatchObject({ code: "EHOSTUNREACH" })
  })
})
