/** What anybody in the process may say where threads of the library meet: it must end nothing but itself. */
import {
  BroadcastChannel,
  getEnvironmentData,
  MessageChannel,
  type MessagePort,
  setEnvironmentData,
} from "node:worker_threads"
import { describe, expect, it, onTestFinished } from "vitest"
import type { ConnectionSink } from "../../../src/contracts/connection.ts"
import type { Message } from "../../../src/contracts/message.ts"
import { Pull, Push } from "../../../src/index.ts"
import { creditMemory } from "../../../transports/threads/credit.ts"
import { ThreadEnd } from "../../../transports/threads/link.ts"
import { Packer } from "../../../transports/threads/parcel.ts"
import { NameRegistry } from "../../../transports/threads/registry.ts"
import { until } from "../../support/events.ts"
import { open } from "../../support/open.ts"
import { PeerThread } from "../../support/peer-thread.ts"

const PROTOCOL = "zeromq-ts.inproc/2"

/** Values that a structured clone carries, and that mean nothing. */
const JUNK: readonly unknown[] = [
  5,
  null,
  undefined,
  "bound",
  [],
  {},
  { bound: "x" },
  { bound: null, registry: null },
  { registry: 5 },
  { registry: new ArrayBuffer(8) },
  { registry: new SharedArrayBuffer(8) },
  { registry: new SharedArrayBuffer(0) },
]

let names = 0

async function talks(thread: PeerThread): Promise<void> {
  const endpoint = `inproc://stranger-${++names}`
  const pull = open(new Pull())
  await pull.bind(endpoint)
  const push = await thread.call("open", "Push")
  await thread.call("connect", push, endpoint)
  await thread.call("send", push, [Buffer.from("hello").toString("base64")])
  expect(String(await pull.receive())).toBe("hello")
  const here = open(new Push())
  here.connect(endpoint)
  await here.send("and here")
  expect(String(await pull.receive())).toBe("and here")
}

describe("what strangers say", () => {
  it("on the broadcast channel is ignored in every thread", async () => {
    const thread = await PeerThread.start()
    onTestFinished(() => thread.kill())
    await talks(thread)
    const registry = getEnvironmentData(PROTOCOL)
    const channel = new BroadcastChannel(PROTOCOL)
    const heard = new BroadcastChannel(PROTOCOL)
    onTestFinished(() => {
      channel.close()
      heard.close()
    })
    let count = 0
    heard.onmessage = () => count++
    for (const junk of JUNK) channel.postMessage(junk)
    await until(() => count >= JUNK.length)
    await talks(thread)
    expect(getEnvironmentData(PROTOCOL)).toBe(registry)
  })

  it("in a question is no question", async () => {
    const thread = await PeerThread.start()
    onTestFinished(() => thread.kill())
    await talks(thread)
    const peer = { socketType: "PUSH", routingId: new Uint8Array(0) }
    const link = { type: "link", name: "x", credit: creditMemory(), peer, window: 0 }
    const questions = [
      ...JUNK,
      { type: "holds" },
      { type: "holds", name: 5 },
      { ...link, name: undefined },
      { ...link, credit: new SharedArrayBuffer(4) },
      { ...link, credit: new ArrayBuffer(256) },
      { ...link, peer: null },
      { ...link, peer: { ...peer, routingId: "id" } },
      { ...link, peer: { ...peer, routingId: new Uint8Array(256) } },
      { ...link, window: -1 },
      { ...link, window: undefined },
    ]
    // As Node tells what came from another thread.
    const hear = (message: unknown) => process.emit("workerMessage", message, 0)
    for (const junk of JUNK) {
      hear(junk)
      hear({ [PROTOCOL]: junk })
      hear({ [PROTOCOL]: { question: { type: "holds", name: "x" }, port: junk } })
    }
    for (const question of questions) {
      const { port1, port2 } = new MessageChannel()
      const closed = new Promise<void>(resolve => port1.once("close", resolve))
      hear({ [PROTOCOL]: { question, port: port2 } })
      await closed
    }
    await talks(thread)
  })

  it("in the environment of a new thread is no registry", async () => {
    const before = getEnvironmentData(PROTOCOL)
    onTestFinished(() => setEnvironmentData(PROTOCOL, before))
    for (const junk of [5, null, new SharedArrayBuffer(8)]) {
      setEnvironmentData(PROTOCOL, junk as never)
      const thread = await PeerThread.start()
      onTestFinished(() => thread.kill())
      setEnvironmentData(PROTOCOL, before)
      await talks(thread)
    }
  })
})

