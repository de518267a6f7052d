import type { Arguments } from "../arguments.ts"
import type { Measured } from "../report/results.ts"
import type { Row, Run } from "../rows/row.ts"
import { CONTENDERS, type Contender } from "./contenders.ts"
import { FULL, QUICK } from "./pace.ts"
import { Progress } from "./progress.ts"
import { workshop } from "./workshop.ts"

/** Those that can be measured here; says why another one can't. */
export function contendersHere({ contenders }: Arguments): readonly Contender[] {
  const { withoutLibzmq } = workshop()
  if (withoutLibzmq !== undefined) process.stderr.write(`Without libzmq in C: ${withoutLibzmq}.\n`)
  return CONTENDERS.filter(
    name =>
      (contenders.length === 0 || contenders.includes(name)) &&
      (name !== "libzmq" || withoutLibzmq === undefined),
  )
}

/** Each row by its contenders in turn, so many times; who begins alternates, so that nobody always has another's heat. */
export async function measureAll(
  rows: readonly Row[],
  contenders: readonly Contender[],
  { runs, quick }: Arguments,
): Promise<Measured[]> {
  const progress = new Progress(rows.length * runs)
  const measured: Measured[] = []
  for (const row of rows) {
    const taking = row.contenders.filter(name => contenders.includes(name))
    const results: Partial<Record<Contender, Run[]>> = {}
    for (let run = 0; run < runs; run++) {
      progress.begin(`${row.name}, run ${run + 1} of ${runs}`)
      for (const contender of run % 2 === 0 ? taking : taking.toReversed()) {
        const figures = await row.measure(contender, quick ? QUICK : FULL)
        results[contender] = [...(results[contender] ?? []), figures]
      }
    }
    measured.push({ row: row.name, runs: results })
  }
  progress.end()
  return measured
}
