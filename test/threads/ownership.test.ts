/** Whose memory a message is when it crosses threads: copied, shared, or moved. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import {
  Dealer,
  type MessageLike,
  Publisher,
  Pull,
  Push,
  type Socket,
  Subscriber,
  transfer,
} from "../../src/index.ts"
import { PeerThread } from "../support/peer-thread.ts"

let names = 0
const fresh = () => `inproc://owner-${++names}`
const SIZE = 1 << 20

/** (TypeScript knows WebAssembly only together with the browser.) */
interface Wasm {
  readonly WebAssembly: {
    readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer }
  }
}
const { Memory } = (globalThis as unknown as Wasm).WebAssembly

function closing<S extends Socket>(socket: S): S {
  onTestFinished(() => socket.close())
  return socket
}

const filled = (size: number, value: number) => {
  const buffer = Buffer.allocUnsafeSlow(size)
  return buffer.fill(value)
}

describe("a message that crosses threads", () => {
  let peer: PeerThread
  beforeAll(async () => {
    peer = await PeerThread.start()
  })
  afterAll(() => peer.kill())

  /** Sends to an echo in another thread. */
  async function thereAndBack(...message: MessageLike[]): Promise<Buffer[]> {
    const endpoint = fresh()
    const echo = await peer.call("open", "Dealer")
    await peer.call("bind", echo, endpoint)
    const dealer = closing(new Dealer())
    dealer.connect(endpoint)
    await dealer.send(message)
    await peer.call("echo", echo, 1)
    return dealer.receive()
  }

  it("is copied, and the sender keeps its memory", async () => {
    for (const size of [0, 1, 128, 129, 16 * 1024 - 1, 16 * 1024, SIZE]) {
      const buffer = filled(size, 7)
      const [received] = await thereAndBack(buffer)
      expect(received?.equals(buffer)).toBe(true)
      expect(buffer.length).toBe(size)
    }
  })

  it("is moved when it was handed over: the sender's buffer is empty then", async () => {
    const buffer = filled(SIZE, 7)
    const [head, received] = await thereAndBack("head", transfer(buffer))
    expect(String(head)).toBe("head")
    expect(received?.equals(filled(SIZE, 7))).toBe(true)
    expect(buffer.buffer.byteLength).toBe(0)
  })

  it("is copied all the same when only a part of the memory was handed over", async () => {
    const buffer = filled(SIZE, 7)
    const [received] = await thereAndBack(transfer(buffer.subarray(0, SIZE / 2)))
    expect(received?.length).toBe(SIZE / 2)
    expect(buffer.length).toBe(SIZE)
  })

  it("is copied when its memory can't be moved", async () => {
    const { buffer } = new Memory({ initial: 1 })
    const [received] = await thereAndBack(transfer(buffer), transfer(filled(SIZE, 1)))
    expect(received?.length).toBe(65536)
    expect(buffer.byteLength).toBe(65536)
  })

  it("is shared when its memory is", async () => {
    const endpoint = fresh()
    const shared = new Uint8Array(new SharedArrayBuffer(SIZE)).fill(1)
    const dealer = closing(new Dealer())
    dealer.connect(endpoint)
    const echo = await peer.call("open", "Dealer")
    await peer.call("bind", echo, endpoint)
    await dealer.send(shared.subarray(10, SIZE))
    await peer.call("echo", echo, 1)
    const [received] = await dealer.receive()
    expect(received?.length).toBe(SIZE - 10)
    shared[10] = 42
    expect(received?.[0]).toBe(42)
  })

  it("may be written over as soon as send() has returned, when its parts are small", async () => {
    const endpoint = fresh()
    const pull = await peer.call("open", "Pull")
    await peer.call("bind", pull, endpoint)
    const push = closing(new Push())
    push.connect(endpoint)
    await push.send("linked")
    await peer.call("receive", pull)
    const buffer = Buffer.alloc(64)
    for (let n = 0; n < 100; n++) {
      buffer.fill(n)
      void push.send(buffer)
    }
    for (let n = 0; n < 100; n++) {
      const [part] = await peer.call("receive", pull)
      expect(part).toBe(Buffer.alloc(64, n).toString("base64"))
    }
  })

  it("goes whole to every subscriber, though its memory was handed over", async () => {
    const endpoint = fresh()
    const publisher = closing(new Publisher())
    await publisher.bind(endpoint)
    const here = closing(new Subscriber())
    here.connect(endpoint)
    here.subscribe("")
    const there = await Promise.all([1, 2].map(() => peer.call("open", "Subscriber")))
    for (const subscriber of there) {
      await peer.call("connect", subscriber, endpoint)
      await peer.call("subscribe", subscriber, "")
    }
    // Known to all three once each has had one.
    const first = Promise.all([here.receive(), ...there.map(subscriber => peer.call("receive", subscriber))])
    let known = false
    void first.then(() => {
      known = true
    })
    while (!known) {
      await publisher.send("?")
      await new Promise(resolve => setImmediate(resolve))
    }
    await publisher.send(transfer(filled(SIZE, 7)))
    const big = filled(SIZE, 7)
    const isBig = (parts: Buffer[]) => parts[0]?.equals(big) === true
    for (;;) if (isBig(await here.receive())) break
    for (const subscriber of there)
      for (;;) {
        const parts = await peer.call("receive", subscriber)
        if (isBig(parts.map(part => Buffer.from(part, "base64")))) break
      }
  })
})

describe("transfer()", () => {
  it.each(["inproc", "tcp"])("changes nothing over %s within a thread", async scheme => {
    const pull = closing(new Pull())
    await pull.bind(scheme === "tcp" ? "tcp://127.0.0.1:*" : fresh())
    const push = closing(new Push())
    push.connect(pull.lastEndpoint as string)
    for (const size of [0, 1, 200, SIZE]) {
      const buffer = filled(size, 7)
      await push.send(["head", transfer(buffer)])
      const [, received] = await pull.receive()
      expect(received?.equals(filled(size, 7))).toBe(true)
    }
  })

  it("holds for one send() only: who sends on what was received keeps it", async () => {
    await using peer = await PeerThread.start()
    const [near, far] = [fresh(), fresh()]
    const pull = closing(new Pull())
    await pull.bind(near)
    const push = closing(new Push())
    push.connect(near)
    await push.send(transfer(filled(SIZE, 7)))
    const [received] = await pull.receive()

    const sink = await peer.call("open", "Pull")
    await peer.call("bind", sink, far)
    const onward = closing(new Push())
    onward.connect(far)
    await onward.send(received as Buffer)
    await peer.call("receive", sink)
    expect(received?.equals(filled(SIZE, 7))).toBe(true)
  })

  it("takes views and memory of any kind", () => {
    const buffer = new ArrayBuffer(8)
    expect(transfer(buffer).buffer).toBe(buffer)
    expect(transfer(new DataView(buffer, 2, 3))).toHaveLength(3)
    expect(transfer(new Uint16Array(buffer, 2, 3))).toHaveLength(6)
  })
})
