import { Worker, type WorkerOptions } from "node:worker_threads"

/** A worker that runs a script in TypeScript. */
export function startWorker(script: URL, options: WorkerOptions = {}): Worker {
  const workerData = { ...options.workerData, script: script.href }
  return new Worker(new URL("worker-start.mjs", import.meta.url), { ...options, workerData })
}
