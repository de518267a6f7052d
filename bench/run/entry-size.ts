import { readdirSync } from "node:fs"
import { relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { build, type Plugin } from "esbuild"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const MAIN = "src/index.ts"

/** The doors of the package, by the names of their files. */
export const DOORS: readonly string[] = readdirSync(resolve(ROOT, "src/entries")).map(file =>
  file.replace(/\.ts$/, ""),
)

/** Bytes, minified and gzipped. */
export interface DoorSize {
  /** The door with all that it imports of ours, but for the main entry, which a program has anyway. */
  readonly loaded: number
  /** These bytes are loaded later, where they are needed: by the file that is imported then, with all that comes with it. */
  readonly later: ReadonlyMap<string, number>
}

/** Weighs a door, and each part that it loads later. What is in two parts counts in both. */
export async function doorSize(door = "index"): Promise<DoorSize> {
  // The main entry's default export is the module itself, and adds nothing.
  const file = door === "index" ? MAIN : `src/entries/${door}.ts`
  const entry = await weigh(file, new Set(door === "index" ? [] : [MAIN]))
  const later = new Map<string, number>()
  const due = [...entry.later]
  for (let part = due.shift(); part !== undefined; part = due.shift()) {
    if (later.has(part)) continue
    const { size, later: further } = await weigh(part, new Set(entry.files))
    later.set(part, size)
    due.push(...further)
  }
  return { loaded: entry.size, later }
}

interface Weighed {
  readonly size: number
  /** The files in it, and those that it loads later, from the root. */
  readonly files: readonly string[]
  readonly later: ReadonlySet<string>
}

/** @param apart files that the program has anyway, so that they don't count */
async function weigh(file: string, apart: ReadonlySet<string>): Promise<Weighed> {
  const later = new Set<string>()
  const leaveOut: Plugin = {
    name: "leave-out",
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, kind }) => {
        if (kind === "entry-point") return undefined
        const target = resolve(resolveDir, path)
        const name = relative(ROOT, target)
        if (kind === "dynamic-import") later.add(name)
        else if (!apart.has(name)) return undefined
        return { path: target, external: true }
      })
    },
  }
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [resolve(ROOT, file)],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    packages: "external",
    plugins: [leaveOut],
    target: "node20",
    write: false,
    metafile: true,
  })
  const size = outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0)
  return { size, files: Object.keys(metafile.inputs), later }
}
