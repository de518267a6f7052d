/**
 * Sends jobs until no more are taken, says how many, waits for the end of its input without letting its event loop
 * turn, and exits: `exit-when-told.ts ENDPOINT`.
 */
import { readSync, writeSync } from "node:fs"
import { Push } from "../../src/index.ts"
import { nextEvent } from "./events.ts"

// With what waits before the queue, less than the kernel has room for.
const push = new Push({ sendHighWaterMark: 20 })
const standing = nextEvent(push, "handshake")
push.connect(process.argv[2] as string)
await standing
let count = 0
while (push.writable) await push.send(`job ${count++};`.padEnd(1024, "."))
writeSync(1, `full\n${count}\n`)
while (readSync(0, Buffer.alloc(1)) > 0);
process.exit()
