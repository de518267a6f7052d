/** withCodec() on every socket type, and what becomes of messages that are not valid. */
import { once } from "node:events"
import { connect } from "node:net"
import { runInNewContext } from "node:vm"
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest"
import { byTopic, type Codec, InvalidMessageError, json, raw, withCodec } from "zeromq-ts/codec"
import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Stream,
  Subscriber,
  XPublisher,
  XSubscriber,
  ZmqError,
} from "../../../src/index.ts"
import { linked, open, receiver, untilHeard } from "./support.ts"

interface Order {
  readonly id: number
}

const orders = json<Order>()

const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {})
afterEach(() => warnings.mockClear())

const rejection = (promise: Promise<unknown>): Promise<InvalidMessageError> =>
  promise.then(
    () => expect.unreachable("it didn't reject"),
    error => error,
  )

describe("values pass", () => {
  it.each(["inproc", "tcp"] as const)(
    "as frames of any memory, over %s, and arrive as Buffers",
    async scheme => {
      const [pull, push] = await linked(scheme, new Pull(), new Push())
      const frames = runInNewContext(
        "[Uint8Array.of(1), new DataView(Uint8Array.of(2).buffer)]",
      ) as Uint8Array[]
      const codec: Codec<Buffer[], number> = { encode: at => frames[at] ?? frames, decode: parts => parts }
      for (const value of [0, 1, 2]) await withCodec(push, codec).send(value)
      for (const expected of [[Buffer.of(1)], [Buffer.of(2)], [Buffer.of(1), Buffer.of(2)]])
        expect(await pull.receive()).toEqual(expected)
    },
  )

  it("from PUSH to PULL, one by one, by iteration and in batches", async () => {
    const [pull, push] = await linked("tcp", new Pull(), new Push())
    const out = withCodec(push, orders)
    const into = withCodec(pull, orders)
    for (let id = 0; id < 100; id++) await out.send({ id })
    expect(await into.receive()).toEqual({ id: 0 })
    let next = 1
    for await (const order of into) {
      expect(order).toEqual({ id: next++ })
      if (next === 10) break
    }
    for await (const batch of into.batches()) {
      for (const order of batch) expect(order).toEqual({ id: next++ })
      if (next === 100) break
    }
    expect(into.tryReceive()).toBeUndefined()
    expect(out.trySend({ id: 100 })).toBe(true)
    expect(await into.receive()).toEqual({ id: 100 })
  })

  it("between two PAIRs, both ways", async () => {
    const [a, b] = await linked("inproc", new Pair(), new Pair())
    const [left, right] = [withCodec(a, orders), withCodec(b, orders)]
    await left.send({ id: 1 })
    await right.send(await right.receive())
    expect(await left.receive()).toEqual({ id: 1 })
  })

  it("from REQ to REP and back; envelopes are the sockets' business", async () => {
    const [reply, request] = await linked("tcp", new Reply(), new Request())
    const server = withCodec(reply, orders)
    const client = withCodec(request, orders)
    const serving = (async () => {
      for await (const { id } of server) {
        await server.send({ id: id + 1 })
        if (id === 2) break
      }
    })()
    for (const id of [1, 2]) {
      await client.send({ id })
      expect(await client.receive()).toEqual({ id: id + 1 })
    }
    await serving
  })

  it("from PUB to SUB, with a topic by which the publisher filters", async () => {
    const [subscriber, publisher] = await linked("tcp", new Subscriber(), new Publisher())
    subscriber.subscribe("even")
    const quotes = byTopic(orders, ({ id }) => (id % 2 === 0 ? "even" : "odd"))
    const out = withCodec(publisher, quotes)
    const into = withCodec(subscriber, quotes)
    await untilHeard(into.receive(), () => out.send({ id: 0 }))
    for (let id = 0; id < 5; id++) await out.send({ id })
    await out.send({ id: 1000 })
    const seen: number[] = []
    for await (const { id } of into) {
      if (id === 1000) break
      seen.push(id)
    }
    expect(seen.filter(id => id > 0)).toEqual([2, 4])
  })

  it("carry the topic to a codec that wants it", async () => {
    const [subscriber, publisher] = await linked("inproc", new Subscriber(), new Publisher())
    subscriber.subscribe("")
    const codec = {
      encode: (value: { topic: string; n: number }) => ({ topic: value.topic, body: [`${value.n}`, ""] }),
      decode: ([n]: Buffer[], topic: Buffer) => ({ topic: `${topic}`, n: Number(n) }),
    }
    const send = () => withCodec(publisher, codec).send({ topic: "t", n: 5 })
    const heard = withCodec(subscriber, codec).receive()
    expect(await untilHeard(heard, send)).toEqual({ topic: "t", n: 5 })
  })

  it("from ROUTER to DEALER, behind the routing id", async () => {
    const [router, dealer] = await linked("tcp", new Router(), new Dealer({ routingId: "d" }))
    const hub = withCodec(router, orders)
    const worker = withCodec(dealer, orders)
    await worker.send({ id: 1 })
    const [id, order] = await hub.receive()
    expect([`${id}`, order]).toEqual(["d", { id: 1 }])
    await hub.send([id, { id: 2 }])
    await hub.send(["d", { id: 3 }])
    expect([await worker.receive(), await worker.receive()]).toEqual([{ id: 2 }, { id: 3 }])
  })

  it("from REQ to ROUTER, where the envelope has a delimiter", async () => {
    const [router, request] = await linked("tcp", new Router(), new Request({ routingId: "r" }))
    const server = withCodec(router, orders, { delimiter: true })
    const client = withCodec(request, orders)
    for (const answer of ["envelope", "id"] as const) {
      await client.send({ id: 1 })
      const [envelope, order] = await server.receive()
      expect([envelope.map(String), order]).toEqual([["r", ""], { id: 1 }])
      await server.send([answer === "id" ? "r" : envelope, { id: 2 }])
      expect(await client.receive()).toEqual({ id: 2 })
    }
  })

  it("from DEALER to REP, with the delimiter that it wants", async () => {
    const [reply, dealer] = await linked("tcp", new Reply(), new Dealer())
    const server = withCodec(reply, orders)
    const client = withCodec(dealer, orders, { delimiter: true })
    await client.send({ id: 1 })
    await server.send(await server.receive())
    expect(await client.receive()).toEqual({ id: 1 })
  })

  it("from XPUB to XSUB; subscriptions go the other way as they are", async () => {
    const [x, y] = await linked("inproc", new XPublisher(), new XSubscriber())
    const quotes = byTopic(orders, ({ id }) => `${id}`)
    const [publisher, subscriber] = [withCodec(x, quotes), withCodec(y, quotes)]
    await subscriber.send(Buffer.from("\x01"))
    expect(await publisher.receive()).toEqual([Buffer.from("\x01")])
    await publisher.send({ id: 7 })
    expect(await subscriber.receive()).toEqual({ id: 7 })
  })

  it("over STREAM, behind the id of the connection", async () => {
    const [socket] = await linked("tcp", new Stream({ notify: false }))
    const server = withCodec(socket, orders)
    const peer = connect(Number(new URL(socket.lastEndpoint as string).port), "127.0.0.1")
    onTestFinished(() => void peer.destroy())
    peer.write('{"id":1}')
    const [id, order] = await server.receive()
    await server.send([id, { id: order.id + 1 }])
    expect(String((await once(peer, "data"))[0])).toBe('{"id":2}')
  })

  it("of several frames", async () => {
    const [pull, push] = await linked("inproc", new Pull(), new Push())
    const codec = {
      encode: ({ head, body }: { head: string; body: Buffer }) => [head, body],
      decode: ([head, body]: Buffer[]) => ({ head: String(head), body: body as Buffer }),
    }
    await withCodec(push, codec).send({ head: "h", body: Buffer.from("b") })
    expect(await withCodec(pull, codec).receive()).toEqual({ head: "h", body: Buffer.from("b") })
  })

  it("as bytes, with raw()", async () => {
    const [pull, push] = await linked("inproc", new Pull(), new Push())
    await withCodec(push, raw()).send(["a", Buffer.from("b"), null])
    expect((await withCodec(pull, raw()).receive()).map(String)).toEqual(["a", "b", ""])
  })
})

