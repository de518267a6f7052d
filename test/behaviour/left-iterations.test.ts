/** An iteration that is left while it waits: nothing is taken, and nothing is held. */
import { Readable as NodeReadable } from "node:stream"
import { ReadableStream } from "node:stream/web"
import { describe, expect, it } from "vitest"
import { json, withCodec } from "../../src/entries/codec.ts"
import { Pull, Push } from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { turn } from "../support/events.ts"
import { open } from "../support/open.ts"

async function pipeline() {
  const pull = open(new Pull())
  const push = open(new Push())
  await pull.bind(await freeEndpoint("inproc"))
  push.connect(pull.lastEndpoint as string)
  return { pull, push }
}

type Pipeline = Awaited<ReturnType<typeof pipeline>>

/** Begins to wait for a message, and returns how to leave. */
const WAYS: Readonly<Record<string, (pull: Pull) => () => unknown>> = {
  "return() of the socket's iterator": pull => {
    const messages = pull[Symbol.asyncIterator]()
    void messages.next()
    return () => messages.return?.()
  },
  "return() of messages()": pull => {
    const messages = pull.messages()
    void messages.next()
    return () => messages.return()
  },
  "return() of messages() that waits with a signal": pull => {
    const messages = pull.messages({ signal: new AbortController().signal })
    void messages.next()
    return () => messages.return()
  },
  "return() of batches()": pull => {
    const batches = pull.batches()
    void batches.next()
    return () => batches.return()
  },
  "return() of a codec's messages": pull => {
    const messages = withCodec(pull, json<string>()).messages()
    void messages.next()
    return () => messages.return()
  },
  "return() of a codec's batches": pull => {
    const batches = withCodec(pull, json<string>()).batches()
    void batches.next()
    return () => batches.return()
  },
  "destroy() of a Readable": pull => {
    const readable = NodeReadable.from(pull)
    readable.on("data", () => {})
    return () => readable.destroy()
  },
  "cancel() of a ReadableStream": pull => {
    const stream = (ReadableStream as unknown as { from(source: object): ReadableStream }).from(pull)
    const reader = stream.getReader()
    void reader.read()
    return () => reader.cancel()
  },
}

async function turns(): Promise<void> {
  for (let i = 0; i < 5; i++) await turn()
}

describe.each(Object.entries(WAYS))("%s", (_, begin) => {
  it("leaves the next message to the next receiver, whether or not one waits already", async () => {
    const { pull, push }: Pipeline = await pipeline()
    const leave = begin(pull)
    await turns()
    const behind = pull.receive()
    void leave()
    await turns()
    await push.send('"first"')
    expect(String(await behind)).toBe('"first"')
    await push.send('"second"')
    expect(String(await pull.receive())).toBe('"second"')
  })
})

describe("return()", () => {
  it("ends the wait of next(), and the iteration", async () => {
    const { pull, push } = await pipeline()
    for (const messages of [pull.messages(), pull.batches(), withCodec(pull, json()).messages()]) {
      const waiting = [messages.next(), messages.next()]
      expect(await messages.return()).toEqual({ value: undefined, done: true })
      for (const next of waiting) expect(await next).toEqual({ value: undefined, done: true })
      expect(await messages.next()).toEqual({ value: undefined, done: true })
    }
    await push.send("still here")
    expect(String(await pull.receive())).toBe("still here")
  })

  it("of one iteration keeps the others waiting", async () => {
    const { pull, push } = await pipeline()
    const [left, other] = [pull.messages(), pull.messages()]
    void left.next()
    const next = other.next()
    await left.return()
    await push.send("for the other")
    expect(String((await next).value)).toBe("for the other")
  })

  it("leaving a loop doesn't end those that follow", async () => {
    const { pull, push } = await pipeline()
    for (const text of ["1", "2"]) {
      await push.send(text)
      for await (const [body] of pull) {
        expect(String(body)).toBe(text)
        break
      }
    }
  })
})

describe("an observer's iteration", () => {
  it("takes no event once it is left", async () => {
    const { pull } = await pipeline()
    const { events } = pull
    const first = events[Symbol.asyncIterator]()
    const waiting = [first.next(), first.next()]
    await turns()
    expect(await first.return?.()).toEqual({ value: undefined, done: true })
    for (const next of waiting) expect(await next).toEqual({ value: undefined, done: true })
    const endpoint = await freeEndpoint("tcp")
    const push = open(new Push())
    push.connect(endpoint)
    await pull.bind(endpoint)
    expect((await events.receive()).type).toBe("bind")
  })

  it("goes on in order when next() is called ahead, and ends with the observer", async () => {
    const { pull } = await pipeline()
    const iteration = pull.events[Symbol.asyncIterator]()
    const seen = [iteration.next(), iteration.next(), iteration.next()]
    await pull.bind(await freeEndpoint("tcp"))
    pull.close()
    expect((await Promise.all(seen)).map(({ value, done }) => (done ? "done" : value.type))).toEqual([
      "bind",
      "close",
      "end",
    ])
    expect(await iteration.next()).toEqual({ value: undefined, done: true })
  })
})
