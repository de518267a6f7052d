/**
 * zeromqjs.md 2.10: a worker thread that ends takes its sockets along and nothing else, whatever is pending in it.
 * (The native package ends the whole process.) Each case is a process of its own, so that its death would be seen.
 */
import { describe, expect, it } from "vitest"
import { compiled, script } from "../support/compiled.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { Program } from "../support/program.ts"

const library = JSON.stringify(compiled(new URL("../../src/index.ts", import.meta.url)))

/** The worker binds a PULL, then does what the case says. */
const worker = (endpoint: string, act: string) => `
  import { parentPort } from "node:worker_threads"
  const { Pull, Push } = await import(${library})
  const pull = new Pull()
  await pull.bind(${JSON.stringify(endpoint)})
  const push = new Push()
  push.connect("tcp://127.0.0.1:1")
  await push.send("never delivered")
  ${act}`

const program = (endpoint: string, act: string, parent: string) => `
  import { once } from "node:events"
  import { Worker } from "node:worker_threads"
  import { Pull } from ${library}
  const worker = new Worker(${JSON.stringify(worker(endpoint, act))}, { eval: true })
  ${parent}
  const pull = new Pull()
  for (;;) {
    const busy = await pull.bind(${JSON.stringify(endpoint)}).then(() => false, () => true)
    if (!busy) break
  }
  console.log("free")`

const WAITING = `pull.receive().catch(() => {})
  push.send("blocked").catch(() => {})
  pull.events.on("accept", () => {})
  parentPort.postMessage("waiting")`

const cases: Readonly<Record<string, { act: string; parent: string }>> = {
  "worker.terminate() while operations are pending": {
    act: WAITING,
    parent: `await once(worker, "message")
      console.log("ended", await worker.terminate())`,
  },
  "process.exit() inside the worker while operations are pending": {
    act: `${WAITING}
      process.exit(1)`,
    parent: `console.log("ended", (await once(worker, "exit"))[0])`,
  },
  "an exception in the worker while operations are pending": {
    act: `${WAITING}
      setImmediate(() => { throw new Error("on purpose") })`,
    parent: `worker.on("error", () => {})
      console.log("ended", await new Promise(resolve => worker.once("exit", resolve)))`,
  },
}

describe("the process goes on, and the worker's address is free, after", () => {
  it.each(Object.entries(cases))("%s", async (_name, { act, parent }) => {
    const text = program(await freeEndpoint("tcp"), act, parent)
    const main = new Program([script(text)])
    const code = await main.ended
    expect(main.errors).toBe("")
    expect(code).toBe(0)
    expect(main.output).toEqual(["ended 1", "free"])
  })
})