describe("a value that can't be encoded", () => {
  it.each([
    ["a cycle", cyclic],
    ["nothing at all", () => undefined],
    ["a bigint", () => 1n],
  ])("%s: send() rejects, trySend() throws, and nothing was sent", async (_, value) => {
    const [pull, push] = await linked("inproc", new Pull(), new Push())
    const out = withCodec(push, json<unknown>())
    await expect(out.send(value())).rejects.toThrow(TypeError)
    expect(() => out.trySend(value())).toThrow(TypeError)
    await out.send("fine")
    expect(String(await pull.receive())).toBe('"fine"')
  })

  it("of no frames, or without its topic, is a TypeError as well", async () => {
    const none = { encode: () => [], decode: () => 0 }
    await expect(withCodec(open(new Push()), none).send(0)).rejects.toThrow("one frame at least")
    await expect(withCodec(open(new Push()), raw()).send([])).rejects.toThrow("one frame at least")
    const xsub = withCodec(
      open(new XSubscriber()),
      byTopic(orders, () => ""),
    )
    await expect(xsub.send([])).rejects.toThrow("one frame at least")
    const publisher = withCodec(open(new Publisher()), json() as never)
    await expect((publisher as { send(value: unknown): Promise<void> }).send(0)).rejects.toThrow("byTopic()")
  })
})

