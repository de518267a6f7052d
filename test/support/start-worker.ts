import { pathToFileURL } from "node:url"
import { Worker, type WorkerOptions } from "node:worker_threads"
import { compiled } from "./compiled.ts"

/** The address of a script in TypeScript, for a worker. */
export function workerScript(script: URL): URL {
  return pathToFileURL(compiled(script))
}

/** A worker that runs a script in TypeScript. */
export function startWorker(script: URL, options: WorkerOptions = {}): Worker {
  return new Worker(workerScript(script), options)
}
