import { echoCount } from "./echo-count.ts"
import { dial, frameOf, listen, readFrames } from "./net-socket.ts"
import { cpuMeter, type Role } from "./role.ts"

const router: Role = () => ({
  bind: address => listen(address, socket => readFrames(socket, body => void socket.write(frameOf(body)))),
  cpu: cpuMeter(),
})

const dealers: Role = (_, { size, count }) => {
  const frame = frameOf(Buffer.alloc(size, "x"))
  return echoCount(count, async (address, answered) => {
    const sockets = await Promise.all(Array.from({ length: count }, () => dial(address)))
    sockets.forEach((socket, asker) => {
      readFrames(socket, body => {
        if (body.length !== size) throw new Error(`expected ${size} bytes, got ${body.length}`)
        answered(asker)
        socket.write(frame)
      })
      socket.write(frame)
    })
  })
}

export const netRouterRoles = { "net-router": router, "net-dealers": dealers }
