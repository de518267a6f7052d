import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { build, type Plugin } from "esbuild"

const SRC = fileURLToPath(new URL("../../src/", import.meta.url))
const MAIN = `${SRC}index.ts`

/** The doors of the package, by the names of their files. */
export const DOORS: readonly string[] = readdirSync(`${SRC}entries`).map(file => file.replace(/\.ts$/, ""))

/** A program that comes in by another door has the main entry as well, so that it doesn't count twice. */
const mainEntryApart: Plugin = {
  name: "main-entry-apart",
  setup({ onResolve }) {
    onResolve({ filter: /\/index\.ts$/ }, ({ path, resolveDir, kind }) => {
      const isMain = fileURLToPath(new URL(path, `file://${resolveDir}/`)) === MAIN
      return kind !== "entry-point" && isMain ? { path: MAIN, external: true } : undefined
    })
  },
}

/** Bytes of a door with all that it imports of ours, but for the main entry, minified and gzipped. */
export async function doorSize(door = "index"): Promise<number> {
  const { outputFiles } = await build({
    // The main entry's default export is the module itself, and adds nothing.
    entryPoints: [door === "index" ? MAIN : `${SRC}entries/${door}.ts`],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    packages: "external",
    plugins: [mainEntryApart],
    target: "node20",
    write: false,
  })
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0)
}
