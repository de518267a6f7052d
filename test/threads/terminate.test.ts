/** These tests hold the words of docs/worker-messaging.md about `worker.terminate()`. */
import { Worker } from "node:worker_threads"
import { expect, it, onTestFinished } from "vitest"
import { Pull } from "../../src/index.ts"
import { compiled } from "../support/compiled.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { until } from "../support/events.ts"

it.each([
  ["all that was sent before its last turn", "turn", 1000],
  ["all but the last turn of a loop of awaited sends", "await", 1000 - 512],
])("of a worker that is terminated, %s arrives", async (_what, way, least) => {
  const endpoint = await freeEndpoint("inproc")
  const pull = new Pull({ receiveHighWaterMark: 0 })
  onTestFinished(() => pull.close())
  await pull.bind(endpoint)
  const script = compiled(new URL("../support/send-and-hang.ts", import.meta.url))
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(script, { workerData: { endpoint, way, count: 1000, gate } })
  onTestFinished(() => void worker.terminate())
  const gone = new Promise<void>(resolve => pull.events.on("disconnect", () => resolve()))
  await until(() => Atomics.load(gate, 0) === 1)
  await worker.terminate()
  await gone
  let count = 0
  for (; pull.readable; count++) expect(String((await pull.receive())[0])).toBe(String(count))
  expect(count).toBeGreaterThanOrEqual(least)
})
