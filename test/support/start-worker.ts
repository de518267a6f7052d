import { fileURLToPath } from "node:url"
import { Worker, type WorkerOptions } from "node:worker_threads"
import { buildSync } from "esbuild"

const bundles = new Map<string, URL>()

/**
 * A script in TypeScript with all that it imports, as JavaScript in an address. It is made once per process: to
 * translate anew in each worker would take longer than most of them live.
 */
export function bundleOf(script: URL): URL {
  const bundle = bundles.get(script.href) ?? new URL(`data:text/javascript;base64,${bundled(script)}`)
  bundles.set(script.href, bundle)
  return bundle
}

/** A worker that runs a script in TypeScript. */
export function startWorker(script: URL, options: WorkerOptions = {}): Worker {
  return new Worker(bundleOf(script), options)
}

function bundled(script: URL): string {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(script)],
    write: false,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["zeromq"],
  })
  return Buffer.from(outputFiles[0]!.contents).toString("base64")
}
