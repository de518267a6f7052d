import type { Contender } from "../run/contenders.ts"
import type { Pace } from "../run/pace.ts"

/** What a run may find out; each kind of row has some of them. */
export const FIGURES = {
  rate: { unit: "/s", what: "messages, round trips or deliveries a second" },
  cpu: { unit: "s", what: "CPU seconds of all processes per million messages" },
  p50: { unit: "µs", what: "round trip, median" },
  p90: { unit: "µs", what: "round trip, 90th percentile" },
  p99: { unit: "µs", what: "round trip, 99th percentile" },
  p999: { unit: "µs", what: "round trip, 99.9th percentile" },
  loopDelay: { unit: "ms", what: "event-loop delay of the receiver, 99th percentile" },
  cost: { unit: "ns", what: "CPU time of the sender per message" },
  memory: { unit: "B", what: "resident bytes for each" },
  time: { unit: "ms", what: "time to import" },
  size: { unit: "kB", what: "size of the main entry, minified and gzipped" },
} as const
export type Figure = keyof typeof FIGURES

/** What one run found out. */
export type Run = Readonly<Partial<Record<Figure, number>>>

export interface Row {
  readonly name: string
  readonly contenders: readonly Contender[]
  /** One run, with processes of its own. */
  measure(contender: Contender, pace: Pace): Promise<Run>
}
