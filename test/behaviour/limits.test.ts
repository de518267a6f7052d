/** The fixed limits: what no peer takes is refused where it is sent, and what is allowed arrives. */
import { describe, expect, it } from "vitest"
import { LONGEST_TOPIC, MOST_PARTS } from "../../src/base/limits.ts"
import {
  Dealer,
  Pair,
  // biome-ignore lint/suspicious/noShadowRestrictedNames: this is about the library's Proxy
  Proxy,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../src/index.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { recordEvents, turn, until } from "../support/events.ts"
import { open } from "../support/open.ts"
import { Peer } from "../support/peer.ts"

const many = (count: number): null[] => new Array<null>(count).fill(null)
const TOO_LONG = expect.objectContaining({ code: "EMSGSIZE" })

const SENDERS = { Dealer, Pair, Publisher, Push, Request, Router, XPublisher, XSubscriber }

describe("a message of more parts than any peer takes", () => {
  it.each(Object.entries(SENDERS))("%s refuses at once, whoever is there, and goes on", async (_, Sender) => {
    const socket = open(new Sender({ sendTimeout: 0 }))
    await expect(socket.send(many(MOST_PARTS + 2))).rejects.toEqual(TOO_LONG)
    expect(() => socket.trySend(many(MOST_PARTS + 2))).toThrow(TOO_LONG)
    await socket.send("small").catch(error => expect(error.code).toBe("EAGAIN"))
  })

  it("a REP refuses too, and may still reply", async () => {
    const reply = open(new Reply())
    const request = open(new Request())
    await reply.bind(await freeEndpoint("inproc"))
    request.connect(reply.lastEndpoint!)
    await request.send("?")
    await reply.receive()
    await expect(reply.send(many(MOST_PARTS + 1))).rejects.toEqual(TOO_LONG)
    await reply.send("!")
    expect(String(await request.receive())).toBe("!")
  })
})

describe.each<Scheme>(["inproc", "tcp"])("over %s", scheme => {
  it("the most parts arrive, through an echo of the same type and back", async () => {
    const router = open(new Router())
    const dealer = open(new Dealer())
    await router.bind(await freeEndpoint(scheme))
    dealer.connect(router.lastEndpoint!)
    await dealer.send(many(MOST_PARTS))
    await router.send(await router.receive())
    expect((await dealer.receive()).length).toBe(MOST_PARTS)
  })

  it("a request of the most parts is answered with as many", async () => {
    const reply = open(new Reply())
    const request = open(new Request({ correlate: true }))
    await reply.bind(await freeEndpoint(scheme))
    request.connect(reply.lastEndpoint!)
    await request.send(many(MOST_PARTS - 2))
    await reply.send(await reply.receive())
    expect((await request.receive()).length).toBe(MOST_PARTS - 2)
  })

  it("a reply that its envelope makes too long is dropped, and the REP goes on with the same peer", async () => {
    const reply = open(new Reply())
    const dealer = open(new Dealer())
    await reply.bind(await freeEndpoint(scheme))
    const events = recordEvents(dealer)
    dealer.connect(reply.lastEndpoint!)
    await dealer.send([...new Array<Buffer>(MOST_PARTS - 2).fill(Buffer.from("x")), "", "?"])
    expect(String(await reply.receive())).toBe("?")
    await reply.send(["!", "!"])
    await dealer.send(["", "??"])
    expect(String(await reply.receive())).toBe("??")
    await reply.send("!!")
    expect((await dealer.receive()).map(String)).toEqual(["", "!!"])
    expect(events.map(({ type }) => type)).not.toContain("disconnect")
  })

  it("a Proxy drops what its ROUTER's id makes too long, and keeps its peers", async () => {
    const [front, back] = [open(new Router()), open(new Dealer())]
    const [client, worker] = [open(new Dealer()), open(new Router())]
    await front.bind(await freeEndpoint(scheme))
    await back.bind(await freeEndpoint(scheme))
    client.connect(front.lastEndpoint!)
    worker.connect(back.lastEndpoint!)
    const events = recordEvents(worker)
    const proxy = new Proxy(front, back)
    const ended = proxy.run()
    await client.send(many(MOST_PARTS))
    await client.send("next")
    expect((await worker.receive()).map(String).at(-1)).toBe("next")
    expect(events.map(({ type }) => type)).not.toContain("disconnect")
    proxy.terminate()
    await ended
  })
})

describe.each<Scheme>(["inproc", "ipc", "tcp"])("over %s", scheme => {
  it("topics of 64 KiB to 1 MiB are subscribed to, and starve no others", async () => {
    const publisher = open(new Publisher())
    await publisher.bind(await freeEndpoint(scheme))
    const sizes = [2 ** 16 - 10, 2 ** 16, 2 ** 18, LONGEST_TOPIC]
    const topics = sizes.map((size, n) => Buffer.alloc(size, `${n}`))
    // Before the connection, and after.
    for (const early of [true, false]) {
      const subscriber = open(new Subscriber())
      const events = recordEvents(subscriber)
      if (early) subscriber.subscribe(...topics, "small")
      subscriber.connect(publisher.lastEndpoint!)
      if (!early) subscriber.subscribe(...topics, "small")
      for (const topic of [...topics, Buffer.from("small")]) {
        // What was sent under the topics before may still come.
        for (let heard = false; !heard; await turn()) {
          await publisher.send([topic, "news"])
          while (subscriber.readable) if ((await subscriber.receive())[0]!.equals(topic)) heard = true
        }
      }
      expect(events.map(({ type }) => type)).not.toContain("disconnect")
      subscriber.close()
    }
  })
})

describe("a topic", () => {
  it("that no publisher takes is refused, as an option and as a message", async () => {
    const topic = Buffer.alloc(LONGEST_TOPIC + 1)
    expect(() => open(new Subscriber()).subscribe(topic)).toThrow(TOO_LONG)
    const xsub = open(new XSubscriber())
    await expect(xsub.send(Buffer.concat([Buffer.of(1), topic]))).rejects.toEqual(TOO_LONG)
    expect(() => xsub.trySend(Buffer.concat([Buffer.of(0), topic]))).toThrow(TOO_LONG)
  })
})

describe.each<Scheme>(["ipc", "tcp"])("over %s, libzmq", scheme => {
  it("takes the longest topic of ours, and we take the longest of its", async () => {
    await using peer = await Peer.start("native")
    const topic = Buffer.alloc(LONGEST_TOPIC, "t")
    const theirPub = await peer.call("open", "Publisher")
    const ourSub = open(new Subscriber())
    const theirs = await freeEndpoint(scheme)
    await peer.call("bind", theirPub, theirs)
    ourSub.subscribe(topic)
    ourSub.connect(theirs)
    const got = ourSub.receive()
    let done = false
    void got.then(() => {
      done = true
    })
    while (!done) await peer.call("send", theirPub, [topic.toString("base64")])
    expect((await got)[0]!.equals(topic)).toBe(true)

    const ourPub = open(new XPublisher())
    const theirSub = await peer.call("open", "Subscriber")
    await ourPub.bind(await freeEndpoint(scheme))
    await peer.call("subscribe", theirSub, topic.toString("latin1"))
    await peer.call("connect", theirSub, ourPub.lastEndpoint!)
    expect((await ourPub.receive())[0]!.subarray(1).equals(topic)).toBe(true)
    await ourPub.send([topic, "news"])
    expect((await peer.call("receive", theirSub))[1]).toBe(Buffer.from("news").toString("base64"))
  })
})

describe("with maxMessageSize", () => {
  it("a message of many parts is limited as a whole", async () => {
    const pull = open(new Pull({ maxMessageSize: 64 }))
    const push = open(new Push())
    await pull.bind(await freeEndpoint("tcp"))
    push.connect(pull.lastEndpoint!)
    const events = recordEvents(pull)
    // 4 MiB, where each part counts for 128 bytes more than it has.
    await push.send(many(2 ** 22 / 128))
    expect((await pull.receive()).length).toBe(2 ** 22 / 128)
    await push.send(many(2 ** 22 / 128 + 1))
    await until(() => events.some(({ type }) => type === "disconnect"))
    const told = events.find(({ type }) => type === "disconnect")
    expect((told as { error?: unknown }).error).toMatchObject({
      code: "EMSGSIZE",
      reason: "a message of more than 4194304 bytes with 128 for each part",
    })
  })
})
