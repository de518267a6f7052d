import type { Role } from "./role.ts"

const ENDPOINT = "inproc://bench"

const inproc: Role = ({ Push, Pull }, { api, size }) => {
  const push = new Push()
  const pull = new Pull()
  const bound = pull.bind(ENDPOINT).then(() => push.connect(ENDPOINT))
  const payload = Buffer.alloc(size, "x")
  const sendAll = {
    async await(count: number) {
      for (let i = 0; i < count; i++) await push.send(payload)
    },
    async try(count: number) {
      for (let i = 0; i < count; i++) if (!push.trySend(payload)) await push.send(payload)
    },
  }[api]
  const receiveAll = {
    async await(count: number) {
      let left = count
      for await (const [body] of pull) if (body?.length === size && --left === 0) return
    },
    async try(count: number) {
      let left = count
      for await (const batch of pull.batches()) {
        for (const [body] of batch) if (body?.length === size) left--
        if (left === 0) return
      }
    },
  }[api]
  return {
    async run(argument) {
      await bound
      const count = Number(argument)
      const startedAt = performance.now()
      await Promise.all([sendAll(count), receiveAll(count)])
      return { seconds: (performance.now() - startedAt) / 1000 }
    },
  }
}

export const inprocRoles = { inproc }
