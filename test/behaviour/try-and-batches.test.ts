/** trySend(), tryReceive() and batches() of whole sockets (api.md point 2). */
import { describe, expect, it, onTestFinished } from "vitest"
import { Pair, Publisher, Pull, Push, Reply, Request, type Socket } from "../../src/index.ts"
import { BATCH_LIMIT } from "../../src/socket/transfer.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"

function closedInTheEnd<S extends Socket>(socket: S): S {
  onTestFinished(() => socket.close())
  return socket
}

async function pushAndPull(scheme: Scheme, options: { sendHighWaterMark?: number } = {}) {
  const endpoint = await freeEndpoint(scheme)
  const pull = closedInTheEnd(new Pull())
  const push = closedInTheEnd(new Push(options))
  await pull.bind(endpoint)
  push.connect(endpoint)
  return { push, pull }
}

const numbers = (batch: Buffer[][]) => batch.map(parts => Number(parts.join("|")))

describe.each<Scheme>(["inproc", "ipc", "tcp"])("over %s", scheme => {
  it("100,000 messages pass in order by trySend() and batches(), within the limit, none empty", async () => {
    const { push, pull } = await pushAndPull(scheme)
    const total = 100_000
    const sendAll = async () => {
      for (let n = 0; n < total; n++) if (!push.trySend(String(n))) await push.send(String(n))
    }
    const sending = sendAll()
    let expected = 0
    let largest = 0
    for await (const batch of pull.batches()) {
      largest = Math.max(largest, batch.length)
      for (const n of numbers(batch)) {
        if (n !== expected++) throw new Error(`${n} instead of ${expected - 1}`)
      }
      if (expected === total) break
      if (batch.length === 0) throw new Error("an empty batch")
    }
    await sending
    expect(largest).toBeGreaterThan(1)
    expect(largest).toBeLessThanOrEqual(BATCH_LIMIT)
    expect(pull.closed).toBe(false)
  })

  it("100,000 messages of two parts pass in order by tryReceive(), with receive() for the waits", async () => {
    const { push, pull } = await pushAndPull(scheme)
    const total = 100_000
    const sendAll = async () => {
      for (let n = 0; n < total; n++) await push.send([String(n), "second"])
    }
    const sending = sendAll()
    for (let n = 0; n < total; n++) {
      const parts = pull.tryReceive() ?? (await pull.receive())
      if (parts.join() !== `${n},second`) throw new Error(`${parts.join()} instead of ${n}`)
    }
    await sending
    expect(pull.tryReceive()).toBeUndefined()
  })

  it("batches() hands over a lone message, and ends when the socket is closed", async () => {
    const { push, pull } = await pushAndPull(scheme)
    const batches = pull.batches()
    expect(push.trySend("alone") || (await push.send("alone"))).not.toBe(false)
    expect(await batches.next()).toEqual({ value: [[Buffer.from("alone")]], done: false })
    const next = batches.next()
    pull.close()
    expect(await next).toEqual({ value: undefined, done: true })
    expect(await batches.next()).toEqual({ value: undefined, done: true })
  })
})

it("a batch has all that is queued, of each peer in turn", async () => {
  const endpoint = await freeEndpoint("inproc")
  const pull = closedInTheEnd(new Pull())
  await pull.bind(endpoint)
  for (const name of ["a", "b", "c"]) {
    const push = closedInTheEnd(new Push())
    push.connect(endpoint)
    for (let n = 0; n < 100; n++) await push.send(name)
  }
  await new Promise(resolve => setImmediate(resolve))
  const { value } = await pull.batches().next()
  expect(value?.map(String).join("")).toBe("abc".repeat(100))
})

describe("trySend()", () => {
  it("PUSH: false without a peer, and at the high-water mark; then send() waits, and later calls behind it", async () => {
    const { push, pull } = await pushAndPull("inproc", { sendHighWaterMark: 1 })
    expect(closedInTheEnd(new Push()).trySend("to nobody")).toBe(false)
    let taken = 0
    while (push.trySend(String(taken))) taken++
    const waiting = push.send(String(taken))
    expect(push.trySend("overtaking")).toBe(false)
    const seen: number[] = []
    for await (const batch of pull.batches()) {
      seen.push(...numbers(batch))
      if (seen.length > taken) break
    }
    await waiting
    expect(seen).toEqual(Array.from({ length: taken + 1 }, (_, n) => n))
    expect(push.trySend("room again")).toBe(true)
  })

  it("PUB: true even to nobody, as send() drops", () => {
    expect(closedInTheEnd(new Publisher()).trySend("to nobody")).toBe(true)
  })

  it("takes what send() takes, and of an empty array makes as little", async () => {
    const { push, pull } = await pushAndPull("inproc")
    expect(push.trySend([])).toBe(true)
    expect(push.trySend(["text", Buffer.from("bytes"), null, 7])).toBe(true)
    expect((await pull.receive()).map(String)).toEqual(["text", "bytes", "", "7"])
    expect(pull.tryReceive()).toBeUndefined()
    expect(() => push.trySend(undefined as never)).toThrow(new TypeError("Message must be present"))
    expect(() => (push.trySend as (...args: unknown[]) => boolean)("a", {})).toThrow(
      new TypeError("Expected 1 argument but received 2"),
    )
  })
})

describe("REQ and REP keep their turns", () => {
  it("trySend() and tryReceive() throw EFSM out of turn, and batches have one message", async () => {
    const endpoint = await freeEndpoint("inproc")
    const request = closedInTheEnd(new Request())
    const reply = closedInTheEnd(new Reply())
    await reply.bind(endpoint)
    request.connect(endpoint)
    const outOfTurn = expect.objectContaining({ code: "EFSM" })
    expect(() => request.tryReceive()).toThrow(outOfTurn)
    expect(() => reply.trySend("nobody asked")).toThrow(outOfTurn)

    await request.send("question")
    expect(() => request.trySend("and another")).toThrow(outOfTurn)
    expect(await reply.batches().next()).toEqual({ value: [[Buffer.from("question")]], done: false })
    expect(() => reply.tryReceive()).toThrow(outOfTurn)
    expect(reply.trySend("answer")).toBe(true)
    expect(String(await request.receive())).toBe("answer")
  })

  it("what a type cannot do at all throws ENOTSUP", () => {
    const cannot = expect.objectContaining({ code: "ENOTSUP" })
    expect(() => (closedInTheEnd(new Pull()) as unknown as Push).trySend("x")).toThrow(cannot)
    expect(() => (closedInTheEnd(new Push()) as unknown as Pull).tryReceive()).toThrow(cannot)
  })
})

it("each class shows what it can do", () => {
  const push = closedInTheEnd(new Push())
  const pull = closedInTheEnd(new Pull())
  const pair = closedInTheEnd(new Pair())
  // @ts-expect-error a PUSH receives nothing
  expect(typeof push.tryReceive).toBe("function")
  // @ts-expect-error a PULL sends nothing
  expect(typeof pull.trySend).toBe("function")
  expect([typeof pair.trySend, typeof pair.tryReceive, typeof pair.batches]).toEqual(
    Array(3).fill("function"),
  )
})
