import { Child, withPair } from "../run/child.ts"
import { freshAddress } from "../run/workshop.ts"
import type { Row } from "./row.ts"

export const DEALERS = [1, 100, 1000] as const

interface Counted {
  readonly received: number
  readonly seconds: number
  readonly cpu: number
}

/** A ROUTER that sends back what it gets, to so many DEALERs in one process, each with one message of 64 B under way. */
export const routerEcho: readonly Row[] = DEALERS.map(count => ({
  name: `router echo tcp 64 B, ${count.toLocaleString("en")} dealers`,
  contenders: ["ours", "native", "net"],
  measure(contender, pace) {
    const router = Child.start("router", contender, {})
    const dealers = Child.start("dealers", contender, { size: 64, count })
    return withPair(router, dealers, freshAddress("tcp"), async (echo, asking) => {
      await asking.ask("warm", pace.warmUp)
      await echo.ask("cpu")
      const { received, seconds, cpu } = (await asking.ask("count", pace.timed)) as Counted
      const both = cpu + ((await echo.ask("cpu")) as number)
      return { rate: received / seconds, cpu: (both / received) * 1e6 }
    })
  },
}))
