import { Child, withPair } from "../run/child.ts"
import { calibrated } from "../run/pace.ts"
import { sizeName } from "../run/sizes.ts"
import { freshAddress } from "../run/workshop.ts"
import type { Row } from "./row.ts"

const SIZE = 64

interface RoundTrips {
  readonly seconds: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
}

/** REQ/REP against an echo, one round trip after the other. */
export const reqRep: readonly Row[] = (["tcp", "ipc"] as const).map(transport => ({
  name: `req-rep ${transport} ${sizeName(SIZE)}`,
  contenders: ["ours", "ours-cjs", "native", "libzmq", "net"],
  measure(contender, pace) {
    const rep = Child.start("rep", contender, { size: SIZE })
    const req = Child.start("req", contender, { size: SIZE })
    return withPair(rep, req, freshAddress(transport), async (_, requester) => {
      const round = async (count: number) => (await requester.ask("run", count)) as RoundTrips
      const { count, seconds, ...percentiles } = await calibrated(pace, round)
      return { rate: count / seconds, ...percentiles }
    })
  },
}))
