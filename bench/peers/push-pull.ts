import { monitorEventLoopDelay } from "node:perf_hooks"
import { curveOptions } from "./curve.ts"
import { bindOrder, cpuMeter, lengths, type Role } from "./role.ts"

/** Follows the messages of each round, so that one lost, doubled or spoilt message is noticed. */
const END_OF_ROUND = Buffer.alloc(0)

/** Milliseconds between two looks at the event loop. */
const RESOLUTION = 1

const push: Role = ({ Push }, parameters) => {
  const { api, size, parts } = parameters
  const socket = new Push(curveOptions("client", parameters))
  const payload = Buffer.alloc(size, "x")
  const message = parts === 1 ? payload : Array.from({ length: parts }, () => payload)
  const cpu = cpuMeter()
  const sendAll = {
    async await(count: number) {
      for (let i = 0; i < count; i++) await socket.send(message)
    },
    async try(count: number) {
      for (let i = 0; i < count; i++) if (!socket.trySend(message)) await socket.send(message)
    },
  }[api]
  return {
    connect: address => socket.connect(address),
    async run(count) {
      cpu()
      await sendAll(Number(count))
      await socket.send(END_OF_ROUND)
      return { cpu: cpu() }
    },
  }
}

const pull: Role = ({ Pull }, parameters) => {
  const { api, size, parts: partCount } = parameters
  const socket = new Pull(curveOptions("server", parameters))
  const cpu = cpuMeter()
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION })
  let expected = 0
  let received = 0
  let firstAt = 0
  let lastAt = 0
  let ended: () => void
  let end: Promise<void>

  function take(parts: Buffer[]): void {
    const [body] = parts
    if (received === expected || body?.length === 0) {
      endRound(parts)
      return
    }
    if (parts.length !== partCount || body?.length !== size)
      throw new Error(`expected ${size} bytes, got ${lengths(parts)}`)
    if (received === 0) firstAt = performance.now()
    if (++received === expected) lastAt = performance.now()
  }

  function endRound(parts: Buffer[]): void {
    if (received !== expected || parts[0]?.length !== 0) {
      throw new Error(`expected ${expected} messages, then the end; got ${received}, then ${lengths(parts)}`)
    }
    ended()
  }

  async function receiveAll(): Promise<void> {
    if (api === "await") for await (const parts of socket) take(parts)
    else for await (const batch of socket.batches()) for (const parts of batch) take(parts)
  }

  void receiveAll()
  return {
    bind: bindOrder(socket),
    expect(count) {
      expected = Number(count)
      received = 0
      end = new Promise(resolve => {
        ended = resolve
      })
      loop.reset()
      loop.enable()
      cpu()
    },
    async finish() {
      await end
      loop.disable()
      const loopDelay = Math.max(0, loop.percentile(99) / 1e6 - RESOLUTION)
      return { seconds: (lastAt - firstAt) / 1000, cpu: cpu(), loopDelay }
    },
  }
}

export const pushPullRoles = { push, pull }
