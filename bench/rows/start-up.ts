import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { PROGRAMS } from "../run/contenders.ts"
import { doorSize } from "../run/entry-size.ts"
import { workshop } from "../run/workshop.ts"
import type { Row } from "./row.ts"

const run = promisify(execFile)

const SCRIPT = (name: string) => `
  const before = performance.now()
  await import(${JSON.stringify(name)})
  console.log(performance.now() - before)
`

/** What a program pays before its first line: a fresh process each time, its files in the system's cache. */
export const startUp: readonly Row[] = [
  {
    name: "import",
    contenders: ["ours", "native"],
    async measure(contender) {
      const program = PROGRAMS[contender]
      if (program.kind !== "node") throw new Error(`${contender} is no package`)
      const args = ["--input-type=module", "--eval", SCRIPT(program.packageName)]
      const { stdout } = await run(process.execPath, args, { cwd: workshop().folder })
      const time = Number(stdout)
      return contender === "ours" ? { time, size: (await doorSize()).loaded / 1000 } : { time }
    },
  },
]
