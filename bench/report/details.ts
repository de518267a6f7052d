/** Every figure: the median over the runs, and the lowest and highest run. */

import { ROWS } from "../rows/all.ts"
import { FIGURES, type Figure } from "../rows/row.ts"
import { CONTENDERS, NAMES } from "../run/contenders.ts"
import type { Results, Summary } from "./results.ts"
import { left, right, type Style, short, table } from "./table.ts"

export function details(results: Results, style: Style): string {
  const columns = [left("row"), left("contender"), left("figure"), right("median"), right("min–max")]
  const rows = ROWS.flatMap(({ name }) =>
    CONTENDERS.flatMap(contender =>
      (Object.keys(FIGURES) as Figure[]).flatMap(figure => {
        const summary = results.summary(name, contender, figure)
        return summary === undefined ? [] : [line(name, NAMES[contender], figure, summary)]
      }),
    ),
  )
  const meanings = (Object.keys(FIGURES) as Figure[]).map(figure => `${figure}: ${FIGURES[figure].what}`)
  return `${table(columns, rows, style)}\n\n${meanings.join("; ")}.`
}

function line(row: string, contender: string, figure: Figure, { median, min, max }: Summary): string[] {
  const unit = FIGURES[figure].unit
  return [row, contender, figure, `${short(median)} ${unit}`, `${short(min)}–${short(max)}`]
}
