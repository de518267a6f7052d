/** A worker that sends numbered messages, lets its turn end or not, says so by the gate, and hangs. */
import { workerData } from "node:worker_threads"
import { Push } from "../../src/index.ts"

const { endpoint, way, count, gate } = workerData as {
  endpoint: string
  way: "turn" | "await"
  count: number
  gate: Int32Array<SharedArrayBuffer>
}
const push = new Push({ immediate: true })
push.connect(endpoint)
for (let n = 0; n < count; n++) await push.send(String(n))
if (way === "turn") await new Promise(resolve => setImmediate(resolve))
Atomics.store(gate, 0, 1)
Atomics.notify(gate, 0)
for (;;);
