/** Entry point: which role this process plays, and its exit code. See README.md. */
import { constants } from "node:os"
import { fileURLToPath } from "node:url"
import { Complaint } from "./complaint.ts"
import { counted, Display, progressLine, rate } from "./display.ts"
import { ask } from "./door.ts"
import { Job } from "./job.ts"
import { type CountOptions, parseOptions, USAGE } from "./options.ts"
import { outcome } from "./outcome.ts"
import { changedSince, countAlone } from "./verify.ts"
import { joinJob } from "./worker.ts"

const PROJECT = fileURLToPath(new URL("../../", import.meta.url))
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const

async function main(signal: AbortSignal): Promise<void> {
  const options = parseOptions(process.argv.slice(2), PROJECT)
  if (options.role === "help") console.log(USAGE)
  else if (options.role === "state") await printState(options.endpoint)
  else if (options.role === "join") await joinJob(options, signal)
  else await count(options, signal)
}

async function printState(endpoint: string): Promise<void> {
  const state = await ask(endpoint, { type: "state" })
  if (state.type !== "state") return
  console.log(`${state.phase} ${state.folder} for ${state.seconds.toFixed(1)} s`)
  console.log(progressLine(state))
  for (const { name, items } of state.workers) console.log(`  ${name}: ${counted(items, "item")}`)
}

async function count(options: CountOptions, signal: AbortSignal): Promise<void> {
  const begin = Date.now()
  const display = new Display(process.stderr)
  const job = new Job(options, display)
  await job.run(signal)
  if (signal.aborted) return display.say("interrupted: the count is not complete")
  console.log(outcome(job))
  if (options.verify) await verify(job, options.folder, begin, signal)
}

async function verify(job: Job, folder: string, begin: number, signal: AbortSignal): Promise<void> {
  const start = performance.now()
  const alone = await countAlone(folder, job.listing, signal)
  if (signal.aborted) return
  const seconds = (performance.now() - start) / 1000
  const differences = job.sink.totals.differences(alone)
  if (differences.length === 0) {
    console.log(
      `verified: same totals (one process alone: ${seconds.toFixed(2)} s  ${rate(alone.bytes, seconds)})`,
    )
    return
  }
  const changed = changedSince(folder, job.listing, begin)
  const excuse = changed.length > 0 ? `\nfiles changed meanwhile: ${changed.slice(0, 10).join(", ")}` : ""
  throw new Complaint(`not verified, the totals differ: ${differences.join("; ")}${excuse}`, 1)
}

const stop = new AbortController()
for (const name of SIGNALS) {
  // Once: the second one ends the process at once.
  process.once(name, () => {
    process.exitCode = 128 + constants.signals[name]
    stop.abort()
  })
}
try {
  await main(stop.signal)
} catch (error) {
  if (!(error instanceof Complaint)) throw error
  console.error(`word-count: ${error.message}`)
  process.exitCode = error.exitCode
}
