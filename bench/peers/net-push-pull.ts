import type { Socket } from "node:net"
import { dial, listen, readFrames } from "./net-socket.ts"
import { cpuMeter, type Role } from "./role.ts"

const BATCH = 64 * 1024
/** Larger bodies are written by reference. */
const COPY_LIMIT = 4096

const push: Role = (_, { size }) => {
  const payload = Buffer.alloc(size, "x")
  const header = Buffer.alloc(4)
  header.writeUInt32BE(size)
  const perBatch = Math.floor(BATCH / (size + 4))
  const cpu = cpuMeter()
  let socket: Socket

  /** All that was written is with the kernel. */
  const written = (last: Buffer) => new Promise<void>(resolve => void socket.write(last, () => resolve()))

  async function sendCopied(count: number): Promise<void> {
    for (let left = count; left > 0; left -= perBatch) {
      const messages = Math.min(left, perBatch)
      const batch = Buffer.allocUnsafeSlow(messages * (size + 4))
      let at = 0
      for (let i = 0; i < messages; i++) {
        batch.writeUInt32BE(size, at)
        batch.set(payload, at + 4)
        at += size + 4
      }
      await written(batch)
    }
  }

  async function sendReferenced(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      socket.cork()
      socket.write(header)
      const done = written(payload)
      socket.uncork()
      await done
    }
  }

  return {
    async connect(address) {
      socket = await dial(address)
    },
    async run(count) {
      cpu()
      await (size > COPY_LIMIT ? sendReferenced : sendCopied)(Number(count))
      return { cpu: cpu() }
    },
  }
}

const pull: Role = (_, { size }) => {
  const cpu = cpuMeter()
  let expected = 0
  let received = 0
  let firstAt = 0
  let lastAt = 0
  let ended: () => void
  let end: Promise<void>
  const take = (body: Buffer) => {
    if (body.length !== size) throw new Error(`expected ${size} bytes, got ${body.length}`)
    if (received === 0) firstAt = performance.now()
    if (++received < expected) return
    lastAt = performance.now()
    ended()
  }
  return {
    bind: address => listen(address, socket => readFrames(socket, take)),
    expect(count) {
      expected = Number(count)
      received = 0
      end = new Promise(resolve => {
        ended = resolve
      })
      cpu()
    },
    async finish() {
      await end
      return { seconds: (lastAt - firstAt) / 1000, cpu: cpu() }
    },
  }
}

export const netPushPullRoles = { "net-push": push, "net-pull": pull }
