/**
 * Sends jobs of 1 KiB to whoever takes them, and ends: `ventilator.ts WAY ENDPOINT COUNT`. Says what drain() has told, and
 * when it is still here after half a second.
 */
import { Push } from "../../src/index.ts"

const [way, endpoint = "", count] = process.argv.slice(2)

// No send waits for the worker.
const push = new Push({ sendHighWaterMark: 0 })
if (way === "unbind") {
  await push.bind(endpoint)
  process.stdout.write(`${push.lastEndpoint}\n`)
} else {
  push.connect(endpoint)
}
const job = Buffer.alloc(1024)
for (let n = 0; n < Number(count); n++) await push.send(job)

setTimeout(() => process.stdout.write("still here\n"), 500).unref()
if (way === "drain") process.stdout.write(`${JSON.stringify(await push.drain())}\n`)
if (way === "close") push.close()
if (way === "disconnect") push.disconnect(endpoint)
if (way === "unbind") await push.unbind(push.lastEndpoint as string)
