/** Cancelling: bind(), iteration and batches() with a signal; send() and receive() alone are in core/traffic.test.ts. */
import { getEventListeners } from "node:events"
import { createServer } from "node:net"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { Pull, Push, type Socket } from "../../src/index.ts"
import { freeEndpoint, freePort } from "../support/endpoints.ts"
import { fakeSocket } from "../support/fake-socket.ts"
import { settled } from "../support/fake-transport.ts"

vi.mock("../../src/base/clock.ts", () => import("../support/fake-clock.ts"))

const reason = new Error("no longer wanted")

function closedInTheEnd<S extends Socket>(socket: S): S {
  onTestFinished(() => socket.close())
  return socket
}

async function pushAndPull() {
  const endpoint = await freeEndpoint("inproc")
  const pull = closedInTheEnd(new Pull())
  const push = closedInTheEnd(new Push())
  await pull.bind(endpoint)
  push.connect(endpoint)
  return { push, pull }
}

describe("bind()", () => {
  it.each(["tcp", "ipc", "inproc"] as const)(
    "over %s with an aborted signal rejects with its reason, and nobody listens",
    async scheme => {
      const endpoint = await freeEndpoint(scheme)
      const socket = closedInTheEnd(new Pull())
      await expect(socket.bind(endpoint, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      expect(socket.lastEndpoint).toBeNull()
      await closedInTheEnd(new Pull()).bind(endpoint)
    },
  )

  it.each(["tcp", "ipc"] as const)(
    "over %s may be aborted under way; the name is free then",
    async scheme => {
      const endpoint = await freeEndpoint(scheme)
      const socket = closedInTheEnd(new Pull())
      const controller = new AbortController()
      const bound = socket.bind(endpoint, { signal: controller.signal })
      controller.abort(reason)
      await expect(bound).rejects.toBe(reason)
      expect(getEventListeners(controller.signal, "abort")).toEqual([])
      await socket.bind(endpoint)
    },
  )

  it("that is aborted when the transport listens already stops listening", async () => {
    const { core, transport } = fakeSocket()
    let listens = () => {}
    transport.listening = new Promise(resolve => {
      listens = resolve
    })
    const controller = new AbortController()
    const bound = core.endpoints.bind("fake://here", controller.signal)
    controller.abort(reason)
    listens()
    await expect(bound).rejects.toBe(reason)
    expect(transport.lastListener.closed).toBe(true)
    core.close()
    await settled()
  })

  it("that succeeds is not undone by a later abort", async () => {
    const controller = new AbortController()
    const socket = closedInTheEnd(new Pull())
    await socket.bind("tcp://127.0.0.1:*", { signal: controller.signal })
    controller.abort(reason)
    const push = closedInTheEnd(new Push())
    push.connect(socket.lastEndpoint as string)
    await push.send("still there")
    expect(String(await socket.receive())).toBe("still there")
  })

  it("that fails for another reason tells that one", async () => {
    const port = await freePort()
    const server = createServer().listen(port, "127.0.0.1")
    onTestFinished(() => void server.close())
    await new Promise(resolve => server.once("listening", resolve))
    const { signal } = new AbortController()
    const bound = closedInTheEnd(new Pull()).bind(`tcp://127.0.0.1:${port}`, { signal })
    await expect(bound).rejects.toMatchObject({ code: "EADDRINUSE" })
    expect(getEventListeners(signal, "abort")).toEqual([])
  })

  it("takes options, and nothing else", () => {
    const socket = closedInTheEnd(new Pull())
    expect(() => socket.bind("tcp://127.0.0.1:*", 1 as never)).toThrow("Expected 1 argument but received 2")
  })
})

describe.each(["messages", "batches"] as const)("%s()", method => {
  it("ends with the signal's reason while it waits; nothing is lost, nothing left behind", async () => {
    const { push, pull } = await pushAndPull()
    const controller = new AbortController()
    const seen: string[] = []
    const loop = (async () => {
      for await (const item of pull[method]({ signal: controller.signal })) seen.push(String(item))
    })()
    await push.send("1")
    await settled()
    controller.abort(reason)
    await expect(loop).rejects.toBe(reason)
    expect(seen).toEqual(["1"])
    expect(getEventListeners(controller.signal, "abort")).toEqual([])
    await push.send("2")
    expect(String(await pull.receive())).toBe("2")
  })

  it("takes no message once the signal is aborted", async () => {
    const { push, pull } = await pushAndPull()
    const controller = new AbortController()
    await push.send("1")
    await push.send("2")
    const iterator = pull[method]({ signal: controller.signal })
    controller.abort(reason)
    await expect(iterator.next()).rejects.toBe(reason)
    expect([String(await pull.receive()), String(await pull.receive())]).toEqual(["1", "2"])
  })

  it("keeps to receiveTimeout as well, whichever comes first", async () => {
    const pull = closedInTheEnd(new Pull({ receiveTimeout: 1 }))
    const { signal } = new AbortController()
    await expect(pull[method]({ signal }).next()).rejects.toMatchObject({ code: "EAGAIN" })
    expect(getEventListeners(signal, "abort")).toEqual([])
  })

  it("ends when the socket is closed, with or without a signal", async () => {
    const { pull } = await pushAndPull()
    const { signal } = new AbortController()
    const waiting = [pull[method]().next(), pull[method]({ signal }).next()]
    pull.close()
    expect(await Promise.all(waiting)).toEqual([
      { value: undefined, done: true },
      { value: undefined, done: true },
    ])
  })

  it("leaves an error alone that only looks like the socket's end", async () => {
    const pull = closedInTheEnd(new Pull())
    const controller = new AbortController()
    const next = pull[method]({ signal: controller.signal }).next()
    const own = Object.assign(new Error("mine"), { code: "EAGAIN" })
    controller.abort(own)
    pull.close()
    await expect(next).rejects.toBe(own)
  })
})

it("a send() that is aborted while it waits has sent nothing, one that resolved has", async () => {
  const push = closedInTheEnd(new Push())
  const controller = new AbortController()
  const given = push.send("given up", { signal: controller.signal })
  controller.abort(reason)
  await expect(given).rejects.toBe(reason)

  const endpoint = await freeEndpoint("inproc")
  const pull = closedInTheEnd(new Pull())
  await pull.bind(endpoint)
  push.connect(endpoint)
  const late = new AbortController()
  const sent = push.send("sent", { signal: late.signal })
  late.abort(reason)
  await sent
  expect(String(await pull.receive())).toBe("sent")
  expect(pull.tryReceive()).toBeUndefined()
})
