import { setTimeout as sleep } from "node:timers/promises"
import { bindOrder, cpuMeter, type Role } from "./role.ts"

const router: Role = ({ Router }) => {
  const socket = new Router()
  const cpu = cpuMeter()
  const echo = async () => {
    for await (const parts of socket) await socket.send(parts)
  }
  void echo()
  return { bind: bindOrder(socket), cpu }
}

const dealers: Role = ({ Dealer }, { size, count }) => {
  const sockets = Array.from({ length: count }, () => new Dealer())
  const payload = Buffer.alloc(size, "x")
  const cpu = cpuMeter()
  let received = 0
  const askForEver = async (socket: (typeof sockets)[number], heard: () => void) => {
    for (;;) {
      await socket.send(payload)
      const [body] = await socket.receive()
      if (body?.length !== size) throw new Error(`expected ${size} bytes, got ${body?.length}`)
      received++
      heard()
    }
  }
  let allHeard: Promise<unknown>
  return {
    connect(address) {
      for (const socket of sockets) socket.connect(address)
      allHeard = Promise.all(
        sockets.map(socket => new Promise<void>(heard => void askForEver(socket, heard))),
      )
    },
    async warm(seconds) {
      await allHeard
      await sleep(Number(seconds) * 1000)
      cpu()
    },
    async count(seconds) {
      cpu()
      const startedAt = performance.now()
      const before = received
      await sleep(Number(seconds) * 1000)
      return { received: received - before, seconds: (performance.now() - startedAt) / 1000, cpu: cpu() }
    },
  }
}

export const routerRoles = { router, dealers }
