import { echoCount } from "./echo-count.ts"
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
  const askForEver = async (socket: (typeof sockets)[number], answered: () => void) => {
    for (;;) {
      await socket.send(payload)
      const [body] = await socket.receive()
      if (body?.length !== size) throw new Error(`expected ${size} bytes, got ${body?.length}`)
      answered()
    }
  }
  return echoCount(count, (address, answered) => {
    sockets.forEach((socket, asker) => {
      socket.connect(address)
      void askForEver(socket, () => answered(asker))
    })
  })
}

export const routerRoles = { router, dealers }
