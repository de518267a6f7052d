/** `npm run bench`: this library against the native package, each end of a socket in a process of its own. */
import { writeFileSync } from "node:fs"
import { type Arguments, parseArguments, USAGE } from "./arguments.ts"
import { describeEnvironment, environmentText } from "./environment.ts"
import { Progress } from "./progress.ts"
import { report } from "./report.ts"
import { LIBRARIES, type Library, type Measured, ROWS, type Row, type Run } from "./rows.ts"
import { FULL, measure, QUICK } from "./runner.ts"

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

/** Both libraries in turn; who begins alternates, so that neither always has the other's heat. */
function turnsOf(run: number): readonly Library[] {
  return run % 2 === 0 ? LIBRARIES : [...LIBRARIES].reverse()
}

async function measureAll(rows: readonly Row[], { runs, quick, profile }: Arguments): Promise<Measured[]> {
  const progress = new Progress(rows.length * runs)
  const measured: Measured[] = []
  for (const row of rows) {
    const results: Record<Library, Run[]> = { ours: [], native: [] }
    for (let run = 0; run < runs; run++) {
      progress.begin(`${row.name}, run ${run + 1} of ${runs}`)
      for (const library of turnsOf(run)) {
        results[library].push(await measure(row, library, quick ? QUICK : FULL, profile))
      }
    }
    measured.push({ row, runs: results })
  }
  progress.end()
  return measured
}

const options = readArguments()
if (options.help) {
  process.stdout.write(USAGE)
  process.exit()
}
const rows = ROWS.filter(
  ({ name }) => options.only.length === 0 || options.only.some(part => name.includes(part)),
)
if (rows.length === 0)
  refuse(`no row has such a name; there are:\n${ROWS.map(({ name }) => `  ${name}`).join("\n")}`)

try {
  const environment = describeEnvironment()
  const text = environmentText(environment)
  process.stdout.write(`${text}\n\n`)
  const measured = await measureAll(rows, options)
  process.stdout.write(`${report(measured, options.markdown)}\n`)
  if (options.json !== undefined) {
    const raw = { environment, quick: options.quick, measured }
    writeFileSync(options.json, `${JSON.stringify(raw, undefined, 2)}\n`)
  }
} catch (error) {
  process.stderr.write(`\nbench: ${(error as Error).message}\n`)
  process.exit(1)
}
