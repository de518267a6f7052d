/** Runs one section of the table on one library, and sends what came of it. `run.ts native|ours SECTION` */
import { describeError, type Library, type Rows } from "./row.ts"

const [library, section] = process.argv.slice(2)
const zmq = (library === "native" ? await import("zeromq") : await import("../../src/index.ts")) as Library
const { rows } = (await import(`./rows/${section}.ts`)) as { rows: Rows }

const results: Record<string, unknown> = {}
for (const [name, row] of Object.entries(rows)) {
  const run = typeof row === "function" ? row : row.run
  try {
    results[name] = { result: await run(zmq) }
  } catch (error) {
    results[name] = { failed: describeError(error) }
  }
}
// What still waits dies here: the native package's pending operations would keep the process.
process.send?.(results, () => process.exit())
