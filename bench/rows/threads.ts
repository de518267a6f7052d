import { Child } from "../run/child.ts"
import type { Contender } from "../run/contenders.ts"
import { calibrated, type Pace } from "../run/pace.ts"
import { MIB, sizeName } from "../run/sizes.ts"
import type { Row, Run } from "./row.ts"

const SIZE = 64

/** inproc from the main thread to a worker: the receiver's clock, from the first message of a round to its last. */
export const threads: readonly Row[] = [
  pushPull(SIZE, ["ours", "ours-try", "ours-cjs", "native", "port"]),
  pushPull(MIB, ["ours", "native", "port"]),
  pushPull(MIB, ["ours", "port"], true),
  {
    name: `threads req-rep ${sizeName(SIZE)}`,
    contenders: ["ours", "ours-cjs", "native", "port"],
    measure: (contender, pace) =>
      within("thread-req", contender, { size: SIZE }, async child => {
        const round = async (count: number) => (await child.ask("run", count)) as { seconds: number }
        const { count, seconds, ...percentiles } = await calibrated(pace, round)
        return { rate: count / seconds, ...percentiles }
      }),
  },
]

function pushPull(size: number, contenders: readonly Contender[], moved = false): Row {
  const parameters = { size, moved: moved ? 1 : 0 }
  return {
    name: `threads push-pull ${sizeName(size)}${moved ? ", handed over" : ""}`,
    contenders,
    measure: (contender: Contender, pace: Pace) =>
      within("thread-push", contender, parameters, async child => {
        const round = async (count: number) => (await child.ask("run", count)) as { seconds: number }
        const { count, seconds } = await calibrated(pace, round)
        return { rate: (count - 1) / seconds }
      }),
  }
}

async function within(
  role: string,
  contender: Contender,
  parameters: { size: number; moved?: number },
  task: (child: Child) => Promise<Run>,
): Promise<Run> {
  const child = await Child.start(role, contender, parameters)
  try {
    const run = await task(child)
    await child.ask("stop")
    return run
  } finally {
    await child.end()
  }
}
