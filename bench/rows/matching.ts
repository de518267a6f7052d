import { Child, withPair } from "../run/child.ts"
import { calibrated } from "../run/pace.ts"
import { freshAddress } from "../run/workshop.ts"
import type { Row } from "./row.ts"

const SUBSCRIPTIONS = [10, 10_000, 1_000_000] as const

interface Sent {
  readonly seconds: number
  readonly cpu: number
}

/** One SUB with so many distinct subscriptions; each message matches one of them, chosen at random. */
export const matching: readonly Row[] = SUBSCRIPTIONS.map(full => ({
  name: `matching ${full.toLocaleString("en")} subscriptions`,
  contenders: ["ours"],
  measure(contender, pace) {
    const subscriptions = Math.max(10, full / pace.scale)
    const pub = Child.start("match-pub", contender, { subscriptions })
    const sub = Child.start("match-sub", contender, { subscriptions })
    return withPair(pub, sub, freshAddress("tcp"), async (publisher, subscriber) => {
      const before = (await publisher.ask("memory")) as number
      await subscriber.ask("subscribe")
      const memory = ((await publisher.ask("memory")) as number) - before
      const round = async (count: number) => (await publisher.ask("run", count)) as Sent
      const { count, cpu, seconds } = await calibrated(pace, round)
      return { rate: count / seconds, cost: (cpu / count) * 1e9, memory: memory / subscriptions }
    })
  },
}))
