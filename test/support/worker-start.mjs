/** Starts a script in TypeScript in a worker: `workerData.script` is its address. (`--import tsx` has no effect there.) */
import { workerData } from "node:worker_threads"
import { register } from "tsx/esm/api"

register()
await import(workerData.script)
