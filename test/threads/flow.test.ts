/** Back-pressure and order between threads, for as long as it takes. */
import { afterEach, describe, expect, it, onTestFinished } from "vitest"
import { Dealer, Push, type Socket } from "../../src/index.ts"
import { until } from "../support/events.ts"
import { PeerThread } from "../support/peer-thread.ts"
import { MEMORY_RETURNS } from "../support/runtime.ts"

const MEBI = 1024 * 1024

/** How many messages go there and back. */
const MESSAGES = Number(process.env.THREAD_MESSAGES ?? 10_000_000)

let names = 0
const fresh = () => `inproc://flow-${++names}`

function closing<S extends Socket>(socket: S): S {
  onTestFinished(() => socket.close())
  return socket
}

async function start(): Promise<PeerThread> {
  const peer = await PeerThread.start()
  onTestFinished(() => peer.kill())
  return peer
}

afterEach(() => globalThis.gc?.())

it(`${MESSAGES} numbered messages of 64 bytes there and back: none lost, doubled or out of order`, async () => {
  const endpoint = fresh()
  const peer = await start()
  const echo = await peer.call("open", "Dealer")
  await peer.call("bind", echo, endpoint)
  const dealer = closing(new Dealer())
  dealer.connect(endpoint)
  void peer.call("echo", echo).catch(() => {})

  const send = async () => {
    const message = Buffer.alloc(64)
    for (let n = 0; n < MESSAGES; n++) {
      message.writeDoubleLE(n)
      message.writeDoubleLE(n, 56)
      await dealer.send(message)
    }
  }
  const memory = new MemoryFloor()
  const receive = async () => {
    for (let n = 0; n < MESSAGES; n++) {
      const [message] = await dealer.receive()
      if (message?.length !== 64 || message.readDoubleLE() !== n || message.readDoubleLE(56) !== n)
        throw new Error(`number ${n} is ${message?.length} bytes, ${message?.readDoubleLE()}`)
      if (n % 1000 === 0) memory.sample(Math.floor((n / MESSAGES) * 3))
    }
  }
  await Promise.all([send(), receive()])
  console.log(`RSS at least ${memory}`)
  expect(memory.of(2) - memory.of(1)).toBeLessThan(48 * MEBI)
}, 300_000)

/** The least resident memory in each third: what comes and goes with the garbage collector is left out. */
class MemoryFloor {
  readonly #floors: number[] = []

  sample(third: number): void {
    this.#floors[third] = Math.min(this.of(third), process.memoryUsage.rss())
  }

  of(third: number): number {
    return this.#floors[third] ?? Number.POSITIVE_INFINITY
  }

  toString(): string {
    return `${this.#floors.map(bytes => (bytes / MEBI).toFixed(0)).join(", ")} MiB`
  }
}

/** Makes the peer deaf and dumb; returns what wakes it. */
async function block(peer: PeerThread): Promise<() => void> {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  void peer.call("block", gate)
  await until(() => Atomics.load(gate, 0) === 1)
  return () => {
    Atomics.store(gate, 0, 0)
    Atomics.notify(gate, 0)
  }
}

describe("a thread that is busy", () => {
  it("holds its peer back: no more is on its way than the high-water marks say, and all of it arrives", async () => {
    const endpoint = fresh()
    const peer = await start()
    const pull = await peer.call("open", "Pull", { receiveHighWaterMark: 50 })
    await peer.call("bind", pull, endpoint)
    const push = closing(new Push({ sendHighWaterMark: 30 }))
    push.connect(endpoint)
    await expect.poll(() => push.writable).toBe(true)
    // Linked, and nothing is left of that.
    await push.send("linked")
    await peer.call("receive", pull)

    const wake = await block(peer)
    let sent = 0
    while (push.trySend(String(sent))) sent++
    expect(sent).toBeGreaterThanOrEqual(30)
    expect(sent).toBeLessThanOrEqual(50 + 30)
    wake()
    // Awake again, it takes as much as its own queue holds, until somebody receives.
    await peer.call("memory")
    await push.send(String(sent++))
    while (push.trySend(String(sent))) sent++
    expect(sent).toBeLessThanOrEqual(50 + 50 + 30)
    await peer.call("receiveNumbered", pull, 0, sent, { size: 0 })
  })

  it("holds large messages back by their bytes", async () => {
    const endpoint = fresh()
    const peer = await start()
    const pull = await peer.call("open", "Pull")
    await peer.call("bind", pull, endpoint)
    const push = closing(new Push({ sendHighWaterMark: 3 }))
    push.connect(endpoint)
    await push.send("linked")
    await peer.call("receive", pull)
    const wake = await block(peer)
    let sent = 0
    while (push.trySend(Buffer.alloc(MEBI, 1))) sent++
    // Sixteen mebibytes on their way, three in the queue.
    expect(sent).toBe(19)
    wake()
    for (; sent > 0; sent--) await peer.call("receive", pull)
  })

  it("lets memory grow by no more than that: 256 MiB to a slow consumer", async ({ skip }) => {
    skip(MEMORY_RETURNS.missing, MEMORY_RETURNS.reason)
    const endpoint = fresh()
    const [sender, receiver] = await Promise.all([start(), start()])
    const pull = await receiver.call("open", "Pull", { receiveHighWaterMark: 100 })
    await receiver.call("bind", pull, endpoint)
    const push = await sender.call("open", "Push", { sendHighWaterMark: 100 })
    await sender.call("connect", push, endpoint)
    const before = await sender.call("memory")
    const count = 4096
    const [waits] = await Promise.all([
      sender.call("offer", push, count, 64 * 1024),
      receiver.call("consumeSlowly", pull, count),
    ])
    expect(waits, "the sender never had to wait: the test shows nothing").toBeGreaterThan(0)
    expect((await sender.call("memory")).peak - before.now).toBeLessThan(150 * MEBI)
  })
})
