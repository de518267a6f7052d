import { setTimeout as sleep } from "node:timers/promises"
import { cpuMeter, type Orders } from "./role.ts"

/** So many who ask again as soon as they are answered, in one process; `warm` waits until each has been. */
export function echoCount(
  count: number,
  connect: (address: string, answered: (asker: number) => void) => unknown,
): Orders {
  const cpu = cpuMeter()
  const silent = new Set(Array.from({ length: count }, (_, asker) => asker))
  let received = 0
  let allHeard = () => {}
  const heard = new Promise<void>(resolve => {
    allHeard = resolve
  })
  const answered = (asker: number) => {
    received++
    if (silent.size > 0 && silent.delete(asker) && silent.size === 0) allHeard()
  }
  return {
    connect: address => connect(address, answered),
    async warm(seconds) {
      await heard
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
