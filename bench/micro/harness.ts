import { digits } from "../report/table.ts"
import { median } from "../run/statistics.ts"

/** Something small and hot. */
export interface Subject {
  readonly name: string
  /** How many operations one call of `run` makes; enough of them for the clock not to count. */
  readonly operations: number
  /** What it returns must depend on the work done, or the compiler might leave it out. */
  run(): number | Promise<number>
}

const WARM_UP = 300
const TIMED = 700

let kept = 0

/** Nanoseconds per operation: warm-up, then the median over as many calls as the time allows. */
export async function measure(subject: Subject): Promise<string> {
  await timeCalls(subject, WARM_UP)
  const times = await timeCalls(subject, TIMED)
  const typical = median(times)
  const fastest = Math.min(...times)
  const millions = digits(1e3 / typical)
  return `${subject.name.padEnd(46)} ${digits(typical).padStart(8)} ns  (best ${digits(fastest)}, ${millions} M/s)`
}

async function timeCalls({ run, operations }: Subject, milliseconds: number): Promise<number[]> {
  const times: number[] = []
  for (const end = performance.now() + milliseconds; performance.now() < end; ) {
    const start = process.hrtime.bigint()
    const result = run()
    kept += typeof result === "number" ? result : await result
    times.push(Number(process.hrtime.bigint() - start) / operations)
  }
  return times
}

/** A use of all results. */
export function checksum(): number {
  return kept
}
