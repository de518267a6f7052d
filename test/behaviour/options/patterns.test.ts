/** What the patterns make of their options, through the public face and over each transport that knows it (zmq_setsockopt(3)). */
import { describe, expect, it } from "vitest"
import { Publisher, Reply, Request, Subscriber } from "../../../src/index.ts"
import { freeEndpoint } from "../../support/endpoints.ts"
import { open } from "../../support/open.ts"
import { Peer } from "../../support/peer.ts"

describe.each(["inproc", "ipc", "tcp"] as const)("over %s", scheme => {
  it("invertMatching: what does not match is delivered", async () => {
    const endpoint = await freeEndpoint(scheme)
    const pub = open(new Publisher({ invertMatching: true }))
    const sub = open(new Subscriber({ invertMatching: true }))
    sub.subscribe("a")
    await pub.bind(endpoint)
    sub.connect(endpoint)
    const first = sub.receive()
    let there = false
    void first.then(() => {
      there = true
    })
    while (!there) {
      await pub.send("b")
      await new Promise(resolve => setImmediate(resolve))
    }
    await pub.send("a, unwanted")
    await pub.send("the end")
    let last = ""
    while (last !== "the end") {
      last = String(await sub.receive())
      expect(last).not.toContain("unwanted")
    }
  })

  it("noDrop: a PUB waits for its slowest subscriber instead of dropping", async () => {
    const endpoint = await freeEndpoint(scheme)
    const pub = open(new Publisher({ noDrop: true, sendHighWaterMark: 5 }))
    const sub = open(new Subscriber({ receiveHighWaterMark: 5 }))
    sub.subscribe()
    await pub.bind(endpoint)
    sub.connect(endpoint)
    const first = sub.receive()
    let there = false
    void first.then(() => {
      there = true
    })
    while (!there) {
      await pub.send("sync")
      await new Promise(resolve => setImmediate(resolve))
    }
    const body = Buffer.alloc(100_000)
    const sending = (async () => {
      for (let n = 0; n < 300; n++) await pub.send([`n${n}`, body])
    })()
    for (let n = 0; n < 300; ) {
      const [head] = await sub.receive()
      if (String(head) === "sync") continue
      expect(String(head)).toBe(`n${n++}`)
    }
    await sending
  })
})

describe.each(["ipc", "tcp"] as const)("over %s", scheme => {
  it("routingId travels to libzmq's ROUTER", async () => {
    await using peer = await Peer.start("native")
    const endpoint = await freeEndpoint(scheme)
    const router = await peer.call("open", "Router")
    await peer.call("bind", router, endpoint)
    const req = open(new Request({ routingId: "åbçdéfghïjk" }))
    expect(req.routingId).toBe("åbçdéfghïjk")
    req.connect(endpoint)
    await req.send("hello")
    const [id, delimiter, body] = await peer.call("receive", router)
    expect(Buffer.from(id as string, "base64").toString()).toBe("åbçdéfghïjk")
    expect(delimiter).toBe("")
    await peer.call("send", router, [id as string, "", body as string])
    expect(String(await req.receive())).toBe("hello")
  })

  it("correlate: four bytes and an empty part go before the request; replies with another id are passed over", async () => {
    await using peer = await Peer.start("native")
    const endpoint = await freeEndpoint(scheme)
    const router = await peer.call("open", "Router")
    await peer.call("bind", router, endpoint)
    const req = open(new Request({ correlate: true }))
    req.connect(endpoint)
    await req.send("question")
    const [peerId, id, delimiter, body] = await peer.call("receive", router)
    expect(Buffer.from(id as string, "base64").length).toBe(4)
    expect([delimiter, Buffer.from(body as string, "base64").toString()]).toEqual(["", "question"])
    const base64 = (text: string) => Buffer.from(text).toString("base64")
    const otherId = Buffer.from(Buffer.from(id as string, "base64").map(byte => byte ^ 1)).toString("base64")
    await peer.call("send", router, [peerId as string, otherId, "", base64("wrong")])
    await peer.call("send", router, [peerId as string, id as string, "", base64("right")])
    expect(String(await req.receive())).toBe("right")
  })

  it("relaxed and correlate: a new request gives the old one up, and its late reply is not mistaken", async () => {
    const endpoint = await freeEndpoint(scheme)
    const rep = open(new Reply())
    await rep.bind(endpoint)
    const req = open(new Request({ relaxed: true, correlate: true }))
    req.connect(endpoint)
    await req.send("first")
    await req.send("second")
    for (let n = 0; n < 2; n++) await rep.send(["reply to", ...(await rep.receive())])
    expect((await req.receive()).map(String)).toEqual(["reply to", "second"])
  })
})
