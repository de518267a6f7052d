import { Child, withPair } from "../run/child.ts"
import type { Contender } from "../run/contenders.ts"
import { calibrated } from "../run/pace.ts"
import { KIB } from "../run/sizes.ts"
import { freshAddress } from "../run/workshop.ts"
import { pushPullRow } from "./push-pull.ts"
import type { Row } from "./row.ts"

export const CURVE_SIZES = [64, KIB, 64 * KIB] as const

const OURS: readonly Contender[] = ["ours", "ours-sodium-native", "ours-noble"]

/** PUSH → PULL as in the rows of that name, with CURVE; and connections that shake hands, one after the other. */
export const curve: readonly Row[] = [
  ...CURVE_SIZES.map(size => pushPullRow("tcp", size, 1, [...OURS, "native", "libzmq"], "default")),
  {
    name: "handshakes curve tcp",
    contenders: [...OURS, "native"],
    measure(contender, pace) {
      const parameters = { curve: "default" }
      const server = Child.start("curve-echo", contender, parameters)
      const clients = Child.start("curve-clients", contender, parameters)
      return withPair(server, clients, freshAddress("tcp"), async (_, client) => {
        const round = async (count: number) =>
          (await client.ask("run", count)) as { seconds: number; cpu: number }
        const { count, seconds } = await calibrated(pace, round)
        return { rate: count / seconds }
      })
    },
  },
]
