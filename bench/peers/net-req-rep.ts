import type { Socket } from "node:net"
import { percentiles } from "../run/statistics.ts"
import { dial, frameOf, listen, readFrames } from "./net-socket.ts"
import type { Role } from "./role.ts"

const req: Role = (_, { size }) => {
  const frame = frameOf(Buffer.alloc(size, "x"))
  let socket: Socket
  let answered: (now: number) => void
  return {
    async connect(address) {
      socket = await dial(address)
      readFrames(socket, body => {
        if (body.length !== size) throw new Error(`expected ${size} bytes, got ${body.length}`)
        answered(performance.now())
      })
    },
    async run(count) {
      const microseconds = new Float64Array(Number(count))
      const startedAt = performance.now()
      let last = startedAt
      for (let i = 0; i < microseconds.length; i++) {
        const now = await new Promise<number>(resolve => {
          answered = resolve
          socket.write(frame)
        })
        microseconds[i] = (now - last) * 1000
        last = now
      }
      return { seconds: (last - startedAt) / 1000, ...percentiles(microseconds) }
    },
  }
}

const rep: Role = () => ({
  bind: address => listen(address, socket => readFrames(socket, body => void socket.write(frameOf(body)))),
})

export const netReqRepRoles = { "net-req": req, "net-rep": rep }