function cyclic(): object {
  const value: Record<string, unknown> = {}
  value.self = value
  return value
}

describe("a message that is not valid", () => {
  it("rejects receive(), with the message in the error; the next one follows", async () => {
    const { push, pull } = await receiver()
    await push.send(["one", "two"])
    await push.send("2")
    const error = await rejection(pull.receive())
    expect(error).toBeInstanceOf(InvalidMessageError)
    expect(error).toBeInstanceOf(ZmqError)
    expect(error.code).toBe("EBADMSG")
    expect(error.reason).toBe("2 frames instead of one")
    expect(error.message).toBe("Bad message: 2 frames instead of one")
    expect(error.parts.map(String)).toEqual(["one", "two"])
    expect(error.issues).toEqual([])
    expect(await pull.receive()).toBe(2)
  })

  it("makes tryReceive() throw", async () => {
    const { push, pull } = await receiver()
    await push.send("no json")
    await push.send("2")
    await expect.poll(() => pull.socket.readable).toBe(true)
    expect(() => pull.tryReceive()).toThrow(InvalidMessageError)
    expect(pull.tryReceive()).toBe(2)
  })

  it.each(["messages", "batches"] as const)("is handed to the handler, and %s() goes on", async method => {
    const errors: InvalidMessageError[] = []
    const { push, pull } = await receiver({ onInvalid: error => void errors.push(error) })
    for (const text of ["1", "a", "b", "2", "c", "3"]) await push.send(text)
    const seen: number[] = []
    for await (const item of pull[method]()) {
      seen.push(...[item].flat())
      if (seen.length === 3) break
    }
    expect(seen).toEqual([1, 2, 3])
    expect(errors.map(({ parts }) => String(parts))).toEqual(["a", "b", "c"])
    expect(warnings).not.toHaveBeenCalled()
  })

  it("is told as a warning when nobody handles it: the 1st, the 2nd, the 4th, …", async () => {
    const { push, pull } = await receiver()
    for (let n = 1; n <= 20; n++) await push.send(`bad ${n}`)
    await push.send("0")
    for await (const value of pull) {
      expect(value).toBe(0)
      break
    }
    const told = warnings.mock.calls.map(([error]) => String((error as InvalidMessageError).parts))
    expect(told).toEqual(["bad 1", "bad 2", "bad 4", "bad 8", "bad 16"])
  })

  it("may end the iteration instead; the next iteration goes on behind it", async () => {
    const { push, pull } = await receiver({ onInvalid: "throw" })
    for (const text of ["1", "a", "2"]) await push.send(text)
    const seen: unknown[] = []
    const loop = async () => {
      for await (const value of pull) seen.push(value)
    }
    expect((await rejection(loop())).parts.map(String)).toEqual(["a"])
    expect(await pull.receive()).toBe(2)
    expect(seen).toEqual([1])
  })

  it("may end the iteration over batches, which loses none of the batch", async () => {
    const { push, pull } = await receiver({ onInvalid: "throw" })
    for (const text of ["1", "2", "a", "3", "b", "4", "5", "6"]) await push.send(text)
    const seen: number[][] = []
    const loop = async () => {
      for await (const batch of pull.batches()) seen.push(batch)
    }
    expect((await rejection(loop())).parts.map(String)).toEqual(["a"])
    expect(await pull.receive()).toBe(3)
    expect((await rejection(loop())).parts.map(String)).toEqual(["b"])
    expect(pull.tryReceive()).toBe(4)
    expect(await pull.messages().next()).toEqual({ value: 5, done: false })
    expect((await pull.batches().next()).value).toEqual([6])
    expect(seen).toEqual([[1, 2]])
  })

  it("ends the iteration with what the handler throws", async () => {
    const { push, pull } = await receiver({
      onInvalid: () => {
        throw new Error("enough")
      },
    })
    await push.send("bad")
    await expect(pull.messages().next()).rejects.toThrow("enough")
  })

  it("however many there are, costs neither memory nor the event loop's turn", async () => {
    const { push, pull } = await receiver({ onInvalid: () => {} })
    let sending = true
    const sendAll = async () => {
      while (sending) await push.send("bad")
      await push.send("1")
    }
    const sent = sendAll()
    setTimeout(() => {
      sending = false
    }, 50)
    expect((await pull.messages().next()).value).toBe(1)
    await sent
  })

  it("of a REQ is answered with an empty frame, or as the handler says, and the REP goes on", async () => {
    for (const answer of [undefined, { id: 400 }]) {
      const [reply, request] = await linked("inproc", new Reply(), new Request())
      const server = withCodec(reply, orders, { onInvalid: () => answer })
      const serving = (async () => {
        for await (const order of server) return server.send(order)
      })()
      await request.send("nonsense")
      expect(String(await request.receive())).toBe(answer === undefined ? "" : '{"id":400}')
      await request.send('{"id":5}')
      expect(String(await request.receive())).toBe('{"id":5}')
      await serving
    }
  })

  it("that receive() of a REP has rejected may be answered by the program", async () => {
    const [reply, request] = await linked("inproc", new Reply(), new Request())
    const server = withCodec(reply, orders)
    await request.send("nonsense")
    expect((await rejection(server.receive())).code).toBe("EBADMSG")
    await server.send({ id: 1 })
    expect(String(await request.receive())).toBe('{"id":1}')
  })

  it.each([
    [
      "PUB without a body",
      async () => {
        const [subscriber, publisher] = await linked("inproc", new Subscriber(), new Publisher())
        subscriber.subscribe("")
        const received = withCodec(
          subscriber,
          byTopic(orders, () => ""),
        ).receive()
        return untilHeard(received, () => publisher.send("topic"))
      },
    ],
    [
      "DEALER without a body",
      async () => {
        const [router, dealer] = await linked("inproc", new Router(), new Dealer())
        await dealer.send('{"id":1}')
        return withCodec(router, orders, { delimiter: true }).receive()
      },
    ],
    [
      "REQ behind its delimiter",
      async () => {
        const [router, request] = await linked("inproc", new Router(), new Request())
        await request.send('{"id":1}')
        return withCodec(router, orders).receive()
      },
    ],
  ])("is one from %s", async (_, received) => {
    expect((await rejection(received())).code).toBe("EBADMSG")
  })
})