describe("a registry", () => {
  it("has exactly the size of one", () => {
    const { memory } = NameRegistry.create(1n, 1)
    expect(NameRegistry.isMemory(memory)).toBe(true)
    for (const value of [undefined, new ArrayBuffer(memory.byteLength), new SharedArrayBuffer(8)])
      expect(NameRegistry.isMemory(value)).toBe(false)
  })

  it("that claims more names than there is room for is read to its end", () => {
    const registry = NameRegistry.create(1n, 1)
    new BigInt64Array(registry.memory)[2] = 2n ** 62n
    expect(registry.take(7, 1).outcome).toBe("held")
    expect(registry.holders(7)).toHaveLength(1)
  })
})

/** One end of a link, and the bare port that it faces. */
function facing(): { end: ThreadEnd; port: MessagePort; credit: SharedArrayBuffer } {
  const { port1, port2 } = new MessageChannel()
  const credit = creditMemory()
  const peer = { socketType: "PUSH", routingId: Buffer.alloc(0) }
  const end = new ThreadEnd({ port: port1, credit, number: 0, endpoint: "inproc://x", peer, window: 10 })
  onTestFinished(() => {
    end.destroy()
    port2.close()
  })
  return { end, port: port2, credit }
}

class Owner implements ConnectionSink {
  readonly messages: Message[] = []
  readonly closings: (Error | undefined)[] = []

  message(message: Message): void {
    this.messages.push(message)
  }
  control(): void {}
  drain(): void {}
  closed(error?: Error): void {
    this.closings.push(error)
  }
}

const words = (...values: number[]) => Int32Array.from(values).buffer as ArrayBuffer

const NO_PARCELS: readonly [name: string, posted: unknown][] = [
  ["a number", 5],
  ["a text", "hello"],
  ["an object", { length: 1 }],
  ["an empty list", []],
  ["a list of other things", [words(1), 5]],
  ["shared memory", new SharedArrayBuffer(8)],
  ["a view", new Uint8Array(8)],
  ["no bytes", words()],
  ["bytes that are no words", new ArrayBuffer(7)],
  ["an end before the beginning", words(0, 1)],
  ["a negative end", words(-1, 1)],
  ["an end beyond the bytes", words(9, 1, 0)],
  ["a part beyond the bytes", words(4, 1, 0, 100)],
  ["a part of a negative length", words(4, 1, 0, -7)],
  ["more parts than there are", words(4, 2 ** 30, 0, 0)],
  ["an unknown control", words(3, -9, 0)],
  ["neither a message nor a control", words(3, 0, 0)],
  ["a large part that didn't come", words(4, 1, 0, -1)],
]

describe("a link whose other end posts", () => {
  it.each(NO_PARCELS)("%s is closed, and nothing else happens", async (_, posted) => {
    const { end, port } = facing()
    const owner = new Owner()
    end.open(owner)
    const packer = new Packer()
    packer.addMessage([Buffer.from("before")])
    const { parcel, transfer } = packer.pack(true)
    port.postMessage(parcel, transfer)
    port.postMessage(posted)
    await until(() => owner.closings.length > 0)
    expect(owner.closings).toEqual([expect.objectContaining({ code: "EPROTO" })])
    expect(owner.messages.map(String)).toEqual(["before"])
  })

  it("that more was taken than was sent goes on", async () => {
    const { end, port, credit } = facing()
    const owner = new Owner()
    end.open(owner)
    end.send([Buffer.from("one")])
    new Int32Array(credit)[0] = 1000
    port.postMessage(0)
    for (let n = 0; n < 20; n++) end.send([Buffer.from("more")])
    const packer = new Packer()
    packer.addMessage([Buffer.from("still here")])
    const { parcel, transfer } = packer.pack(true)
    port.postMessage(parcel, transfer)
    await until(() => owner.messages.length > 0)
    expect([owner.messages.map(String), owner.closings]).toEqual([["still here"], []])
  })
})
