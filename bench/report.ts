/** The figures as tables, and whether they reach the targets. */
import { LIBRARIES, type Library, type Measured, messageRate, type Run, sizeName } from "./rows.ts"
import { median, type Summary, summarize } from "./statistics.ts"
import { digits, left, right, short, table } from "./table.ts"

/** At 64 bytes over tcp, ours is to be so many times as fast as the native package. */
const THROUGHPUT_TARGET = 5

export function report(measured: readonly Measured[], markdown: boolean): string {
  const throughput = measured.filter(({ row }) => row.kind === "push-pull")
  const roundTrips = measured.filter(({ row }) => row.kind === "req-rep")
  const sections: string[] = []
  if (throughput.length > 0) sections.push(throughputTable(throughput, markdown))
  if (roundTrips.length > 0) sections.push(roundTripTable(roundTrips, markdown))
  sections.push(targets(measured).join("\n"))
  return sections.join("\n\n")
}

function throughputTable(measured: readonly Measured[], markdown: boolean): string {
  const perLibrary = LIBRARIES.flatMap(name => [
    right(`${name} msg/s`),
    right("min–max"),
    right(`${name} MB/s`),
    right("min–max"),
  ])
  const columns = [left("transport"), right("size"), ...perLibrary, right("ours ÷ native")]
  const rows = measured.map(one => {
    const cells = LIBRARIES.flatMap(name => {
      const rate = over(one, name, messageRate)
      const megabytes = over(one, name, run => (messageRate(run) * one.row.size) / 1e6)
      return [short(rate.median), span(rate, short), digits(megabytes.median), span(megabytes, digits)]
    })
    return [one.row.transport, sizeName(one.row.size), ...cells, `${digits(throughputRatio(one))}×`]
  })
  return `${title("PUSH → PULL: messages a second, median over the runs", markdown)}\n${table(columns, rows, markdown)}`
}

function roundTripTable(measured: readonly Measured[], markdown: boolean): string {
  const perLibrary = LIBRARIES.flatMap(name => [
    right(`${name} median`),
    right("min–max"),
    right(`${name} p99`),
    right("min–max"),
  ])
  const columns = [left("transport"), right("size"), ...perLibrary, right("native ÷ ours")]
  const rows = measured.map(one => {
    const cells = LIBRARIES.flatMap(name => {
      const middle = over(one, name, medianTrip)
      const slow = over(one, name, run => run.roundTrip!.p99)
      return [digits(middle.median), span(middle, digits), digits(slow.median), span(slow, digits)]
    })
    return [one.row.transport, sizeName(one.row.size), ...cells, `${digits(roundTripRatio(one))}×`]
  })
  return `${title("REQ/REP: µs per round trip, median over the runs", markdown)}\n${table(columns, rows, markdown)}`
}

/** One line per target. A row that was left out leaves its target open. */
function targets(measured: readonly Measured[]): string[] {
  const small = measured.find(({ row }) => row.name === "push-pull tcp 64 B")
  const trips = measured.filter(({ row }) => row.kind === "req-rep")
  const ratios = trips.map(one => `${one.row.transport} ${digits(roundTripRatio(one))}×`)
  return [
    verdict(
      `PUSH → PULL of 64 B over tcp at least ${THROUGHPUT_TARGET}× as fast as native`,
      small && throughputRatio(small) >= THROUGHPUT_TARGET,
      small && `${digits(throughputRatio(small))}×`,
    ),
    verdict(
      "REQ/REP round trip faster than native",
      trips.length > 0 ? trips.every(one => roundTripRatio(one) > 1) : undefined,
      ratios.join(", "),
    ),
  ]
}

function verdict(target: string, met: boolean | undefined, evidence = ""): string {
  if (met === undefined) return `Target ${target}: not measured`
  return `Target ${target}: ${met ? "met" : "not met"} (${evidence})`
}

function throughputRatio({ runs }: Measured): number {
  return median(runs.ours.map(messageRate)) / median(runs.native.map(messageRate))
}

/** Above 1 when ours is faster. */
function roundTripRatio({ runs }: Measured): number {
  return median(runs.native.map(medianTrip)) / median(runs.ours.map(medianTrip))
}

function medianTrip(run: Run): number {
  return run.roundTrip!.median
}

function over({ runs }: Measured, library: Library, value: (run: Run) => number): Summary {
  return summarize(runs[library].map(value))
}

function span({ min, max }: Summary, text: (value: number) => string): string {
  return `${text(min)}–${text(max)}`
}

function title(text: string, markdown: boolean): string {
  return markdown ? `**${text}**\n` : text
}
