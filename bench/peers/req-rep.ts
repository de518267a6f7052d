import { percentiles } from "../run/statistics.ts"
import { bindOrder, lengths, type Role } from "./role.ts"

const req: Role = ({ Request }, { size }) => {
  const socket = new Request()
  const payload = Buffer.alloc(size, "x")
  return {
    connect: address => socket.connect(address),
    async run(count) {
      const microseconds = new Float64Array(Number(count))
      const startedAt = performance.now()
      let last = startedAt
      for (let i = 0; i < microseconds.length; i++) {
        await socket.send(payload)
        const parts = await socket.receive()
        const now = performance.now()
        if (parts.length !== 1 || parts[0]?.length !== size)
          throw new Error(`expected ${size} bytes, got ${lengths(parts)}`)
        microseconds[i] = (now - last) * 1000
        last = now
      }
      return { seconds: (last - startedAt) / 1000, ...percentiles(microseconds) }
    },
  }
}

const rep: Role = ({ Reply }) => {
  const socket = new Reply()
  const answerAll = async () => {
    for await (const parts of socket) await socket.send(parts)
  }
  void answerAll()
  return { bind: bindOrder(socket) }
}

export const reqRepRoles = { req, rep }
