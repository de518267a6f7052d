import type { Figure, Run } from "../rows/row.ts"
import type { Contender } from "../run/contenders.ts"
import { median } from "../run/statistics.ts"

/** All runs of a row, by contender. */
export interface Measured {
  readonly row: string
  readonly runs: Readonly<Partial<Record<Contender, readonly Run[]>>>
}

export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** What was measured, by the names of rows. */
export class Results {
  readonly measured: readonly Measured[]
  readonly #byName: ReadonlyMap<string, Measured>

  constructor(measured: readonly Measured[]) {
    this.measured = measured
    this.#byName = new Map(measured.map(one => [one.row, one]))
  }

  /** Over the runs of one contender; undefined when it was not measured. */
  summary(row: string, contender: Contender, figure: Figure): Summary | undefined {
    const runs = this.#byName.get(row)?.runs[contender] ?? []
    const values = runs.map(run => run[figure]).filter(value => value !== undefined)
    if (values.length === 0) return undefined
    return { median: median(values), min: Math.min(...values), max: Math.max(...values) }
  }

  median(row: string, contender: Contender, figure: Figure): number | undefined {
    return this.summary(row, contender, figure)?.median
  }
}
