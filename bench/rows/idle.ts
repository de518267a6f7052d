import { Child, withPair } from "../run/child.ts"
import { freshAddress } from "../run/workshop.ts"
import type { Row } from "./row.ts"

const CONNECTIONS = 10_000

/** Connections over which nothing is said: resident bytes of both ends together, per connection. */
export const idle: readonly Row[] = [
  {
    name: "10,000 idle connections",
    contenders: ["ours", "net"],
    measure(contender, pace) {
      const count = CONNECTIONS / pace.scale
      const bound = Child.start("idle-bound", contender, { count })
      const connecting = Child.start("idle-connecting", contender, { count })
      return withPair(bound, connecting, freshAddress("tcp"), async (...ends) => {
        const before = await memoryOf(ends)
        const [waiting, connected] = [ends[0].ask("connected"), ends[1].ask("connectAll")]
        await Promise.all([waiting, connected])
        return { memory: ((await memoryOf(ends)) - before) / count }
      })
    },
  },
]

async function memoryOf(ends: readonly Child[]): Promise<number> {
  const bytes = (await Promise.all(ends.map(end => end.ask("memory")))) as number[]
  return bytes.reduce((sum, one) => sum + one)
}
