/** Starts a script in TypeScript in a worker: `workerData.script` is its address. With compiled code none of this is needed. */
import { workerData } from "node:worker_threads"
import { register } from "tsx/esm/api"

register()
await import(workerData.script)
