/** Which targets are met. */
import type { Results } from "./results.ts"
import { digits, left, right, type Style, table } from "./table.ts"
import { type Point, TARGETS, type Target } from "./targets.ts"

/** A comparison's outcome; without a value when something it needs was not measured. */
interface Outcome {
  readonly point: Point
  readonly value: number | undefined
}

export function verdicts(results: Results, style: Style): string {
  const columns = [right("#"), left("what"), left("against"), left("target"), left("measured"), left("")]
  const rows = TARGETS.map(target => {
    const outcomes = target.points.map(point => ({ point, value: measuredValue(point, results) }))
    return [
      String(target.number),
      target.what,
      target.against,
      limitsOf(target),
      measuredOf(outcomes),
      verdictOf(outcomes),
    ]
  })
  return table(columns, rows, style)
}

function measuredValue({ of, by }: Point, results: Results): number | undefined {
  const value = results.median(of.row, of.contender, of.figure)
  if (value === undefined || by === undefined) return value
  const other = results.median(by.row, by.contender, by.figure)
  return other === undefined ? undefined : value / other
}

function limitsOf({ points }: Target): string {
  const texts = points.map(({ limit, by }) => {
    const unit = by === undefined ? "" : "×"
    return "atLeast" in limit ? `≥ ${limit.atLeast}${unit}` : `≤ ${digits(limit.atMost)}${unit}`
  })
  return [...new Set(texts)].join(", ")
}

function measuredOf(outcomes: readonly Outcome[]): string {
  const texts = outcomes
    .filter(({ value }) => value !== undefined)
    .map(outcome => {
      const unit = outcome.point.by === undefined ? "" : "×"
      return `${outcome.point.label} ${digits(outcome.value!)}${unit}${isMet(outcome) ? "" : " ✗"}`
    })
  return texts.join(", ")
}

function verdictOf(outcomes: readonly Outcome[]): string {
  const known = outcomes.filter(({ value }) => value !== undefined)
  if (known.length === 0) return "not measured"
  const met = known.filter(isMet).length
  if (met < known.length) return met === 0 ? "not met" : `${met} of ${known.length} met`
  return known.length === outcomes.length ? "met" : "met, in part not measured"
}

function isMet({ point: { limit }, value }: Outcome): boolean {
  return "atLeast" in limit ? value! >= limit.atLeast : value! <= limit.atMost
}
