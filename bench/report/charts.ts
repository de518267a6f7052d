/** The pictures that ZeroMQ's users know, and two more. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { SUBSCRIBERS } from "../rows/fan-out.ts"
import { SIZES } from "../rows/push-pull.ts"
import type { Figure } from "../rows/row.ts"
import { type Contender, NAMES } from "../run/contenders.ts"
import { sizeName } from "../run/sizes.ts"
import { type Chart, lineChart } from "./line-chart.ts"
import type { Results } from "./results.ts"

const COLOURS: Readonly<Record<Contender, string>> = {
  ours: "#1f77b4",
  "ours-try": "#17becf",
  "ours-cjs": "#9467bd",
  "ours-sodium-native": "#8c564b",
  "ours-noble": "#e377c2",
  native: "#d62728",
  libzmq: "#2ca02c",
  net: "#7f7f7f",
  port: "#bcbd22",
}

const PERCENTILES = { p50: "50 %", p90: "90 %", p99: "99 %", p999: "99.9 %" } as const

/** Draws each chart for which there are figures. */
export function drawCharts(results: Results, folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const [name, chart] of Object.entries(chartsOf(results))) {
    if (chart.series.length > 0) writeFileSync(join(folder, `${name}.svg`), lineChart(chart))
  }
}

function chartsOf(results: Results): Readonly<Record<string, Chart>> {
  const perSize = SIZES.map(size => ({ label: sizeName(size), row: `push-pull tcp ${sizeName(size)}`, size }))
  const ALL: readonly Contender[] = ["ours", "ours-try", "native", "libzmq", "net"]

  function series(
    contenders: readonly Contender[],
    points: readonly { readonly row: string; readonly figure: Figure; readonly factor?: number }[],
  ): Chart["series"] {
    return contenders.flatMap(contender => {
      const values = points.map(({ row, figure, factor = 1 }) => {
        const value = results.median(row, contender, figure)
        return value === undefined ? undefined : value * factor
      })
      if (values.every(value => value === undefined)) return []
      return [{ name: NAMES[contender], colour: COLOURS[contender], values }]
    })
  }

  return {
    "messages-per-second": {
      title: "PUSH → PULL over tcp: messages a second",
      labels: perSize.map(({ label }) => label),
      unit: "/s",
      series: series(
        ALL,
        perSize.map(({ row }) => ({ row, figure: "rate" })),
      ),
    },
    "megabytes-per-second": {
      title: "PUSH → PULL over tcp: MB/s of payload",
      labels: perSize.map(({ label }) => label),
      unit: " MB/s",
      series: series(
        ALL,
        perSize.map(({ row, size }) => ({ row, figure: "rate", factor: size / 1e6 })),
      ),
    },
    "round-trips": {
      title: "REQ/REP of 64 B over tcp: µs per round trip, by percentile",
      labels: Object.values(PERCENTILES),
      unit: " µs",
      series: series(
        ["ours", "native", "libzmq", "net"],
        (Object.keys(PERCENTILES) as (keyof typeof PERCENTILES)[]).map(figure => ({
          row: "req-rep tcp 64 B",
          figure,
        })),
      ),
    },
    "fan-out": {
      title: "PUB → SUBs of 64 B over tcp: deliveries a second, all together",
      labels: SUBSCRIBERS.map(count => `${count} SUB${count > 1 ? "s" : ""}`),
      unit: "/s",
      series: series(
        ["ours", "native"],
        SUBSCRIBERS.map(count => ({ row: `pub-sub tcp 64 B to ${count}`, figure: "rate" })),
      ),
    },
  }
}
