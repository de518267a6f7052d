/** Workers for the examples that run on threads. */
import { once } from "node:events"
import { Worker, workerData } from "node:worker_threads"

/** Starts a script as a worker; in compiled code this is `new Worker(script, { workerData })`. */
export function startWorker(script: string, data: object = {}): Worker {
  return new Worker(new URL("worker-start.mjs", import.meta.url), { workerData: { script, data } })
}

/** What startWorker() was given. */
export function ownData<T>(): T {
  return (workerData as { data: T }).data
}

/** Until the worker has ended; rejects when it failed. */
export async function ended(worker: Worker): Promise<void> {
  await once(worker, "exit")
}
