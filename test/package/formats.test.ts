/** The built package, loaded by import and by require() in one process. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"

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

/** Connects through a proxy that isn't there, and prints which files the library has loaded because of that. */
const LATE_SCRIPT = `
  const { Push } = require("./dist/index.cjs")
  const files = () => Object.keys(require.cache).map(path => path.replace(/.*[/]|-[^-]*[.]cjs$/g, ""))
  const before = files()
  const push = new Push({ socksProxy: "127.0.0.1:1" })
  push.events.on("connect:retry", () => {
    const late = files().filter(file => !before.includes(file) && file !== "chunk")
    console.log(JSON.stringify(late.sort()))
    process.exit()
  })
  push.connect("tcp://127.0.0.1:2")
`

async function run(...args: string[]): Promise<unknown> {
  const cwd = fileURLToPath(new URL("../..", import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd })
  return JSON.parse(stdout)
}

describe("what import and require() load", () => {
  const received = ["from the same thread", "from another"]

  it("is one copy of the library", async () => {
    expect(await run("--input-type=module", "--eval", SCRIPT)).toEqual({ areTwo: false, received })
  })

  it("is two copies that see the same inproc names where Node can't require an ES module", async () => {
    const options = ["--no-experimental-require-module", "--input-type=module", "--eval"]
    expect(await run(...options, SCRIPT)).toEqual({ areTwo: true, received })
  })

  it("comes later, where it is needed then only, in CommonJS files too", async () => {
    expect(await run("--input-type=commonjs", "--eval", LATE_SCRIPT)).toEqual(["shake-hands", "socks"])
  })
})
