/** Many copies of the library in one process: hot reload, and test runners that load modules anew for each test. */
import { expect, it, vi } from "vitest"

const EVENTS = ["exit", "beforeExit", "workerMessage"]

it("add no more listeners to the process than one copy", async () => {
  const warnings: Error[] = []
  const warned = (warning: Error) => warnings.push(warning)
  process.on("warning", warned)
  const counts: number[][] = []
  for (let copy = 0; copy < 12; copy++) {
    vi.resetModules()
    const { Pull, Push } = await import("../../src/index.ts")
    for (const address of ["tcp://127.0.0.1:*", "ipc://*", `inproc://copy-${copy}`]) {
      await using pull = new Pull()
      await using push = new Push()
      await pull.bind(address)
      push.connect(pull.lastEndpoint as string)
      await push.send("hello")
      expect(String(await pull.receive())).toBe("hello")
    }
    counts.push(EVENTS.map(event => process.listenerCount(event)))
  }
  process.off("warning", warned)
  expect(new Set(counts.map(String)).size).toBe(1)
  expect(warnings).toEqual([])
})

it("know each other's inproc names", async () => {
  const one = await import("../../src/index.ts")
  vi.resetModules()
  const other = await import("../../src/index.ts")
  expect(other.Pull).not.toBe(one.Pull)
  await using pull = new one.Pull()
  await using push = new other.Push()
  await pull.bind("inproc://between-copies")
  push.connect("inproc://between-copies")
  await push.send("hello")
  expect(String(await pull.receive())).toBe("hello")
})
