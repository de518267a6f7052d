import { setTimeout as sleep } from "node:timers/promises"
import { bindOrder, type Role } from "./role.ts"

const pub: Role = ({ Publisher }, { size }) => {
  const socket = new Publisher()
  const payload = Buffer.alloc(size, "x")
  let running = false
  const sendAll = async () => {
    while (running) await socket.send(payload)
  }
  return {
    bind: bindOrder(socket),
    start() {
      running = true
      void sendAll()
    },
    stop() {
      running = false
    },
  }
}

/** So many subscribers in one process; `warm` waits until each of them has received something. */
const sub: Role = ({ Subscriber }, { count }) => {
  const sockets = Array.from({ length: count }, () => new Subscriber())
  let received = 0
  const receiveAll = async (socket: (typeof sockets)[number], heard: () => void) => {
    let isFirst = true
    for await (const [body] of socket) {
      if (body === undefined) continue
      received++
      // Once: Node takes note of each further attempt to settle a promise, which costs more than the message.
      if (isFirst) heard()
      isFirst = false
    }
  }
  const allHeard = Promise.all(
    sockets.map(socket => new Promise<void>(heard => void receiveAll(socket, heard))),
  )
  return {
    connect(address) {
      for (const socket of sockets) {
        socket.connect(address)
        socket.subscribe()
      }
    },
    async warm(seconds) {
      await allHeard
      await sleep(Number(seconds) * 1000)
    },
    async count(seconds) {
      const startedAt = performance.now()
      const before = received
      await sleep(Number(seconds) * 1000)
      return { received: received - before, seconds: (performance.now() - startedAt) / 1000 }
    },
  }
}

export const fanOutRoles = { pub, sub }
