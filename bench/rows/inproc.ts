import { Child } from "../run/child.ts"
import { calibrated } from "../run/pace.ts"
import type { Row } from "./row.ts"

/** PUSH → PULL of 64 B, both in one thread. */
export const inproc: readonly Row[] = [
  {
    name: "inproc 64 B, one thread",
    contenders: ["ours", "ours-try", "ours-cjs", "native"],
    async measure(contender, pace) {
      const child = await Child.start("inproc", contender, { size: 64 })
      try {
        const round = async (count: number) => (await child.ask("run", count)) as { seconds: number }
        const { count, seconds } = await calibrated(pace, round)
        return { rate: count / seconds }
      } finally {
        await child.end()
      }
    },
  },
]
