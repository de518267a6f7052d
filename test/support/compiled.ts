/**
 * Scripts in TypeScript for processes and workers of their own. Each is compiled once in a run of the tests, because
 * translating it anew in each process takes longer than most of them live.
 */
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { buildSync } from "esbuild"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))
/** Inside the project, so that packages are found. */
const CACHE = join(ROOT, "node_modules/.cache")

/** Names the folder of this run to the processes that run the tests. */
const VARIABLE = "ZEROMQ_TS_COMPILED"

/** The path of the script as JavaScript, with all that it imports but packages. `import.meta` is that of the output. */
export function compiled(typescript: URL): string {
  const source = fileURLToPath(typescript)
  const path = join(folder(), relative(ROOT, source).replace(/[/\\]/g, "-").replace(/ts$/, "mjs"))
  if (!existsSync(path)) {
    // Another process may be about to make the same file.
    const draft = `${path}.${process.pid}`
    writeFileSync(draft, textOf(source))
    renameSync(draft, path)
  }
  return path
}

/** The path of a file with this text, which is an ES module. */
export function script(text: string): string {
  const path = join(folder(), `${createHash("sha256").update(text).digest("hex")}.mjs`)
  writeFileSync(path, text)
  return path
}

function textOf(path: string): Uint8Array {
  const { outputFiles } = buildSync({
    entryPoints: [path],
    write: false,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
  })
  return outputFiles[0]!.contents
}

function folder(): string {
  process.env[VARIABLE] ??= makeFolder()
  return process.env[VARIABLE]
}

function makeFolder(): string {
  mkdirSync(CACHE, { recursive: true })
  const made = mkdtempSync(join(CACHE, "tests-"))
  process.on("exit", () => rmSync(made, { recursive: true, force: true }))
  return made
}

/** Vitest calls it before it starts the processes that run the tests: they share one folder. */
export function setup(): void {
  folder()
}
