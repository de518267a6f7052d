/** `npm run bench`: this library against the native package, libzmq in C, and the bare node:net. */
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { type Arguments, parseArguments, USAGE } from "./arguments.ts"
import { drawCharts } from "./report/charts.ts"
import { details } from "./report/details.ts"
import { type Measured, Results } from "./report/results.ts"
import { verdicts } from "./report/verdicts.ts"
import { ROWS } from "./rows/all.ts"
import { describeEnvironment, type Environment, environmentText } from "./run/environment.ts"
import { contendersHere, measureAll } from "./run/measure.ts"
import { profileInto } from "./run/profiles.ts"

/** What --json writes and --from reads. */
interface Record {
  readonly environment: Environment
  readonly quick: boolean
  readonly measured: readonly Measured[]
}

const CHARTS = fileURLToPath(new URL("results/", import.meta.url))

function readArguments(): Arguments {
  try {
    return parseArguments(process.argv.slice(2))
  } catch (error) {
    return refuse((error as Error).message)
  }
}

function refuse(message: string): never {
  process.stderr.write(`${message}\n\n${USAGE}`)
  process.exit(2)
}

function read(files: readonly string[]): Record {
  const records = files.map(file => JSON.parse(readFileSync(file, "utf8")) as Record)
  const measured = new Map(records.flatMap(one => one.measured.map(row => [row.row, row] as const)))
  return { ...records.at(-1)!, quick: records.some(({ quick }) => quick), measured: [...measured.values()] }
}

async function measure(options: Arguments): Promise<Record> {
  const rows = ROWS.filter(
    ({ name }) => options.only.length === 0 || options.only.some(part => name.includes(part)),
  )
  if (rows.length === 0)
    refuse(`no row has such a name; there are:\n${ROWS.map(({ name }) => `  ${name}`).join("\n")}`)
  if (options.profile !== undefined) profileInto(options.profile)
  const environment = describeEnvironment()
  const measured = await measureAll(rows, contendersHere(options), options)
  return { environment, quick: options.quick, measured }
}

function report(record: Record, options: Arguments): void {
  const style = options.markdown ? "markdown" : "text"
  const results = new Results(record.measured)
  const sections = [environmentText(record.environment), verdicts(results, style)]
  if (options.details) sections.push(details(results, style))
  process.stdout.write(`${sections.join("\n\n")}\n`)
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(record, undefined, 2)}\n`)
  const isWhole = !record.quick && record.measured.length === ROWS.length
  const target = options.charts ?? (isWhole ? CHARTS : undefined)
  if (target !== undefined) drawCharts(results, target)
}

const options = readArguments()
if (options.help) {
  process.stdout.write(USAGE)
  process.exit()
}
try {
  report(options.from.length > 0 ? read(options.from) : await measure(options), options)
} catch (error) {
  process.stderr.write(`\nbench: ${(error as Error).message}\n`)
  process.exit(1)
}
