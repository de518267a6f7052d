/** What waits, how much of it, and for how long, through the public face and over each transport that knows it (zmq_setsockopt(3)). */
import { describe, expect, it } from "vitest"
import { Pull, Push } from "../../../src/index.ts"
import { freeEndpoint } from "../../support/endpoints.ts"
import { nextEvent, until } from "../../support/events.ts"
import { open } from "../../support/open.ts"

const quick = { reconnectInterval: 5 }

describe.each(["inproc", "ipc", "tcp"] as const)("over %s", scheme => {
  it("immediate false: half of the messages wait for the peer that isn't there", async () => {
    const [there, absent] = [await freeEndpoint(scheme), await freeEndpoint(scheme)]
    const pull = open(new Pull())
    await pull.bind(there)
    const push = open(new Push({ linger: 0 }))
    push.connect(absent)
    push.connect(there)
    for (let n = 0; n < 10; n++) await push.send(String(n))
    for (const n of [1, 3, 5, 7, 9]) expect(String(await pull.receive())).toBe(String(n))
    expect(pull.readable).toBe(false)
  })

  it("immediate true: all messages go to the peer that is there, and send waits while nobody is", async () => {
    const [there, absent] = [await freeEndpoint(scheme), await freeEndpoint(scheme)]
    const push = open(new Push({ immediate: true, linger: 0, ...quick }))
    push.connect(absent)
    push.connect(there)
    expect(push.writable).toBe(false)
    const first = push.send("0")
    const pull = open(new Pull())
    await pull.bind(there)
    await first
    for (let n = 1; n < 10; n++) await push.send(String(n))
    for (let n = 0; n < 10; n++) expect(String(await pull.receive())).toBe(String(n))
    pull.close()
    await until(() => !push.writable)
  })

  it("conflate on the sender: only the newest message waits for a peer, whole", async () => {
    const endpoint = await freeEndpoint(scheme)
    const push = open(new Push({ conflate: true, ...quick }))
    push.connect(endpoint)
    for (let n = 0; n < 50; n++) await push.send([String(n), "tail"])
    const pull = open(new Pull())
    await pull.bind(endpoint)
    expect((await pull.receive()).map(String)).toEqual(["49", "tail"])
    expect(pull.readable).toBe(false)
  })

  it("conflate on the receiver: only the newest message waits to be received", async () => {
    const endpoint = await freeEndpoint(scheme)
    const pull = open(new Pull({ conflate: true }))
    await pull.bind(endpoint)
    const push = open(new Push())
    push.connect(endpoint)
    for (let n = 0; n < 50; n++) await push.send([String(n), "tail"])
    // The newest one comes last: whoever waits for it receives it, whatever was seen before.
    for (;;) {
      const [number, tail] = await pull.receive()
      expect(String(tail)).toBe("tail")
      if (String(number) === "49") break
    }
    expect(pull.readable).toBe(false)
  })

  it("sendHighWaterMark: so many messages wait for a peer that isn't there", async () => {
    const push = open(new Push({ sendHighWaterMark: 10, sendTimeout: 0, linger: 0 }))
    push.connect(await freeEndpoint(scheme))
    for (let n = 0; n < 10; n++) await push.send("x")
    expect(push.writable).toBe(false)
    await expect(push.send("x")).rejects.toMatchObject({ code: "EAGAIN" })
    // Live: a higher mark makes room at once; 0 is no limit.
    push.sendHighWaterMark = 11
    await push.send("x")
    await expect(push.send("x")).rejects.toMatchObject({ code: "EAGAIN" })
    push.sendHighWaterMark = 0
    for (let n = 0; n < 5000; n++) await push.send("x")
  })

  it("linger 0: what is queued is dropped by close()", async () => {
    const endpoint = await freeEndpoint(scheme)
    const push = open(new Push({ linger: 0, ...quick }))
    push.connect(endpoint)
    await push.send("lost")
    push.close()
    const pull = open(new Pull({ receiveTimeout: 100 }))
    await pull.bind(endpoint)
    await expect(pull.receive()).rejects.toMatchObject({ code: "EAGAIN" })
  })

  it("linger -1: what is queued is delivered after close(), though the peer comes later", async () => {
    const endpoint = await freeEndpoint(scheme)
    const push = open(new Push(quick))
    push.connect(endpoint)
    for (let n = 0; n < 100; n++) await push.send(String(n))
    push.close()
    const pull = open(new Pull())
    await pull.bind(endpoint)
    for (let n = 0; n < 100; n++) expect(String(await pull.receive())).toBe(String(n))
  })

  it("linger: disconnect() delivers what was sent too", async () => {
    const endpoint = await freeEndpoint(scheme)
    const pull = open(new Pull({ receiveHighWaterMark: 1 }))
    await pull.bind(endpoint)
    const push = open(new Push())
    push.connect(endpoint)
    for (let n = 0; n < 500; n++) await push.send([String(n), Buffer.alloc(20_000)])
    push.disconnect(endpoint)
    expect(push.writable).toBe(false)
    for (let n = 0; n < 500; n++) expect((await pull.receive())[0]?.toString()).toBe(String(n))
  })

  it("sendTimeout and receiveTimeout: EAGAIN when the time is over, not before the operation was tried", async () => {
    const endpoint = await freeEndpoint(scheme)
    const push = open(new Push({ sendTimeout: 20 }))
    const pull = open(new Pull({ receiveTimeout: 20 }))
    await push.bind(endpoint)
    await expect(push.send("x")).rejects.toMatchObject({ code: "EAGAIN", errno: 11 })
    await expect(pull.receive()).rejects.toMatchObject({ code: "EAGAIN", errno: 11 })
    const received = pull.receive()
    pull.connect(endpoint)
    push.sendTimeout = -1
    await push.send("in time")
    pull.receiveTimeout = -1
    expect(String(await received.catch(() => pull.receive()))).toBe("in time")
  })
})

describe("over tcp", () => {
  it("linger n: drain() gives up after so many milliseconds when the peer takes nothing", async () => {
    const pull = open(new Pull({ receiveHighWaterMark: 1 }))
    await pull.bind("tcp://127.0.0.1:*")
    const gone = nextEvent(pull, "disconnect")
    const push = open(new Push({ linger: 50 }))
    push.connect(pull.lastEndpoint as string)
    for (let n = 0; n < 100; n++) await push.send(Buffer.alloc(1 << 20))
    // Reading begins only once the linger time is over: the connection ends in the middle.
    expect(await push.drain()).not.toEqual([])
    let received = 0
    pull.receiveTimeout = 500
    while (await pull.receive().then(Boolean, () => false)) received++
    expect(received).toBeLessThan(100)
    await gone
  })
})
