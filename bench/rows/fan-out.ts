import { Child, withPair } from "../run/child.ts"
import { freshAddress } from "../run/workshop.ts"
import type { Row } from "./row.ts"

export const SUBSCRIBERS = [1, 10, 100] as const

/**
 * PUB → SUBs of 64 B: the publisher sends as fast as it can, and drops for those that don't keep up; what all
 * subscribers together, in one process, have received in the timed part counts.
 */
export const fanOut: readonly Row[] = SUBSCRIBERS.map(count => ({
  name: `pub-sub tcp 64 B to ${count}`,
  contenders: ["ours", "native"],
  measure(contender, pace) {
    const pub = Child.start("pub", contender, { size: 64 })
    const sub = Child.start("sub", contender, { size: 64, count })
    return withPair(pub, sub, freshAddress("tcp"), async (publisher, subscribers) => {
      await publisher.ask("start")
      await subscribers.ask("warm", pace.warmUp)
      const { received, seconds } = (await subscribers.ask("count", pace.timed)) as Counted
      await publisher.ask("stop")
      return { rate: received / seconds }
    })
  },
}))

interface Counted {
  readonly received: number
  readonly seconds: number
}
