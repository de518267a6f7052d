import { Child, withPair } from "../run/child.ts"
import type { Contender } from "../run/contenders.ts"
import { calibrated, type Pace } from "../run/pace.ts"
import { KIB, MIB, sizeName } from "../run/sizes.ts"
import { freshAddress } from "../run/workshop.ts"
import type { Row, Run } from "./row.ts"

export const SIZES = [16, 64, 256, KIB, 4 * KIB, 64 * KIB, MIB] as const
const ALL: readonly Contender[] = ["ours", "ours-try", "native", "libzmq", "net"]

/** What the receiving end says of a round; the sender says its CPU seconds. */
interface Received {
  readonly seconds: number
  readonly cpu: number
  readonly loopDelay?: number
}

/** PUSH → PULL, as fast as it goes: the receiver's clock, from the first message of the round to its last. */
export const pushPull: readonly Row[] = [
  ...(["tcp", "ipc"] as const).flatMap(transport =>
    SIZES.map(size => pushPullRow(transport, size, 1, size === 64 ? [...ALL, "ours-cjs"] : ALL)),
  ),
  pushPullRow("tcp", 16, 4, ["ours", "ours-try", "native"]),
]

/** @param curve "default" for CURVE, with the contender's provider of boxes */
export function pushPullRow(
  transport: "tcp" | "ipc",
  size: number,
  parts: number,
  contenders: readonly Contender[],
  curve: "" | "default" = "",
): Row {
  const name = `push-pull ${curve === "" ? "" : "curve "}${transport} ${parts > 1 ? `${parts} × ` : ""}${sizeName(size)}`
  return { name, contenders, measure }

  function measure(contender: Contender, pace: Pace): Promise<Run> {
    const parameters = { size, parts, curve }
    const pull = Child.start("pull", contender, parameters)
    const push = Child.start("push", contender, parameters)
    return withPair(pull, push, freshAddress(transport), async (receiver, sender) => {
      const { count, seconds, cpu, loopDelay } = await calibrated(pace, round)
      // The first message only starts the clock.
      const run = { rate: (count - 1) / seconds, cpu: (cpu / count) * 1e6 }
      return loopDelay === undefined ? run : { ...run, loopDelay }

      async function round(count: number) {
        await receiver.ask("expect", count)
        const [received, sent] = await Promise.all([receiver.ask("finish"), sender.ask("run", count)])
        const result = received as Received
        return { ...result, cpu: result.cpu + (sent as { cpu: number }).cpu }
      }
    })
  }
}
