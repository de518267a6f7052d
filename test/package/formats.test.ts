/** The built package, loaded both ways in one process: two copies, one set of names. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, it } from "vitest"

const SCRIPT = `
  import { createRequire } from "node:module"
  import { Worker } from "node:worker_threads"
  import * as imported from "zeromq-ts"
  const required = createRequire(import.meta.url)("zeromq-ts")

  const pull = new imported.Pull()
  await pull.bind("inproc://formats")
  const push = new required.Push()
  push.connect("inproc://formats")
  await push.send("from the same thread")
  const received = [String(await pull.receive())]
  new Worker(\`
    const { Push } = require("zeromq-ts")
    const push = new Push()
    push.connect("inproc://formats")
    push.send("from another")
  \`, { eval: true, execArgv: [] })
  received.push(String(await pull.receive()))
  console.log(JSON.stringify({ areTwo: imported.Push !== required.Push, received }))
`

it("what import and require() load see the same inproc names, in one thread and between two", async () => {
  const cwd = fileURLToPath(new URL("../..", import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", SCRIPT], {
    cwd,
  })
  expect(JSON.parse(stdout)).toEqual({
    areTwo: true,
    received: ["from the same thread", "from another"],
  })
}, 30_000)