describe("a socket with a codec", () => {
  it("is bound, connected, drained and closed as the socket is", async () => {
    const [pull, push] = [withCodec(open(new Pull()), orders), withCodec(open(new Push()), orders)]
    await pull.bind("tcp://127.0.0.1:*")
    push.connect(pull.lastEndpoint as string)
    await push.send({ id: 1 })
    expect(await pull.receive()).toEqual({ id: 1 })
    push.disconnect(pull.lastEndpoint as string)
    expect(await push.drain()).toEqual([])
    await pull.unbind(pull.lastEndpoint as string)
    expect([push.closed, pull.closed, pull.socket.closed]).toEqual([true, false, false])
    expect(pull.events).toBe(pull.socket.events)
    pull.close()
    expect(pull.socket.closed).toBe(true)
  })

  it("gives the peer a name with connect(), where the socket does", async () => {
    const [dealer] = await linked("inproc", new Dealer())
    const router = withCodec(open(new Router()), orders)
    router.connect(dealer.lastEndpoint as string, { routingId: "him" })
    await router.send(["him", { id: 1 }])
    expect(await withCodec(dealer, orders).receive()).toEqual({ id: 1 })
  })

  it("ends its iterations when it is closed", async () => {
    const pull = withCodec(open(new Pull()), orders)
    const waiting = [pull.messages().next(), pull.batches().next()]
    pull.close()
    expect((await Promise.all(waiting)).map(({ done }) => done)).toEqual([true, true])
    await expect(pull.receive()).rejects.toMatchObject({ code: "EBADF" })
    expect(() => pull.tryReceive()).toThrow(expect.objectContaining({ code: "EBADF" }))
  })

  it("takes signals; an aborted wait takes no message", async () => {
    const { push, pull } = await receiver()
    const reason = new Error("no longer")
    const controller = new AbortController()
    const { signal } = controller
    const waiting = [
      pull.receive({ signal }),
      pull.messages({ signal }).next(),
      pull.batches({ signal }).next(),
    ]
    controller.abort(reason)
    for (const wait of waiting) await expect(wait).rejects.toBe(reason)
    await push.send("1")
    await expect.poll(() => pull.socket.readable).toBe(true)
    await expect(pull.receive({ signal })).rejects.toBe(reason)
    await expect(pull.messages({ signal }).next()).rejects.toBe(reason)
    await expect(pull.batches({ signal }).next()).rejects.toBe(reason)
    expect(await pull.receive()).toBe(1)
    const nowhere = withCodec(open(new Push()), orders)
    await expect(nowhere.send({ id: 1 }, { signal })).rejects.toBe(reason)
  })

  it("is disposed of", async () => {
    let outside: { closed: boolean }
    {
      await using pull = withCodec(new Pull(), orders)
      await pull.bind("inproc://disposed-with-a-codec")
      outside = pull
    }
    expect(outside.closed).toBe(true)
    {
      using push = withCodec(new Push(), orders)
      outside = push
    }
    expect(outside.closed).toBe(true)
  })

  it("shares the socket with its bytes", async () => {
    const { push, pull } = await receiver()
    await push.send("1")
    await push.send("bytes")
    expect(await pull.receive()).toBe(1)
    expect(String(await pull.socket.receive())).toBe("bytes")
  })
})
