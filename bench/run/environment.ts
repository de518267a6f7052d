import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { arch, cpus, totalmem, type } from "node:os"

const require = createRequire(import.meta.url)

/** What the figures depend on. */
export interface Environment {
  readonly cpu: string
  readonly cores: number
  readonly memory: number
  readonly system: string
  readonly node: string
  readonly versions: { readonly ours: string; readonly native: string; readonly libzmq: string }
}

export function describeEnvironment(): Environment {
  const processors = cpus()
  const native = require("zeromq") as { version: string }
  return {
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memory: totalmem(),
    system: `${type()} ${arch()}`,
    node: process.version,
    versions: {
      ours: versionIn(new URL("../../package.json", import.meta.url)),
      native: versionIn(require.resolve("zeromq/package.json")),
      libzmq: native.version,
    },
  }
}

export function environmentText({ cpu, cores, memory, system, node, versions }: Environment): string {
  const machine = `${cpu}, ${cores} cores, ${(memory / 2 ** 30).toFixed(0)} GiB, ${system}`
  const libraries = `zeromq-ts ${versions.ours}, native zeromq ${versions.native} (libzmq ${versions.libzmq})`
  return `${machine}\nNode ${node}, ${libraries}`
}

function versionIn(file: string | URL): string {
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version
}
