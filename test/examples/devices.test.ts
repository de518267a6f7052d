/** The small examples, with libzmq on the other ends. */
import { afterEach, describe, expect, test } from "vitest"
import { freeEndpoint } from "../support/endpoints.ts"
import { Peer } from "../support/peer.ts"
import { endAll, Run } from "./run.ts"

afterEach(endAll)

const base64 = (...parts: string[]) => parts.map(part => Buffer.from(part, "latin1").toString("base64"))

async function next(peer: Peer, socket: string): Promise<string> {
  const parts = await peer.call("receive", socket)
  return parts.map(part => Buffer.from(part, "base64").toString("latin1")).join(" ")
}

describe("last-value-cache", () => {
  test("shows that a late subscriber gets the last value at once", async () => {
    const run = Run.asUser("last-value-cache")
    expect(await run.ended).toEqual({ code: 0, signal: null })
    expect([run.out, run.err]).toEqual([
      `early subscriber: oslo 4
early subscriber: rome 19
early subscriber: oslo 5
the publisher has left
late subscriber to oslo: oslo 5
`,
      "",
    ])
  })

  test("stands between a publisher and subscribers of libzmq", async () => {
    await using peer = await Peer.start("native")
    const publisher = await peer.call("open", "XPublisher")
    const from = await peer.call("bind", publisher, "tcp://127.0.0.1:*")
    const to = await freeEndpoint("tcp")
    const run = Run.compiled("last-value-cache", from, to)
    await run.printed(new RegExp(`following ${from}, serving ${to}\n`))
    const subscribe = async (...topics: string[]) => {
      const subscriber = await peer.call("open", "Subscriber")
      await peer.call("connect", subscriber, to)
      await peer.call("subscribe", subscriber, ...topics)
      return subscriber
    }
    const all = await subscribe("")
    expect(await next(peer, publisher)).toBe("\x01")
    for (const message of [
      ["oslo", "4"],
      ["rome", "19"],
      ["oslo", "5", "rain"],
    ])
      await peer.call("send", publisher, base64(...message))
    // Its own subscription may have come before, between or after these.
    const seen = new Set<string>()
    while (!(seen.has("rome 19") && seen.has("oslo 5 rain"))) seen.add(await next(peer, all))
    await peer.call("close", publisher)

    expect(await next(peer, await subscribe("oslo"))).toBe("oslo 5 rain")
    const everything = await subscribe("")
    const values = [await next(peer, everything), await next(peer, everything)]
    expect(values).toEqual(["oslo 5 rain", "rome 19"])
    run.kill("SIGINT")
    expect(await run.ended).toEqual({ code: 130, signal: null })
    expect(run.err).toBe("")
  })
})

describe("subscription-forwarder", () => {
  test("shows that subscriptions go up and messages come down", async () => {
    const run = Run.asUser("subscription-forwarder")
    expect(await run.ended).toEqual({ code: 0, signal: null })
    expect([run.out, run.err]).toEqual([
      `the publisher hears: news is wanted
the subscriber receives: news: all is well
the publisher hears: news is wanted no more
`,
      "",
    ])
  })

  test("lets publishers and subscribers of libzmq meet", async () => {
    await using peer = await Peer.start("native")
    const run = Run.compiled("subscription-forwarder", "tcp://127.0.0.1:*", "tcp://127.0.0.1:*")
    const [, up, down] = await run.printed(/publishers at (\S+), subscribers at (\S+)\n/)
    const publishers = [await peer.call("open", "XPublisher"), await peer.call("open", "XPublisher")]
    for (const publisher of publishers) await peer.call("connect", publisher, up ?? "")
    const subscribers = [await peer.call("open", "Subscriber"), await peer.call("open", "Subscriber")]
    for (const subscriber of subscribers) await peer.call("connect", subscriber, down ?? "")
    const [first = "", second = ""] = subscribers
    await peer.call("subscribe", first, "news")
    for (const publisher of publishers) expect(await next(peer, publisher)).toBe("\x01news")
    await peer.call("subscribe", second, "news", "sports")
    for (const publisher of publishers) expect(await next(peer, publisher)).toBe("\x01sports")
    for (const publisher of publishers) {
      await peer.call("send", publisher, base64("weather", "fine"))
      await peer.call("send", publisher, base64("news", publisher))
      for (const subscriber of subscribers) expect(await next(peer, subscriber)).toBe(`news ${publisher}`)
    }
    await peer.call("unsubscribe", first, "news")
    await peer.call("close", second)
    for (const publisher of publishers) {
      expect(new Set([await next(peer, publisher), await next(peer, publisher)])).toEqual(
        new Set(["\x00news", "\x00sports"]),
      )
    }
    run.kill("SIGTERM")
    expect(await run.ended).toEqual({ code: 143, signal: null })
    expect(run.err).toBe("")
  })
})

test.each(["last-value-cache", "subscription-forwarder"])("%s tells mistakes in words", async example => {
  const wrong = Run.compiled(example, "tcp://127.0.0.1:1")
  expect(await wrong.ended).toEqual({ code: 2, signal: null })
  expect(wrong.err).toMatch(new RegExp(`^usage: ${example} `))
  const busy = Run.compiled(example, "tcp://127.0.0.1:*", "tcp://192.0.2.1:5555")
  expect(await busy.ended).toEqual({ code: 1, signal: null })
  expect(busy.err).toMatch(new RegExp(`^${example}: .+: tcp:\\S+\n$`))
})
